/** How a world's webhooks are received and answered: Standard Webhooks in, signed callbacks out. */
import { readCallbackUrl } from '../adapters/transport/callback-url.ts';
import { createCallbackTransport } from '../adapters/transport/callback.ts';
import type { Log } from '../adapters/observe/log.ts';
import { systemClock } from '../adapters/system.ts';
import { type HostPort, hostPortOf } from '../base/host-port.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CallbackSettings, WebhookSettings } from '../config.ts';
import { createDispatch } from '../core/dispatch.ts';
import type { Reason } from '../core/outcome.ts';
import type { Source } from '../core/pipeline.ts';
import type { Receipt } from '../core/ports.ts';
import type { Envelope, Job, NotOurs, Protocol } from '../core/protocol.ts';
import { standardWebhooksScheme } from '../core/verify.ts';
import { VERSION } from '../version.ts';
import type { ClosableTransport } from './world.ts';

export interface CallbackWorld {
  readonly name: string;
  /** Milliseconds within which a sender must hear something. */
  readonly patience: number;
  readonly webhook: WebhookSettings;
  readonly callbacks: CallbackSettings;
  /** Fields that hold a raw key where a careless sender puts one. */
  readonly secretFields: readonly string[];
  /** Whether its keys are there; absent: from the start. */
  readonly isReady?: () => boolean;
}

export interface Callbacks {
  readonly sources: readonly Source[];
  readonly transport: ClosableTransport;
}

/** Without webhooks nothing is ever said to anybody but in replies; what is set by half is told. */
export function composeCallbacks(
  { name, patience, webhook, callbacks, secretFields, isReady }: CallbackWorld,
  { protocol, log }: { readonly protocol: Protocol; readonly log: Pick<Log, 'say'> },
): Result<Callbacks, Reason> {
  if (!webhook.on) {
    const { why } = webhook;
    if (why !== undefined) log.say('warn', 'webhook off', { world: name, why });
    return ok({ sources: [], transport: SILENT });
  }
  const { allowedHosts, allowPrivate, declineMode } = callbacks;
  const url =
    webhook.callbackUrl === undefined
      ? undefined
      : readCallbackUrl(webhook.callbackUrl, {
          allowedHosts: ownHost(webhook.callbackUrl),
          allowPrivate,
        });
  if (url?.ok === false) return url;
  const transport = createCallbackTransport(
    {
      ...(webhook.callbackUrl === undefined ? {} : { url: webhook.callbackUrl }),
      secrets: webhook.callbackSecrets,
      declineMode,
      allowedHosts,
      allowPrivate,
      userAgent: `countersign/${VERSION}`,
    },
    { clock: systemClock },
  );
  const dispatch = createDispatch([protocol]);
  const source: Source = {
    name,
    verify: standardWebhooksScheme(webhook.secrets),
    dispatch: (envelope: Envelope): Result<Job, NotOurs> => {
      const { callbackUrl } = envelope;
      const refused = callbackUrl === undefined ? undefined : transport.refusalOf(callbackUrl);
      return refused === undefined
        ? dispatch(envelope)
        : err({ kind: 'malformed', reason: refused });
    },
    screen: ({ data }) => (holdsField(data, secretFields) ? RAW_KEY : undefined),
    ...(isReady === undefined ? {} : { isReady }),
    acknowledge: 'accepted',
    patience,
  };
  return ok({ sources: [source], transport });
}

const RAW_KEY: Reason = {
  code: 'webhook.raw_key',
  message: 'an event must not carry a private key; name a stored one, and take that key out of use',
};

function holdsField(value: JsonValue | undefined, names: readonly string[]): boolean {
  if (isJsonArray(value)) return value.some((item) => holdsField(item, names));
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(
    ([name, member]) => names.includes(name) || holdsField(member, names),
  );
}

/** The operator's own choice allows its host. */
function ownHost(text: string): readonly HostPort[] {
  const url = URL.parse(text);
  return url === null ? [] : [hostPortOf(url)];
}

const SILENT: ClosableTransport = Object.freeze({
  route: () => 'callback:none',
  send: (): Promise<Receipt> =>
    Promise.resolve({
      kind: 'rejected',
      reason: { code: 'callback.off', message: 'the webhook of this world is off' },
    }),
  close: () => Promise.resolve(),
});

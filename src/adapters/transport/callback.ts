/**
 * Delivers callbacks: JSON, signed by Standard Webhooks, to places that the operator allows.
 *
 * The URL is judged anew for every attempt. Of the reply only the status counts; its body is read,
 * up to a limit, so that the connection can be kept, and is looked at by nobody.
 */
import { type HostPort, hostPortOf } from '../../base/host-port.ts';
import { stringifyJson } from '../../base/json.ts';
import { err, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Clock, Receipt, Transport } from '../../core/ports.ts';
import type { Words } from '../../core/protocol.ts';
import { webhookHeaders, webhookId } from '../../core/standard-webhooks.ts';
import { receiptOfCallback } from './callback-receipt.ts';
import { declineUrl, readCallbackUrl } from './callback-url.ts';
import { createPoster, type ExchangeLimits } from './exchange.ts';
import { createGuardedConnect, type Resolve } from './guarded-connect.ts';
import { isAllowedAddress } from './public-address.ts';

export interface CallbackTransportOptions {
  /** Where callbacks go whose request names no URL; its host is allowed by that. */
  readonly url?: string;
  /** Keys to sign with; several while one is being replaced. */
  readonly secrets: readonly Secret[];
  /** Whether declines go to `/decline_to_sign` beneath the URL's path, or to the URL itself. */
  readonly declineMode: 'path' | 'same';
  /** Where requests may ask callbacks to be sent. */
  readonly allowedHosts: readonly HostPort[];
  /** Also to loopback and private addresses, and without TLS. */
  readonly allowPrivate: boolean;
  readonly userAgent: string;
  readonly limits?: Partial<ExchangeLimits>;
  /** Certificate authority to trust instead of Node's own, in PEM. */
  readonly ca?: string;
}

export interface CallbackTransportDeps {
  readonly clock: Clock;
  /** Looks names up instead of the system. */
  readonly resolve?: Resolve;
}

export interface CallbackTransport extends Transport<Words> {
  /** Why a URL that a request names will not be used; for refusing the request itself. */
  readonly refusalOf: (url: string) => Reason | undefined;
  /** Breaks off what is under way; its receipts then say `unknown` or `retry`. */
  readonly close: () => Promise<void>;
}

/** Receivers are given 15 to 30 seconds (Standard Webhooks, "Request timeouts"). */
const LIMITS: ExchangeLimits = {
  connectTimeout: 5_000,
  totalTimeout: 15_000,
  maxAnswerBytes: 65_536,
  maxConnections: 32,
};

type Callback = Words & { readonly kind: 'callback' };

export function createCallbackTransport(
  options: CallbackTransportOptions,
  deps: CallbackTransportDeps,
): CallbackTransport {
  const { clock } = deps;
  const { secrets, declineMode, allowPrivate, userAgent, ca } = options;
  if (secrets.length === 0) throw new Error('callbacks cannot go out unsigned');
  const limits = { ...LIMITS, ...options.limits };
  const configured = options.url === undefined ? null : URL.parse(options.url);
  const own = configured === null ? [] : [hostPortOf(configured)];
  const rules = { allowedHosts: [...own, ...options.allowedHosts], allowPrivate };
  const connect = createGuardedConnect(
    {
      isAllowed: (address) => isAllowedAddress(address, allowPrivate),
      timeout: limits.connectTimeout,
      ...(ca === undefined ? {} : { ca }),
    },
    deps,
  );
  const poster = createPoster(limits, { clock, connect });

  function target(message: Callback): Result<URL, Reason> {
    const url = message.url ?? options.url;
    return url === undefined ? err(NOWHERE) : readCallbackUrl(url, rules);
  }

  async function send(anyMessage: Words): Promise<Receipt> {
    const message = callbackOf(anyMessage);
    const url = target(message);
    if (!url.ok) return { kind: 'rejected', reason: url.error };
    const body = stringifyJson(message.body);
    const id = webhookId(message.eventId, message.ending);
    const headers = {
      'content-type': 'application/json',
      'user-agent': userAgent,
      ...webhookHeaders({ id, attemptedAt: clock.now(), body }, secrets),
    };
    const isApart = message.ending === 'declined' && declineMode === 'path';
    const exchange = await poster.post(isApart ? declineUrl(url.value) : url.value, headers, body);
    return receiptOfCallback(exchange, clock.now());
  }

  return Object.freeze({
    /** Hosts that are not allowed share one route, for anyone can make them up. */
    route(message: Words): string {
      const url = target(callbackOf(message));
      return url.ok ? `callback:${url.value.host}` : 'callback:forbidden';
    },
    send,
    refusalOf(url: string): Reason | undefined {
      const read = readCallbackUrl(url, rules);
      return read.ok ? undefined : read.error;
    },
    close: () => poster.close(),
  });
}

const NOWHERE: Reason = {
  code: 'callback.no_url',
  message: 'the request names no `callback_url` and none is configured',
};

function callbackOf(message: Words): Callback {
  if (message.kind !== 'callback') throw new Error(`cannot send a ${message.kind} by callback`);
  return message;
}

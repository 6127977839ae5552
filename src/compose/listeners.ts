/** The two listeners: the webhook one may face the internet, the api one is private. */
import type { Observers } from '../adapters/observe/observer.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../core/ports.ts';
import { createApiApp, type ApiDeps } from '../http/api.ts';
import {
  type Address,
  createListener,
  DEFAULT_LIMITS,
  type Listener,
  type ListenerLimits,
} from '../http/listener.ts';
import { createRateLimit, UNLIMITED } from '../http/rate-limit.ts';
import { createRecognise } from '../http/recognise.ts';
import { createWebhookApp, type WebhookDeps, type WebhookPath } from '../http/webhook.ts';
import { VERSION } from '../version.ts';
import type { Tls } from './tls.ts';

export function webhookListener(
  { webhook }: Config,
  paths: readonly WebhookPath[],
  { intake, observers }: Pick<WebhookDeps, 'intake'> & { readonly observers: Observers },
): Listener {
  const app = createWebhookApp({ paths }, { intake, observer: observers.http });
  return createListener(webhook, { app, onRefused: reportRefused('webhook', observers) });
}

/**
 * Validator clients fail when the server closes an idle connection first, be it one that their pool
 * opened ahead of need. A history of many keys takes its time to arrive.
 */
export const API_LIMITS: ListenerLimits = {
  ...DEFAULT_LIMITS,
  keepAliveTimeout: 90_000,
  headersTimeout: 95_000,
  requestTimeout: 300_000,
};

/** A person who mistypes is not held up; a machine that guesses is, for each address. */
const GUESSES = { perSecond: 1, burst: 10 };

/** The same routes on TCP and, where configured, on a Unix socket. */
export function apiListeners(
  { api }: Config,
  deps: Omit<ApiDeps, 'observer' | 'signing' | 'guesses' | 'recognise'> & {
    readonly observers: Observers;
    readonly clock: Clock;
    readonly tls: Tls | undefined;
  },
): readonly Listener[] {
  const { clock, observers, tls } = deps;
  const recognise = createRecognise({
    knownClients: tls?.knownClients ?? (() => new Map()),
    allowedClients: api.allowedClients,
    allowInsecure: api.allowInsecure,
    dutiesOf: 'ethereum',
  });
  const limits = {
    signing: api.rateLimit === undefined ? UNLIMITED : createRateLimit(api.rateLimit, clock),
    guesses: createRateLimit(GUESSES, clock),
  };
  const addresses: readonly Address[] = [
    { host: api.host, port: api.port },
    ...(api.socket === undefined ? [] : [{ socket: api.socket }]),
  ];
  return addresses.map((address) => {
    const options = {
      version: VERSION,
      allowedHosts: api.allowedHosts,
      auth: api.auth,
      overSocket: 'socket' in address,
    };
    const app = createApiApp(options, { ...deps, ...limits, recognise, observer: observers.http });
    const encryption =
      tls === undefined || options.overSocket
        ? {}
        : // Who shows no certificate may still show a token; a foreign one proves nothing.
          { tls: { ...tls.identity.context, requestCert: true, rejectUnauthorized: false } };
    const onRefused = reportRefused('api', observers);
    return createListener(address, { app, onRefused, ...encryption }, API_LIMITS);
  });
}

function reportRefused(listener: string, { http }: Observers): (status: number) => void {
  return (status) => {
    http.exchange({ listener, route: 'none', status, milliseconds: 0, requestId: '' });
  };
}

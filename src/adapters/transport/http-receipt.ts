/**
 * What connection and status prove about a POST, whatever the other side speaks.
 *
 * | observed                                                        | receipt        |
 * |-----------------------------------------------------------------|----------------|
 * | nothing was written (name lookup, connect, TLS)                 | `retry`        |
 * | written, but no status came back (reset, deadline)              | `unknown`      |
 * | 3xx: never followed, for it could lead anywhere                 | `retry`        |
 * | 401, 403                                                        | `unauthorized` |
 * | 408, 425, 429, and 503 with `Retry-After`: not taken            | `retry`        |
 * | other 5xx: a gateway or server may fail after the work was done | `unknown`      |
 *
 * Codes that begin with `transport.` say that the other side was not reached or did not answer.
 * Messages are our own words; of the answer only the status is quoted.
 */
import type { Receipt } from '../../core/ports.ts';
import type { Answered, Exchange } from './exchange.ts';
import { parseRetryAfter } from './retry-after.ts';

/** How messages speak of the other side. */
export interface OtherSide {
  readonly name: string;
  /** What to check where our credentials are not accepted. */
  readonly credentials: string;
  /** Code of a redirect. */
  readonly redirect: string;
}

/** An exchange that no status came of. */
export function receiptOfSilence(
  exchange: Exclude<Exchange, Answered>,
  { name }: OtherSide,
): Receipt {
  return exchange.kind === 'unsent'
    ? retry('transport.network', `no connection to the ${name} (${exchange.cause})`)
    : unknown(
        'transport.no_answer',
        `the ${name} took the request and did not answer (${exchange.cause})`,
      );
}

/** What the status alone settles; `undefined` where that is for the protocol to say. */
export function receiptOfStatus(
  answer: Answered,
  { name, credentials, redirect }: OtherSide,
  now: number,
): Receipt | undefined {
  const { status } = answer;
  const said = `the ${name} answered ${String(status)}`;
  if (status >= 300 && status < 400) {
    return retry(redirect, `${said}, a redirect; configure the final address`);
  }
  if (status === 401 || status === 403) {
    const message = `${said}; check ${credentials}`;
    return { kind: 'unauthorized', reason: { code: 'http.unauthorized', message } };
  }
  const retryAfter = parseRetryAfter(answer.retryAfter, now);
  if (isNotTaken(status, retryAfter)) return retry('http.not_taken', said, retryAfter);
  if (status >= 502 && status <= 504) return unknown('transport.gateway', said);
  if (status >= 500) return unknown('http.server_error', said);
  return undefined;
}

/** Statuses that say the request was not looked at, rather than that something broke. */
function isNotTaken(status: number, retryAfter: number | undefined): boolean {
  return [408, 425, 429].includes(status) || (status === 503 && retryAfter !== undefined);
}

export function retry(code: string, message: string, retryAfter?: number): Receipt {
  const reason = { code, message };
  return retryAfter === undefined
    ? { kind: 'retry', reason }
    : { kind: 'retry', reason, retryAfter };
}

export function unknown(code: string, message: string): Receipt {
  return { kind: 'unknown', reason: { code, message } };
}

export function rejected(code: string, message: string): Receipt {
  return { kind: 'rejected', reason: { code, message } };
}

/**
 * One bounded HTTP POST, and what is certain about it afterwards.
 *
 * Whether a request was ever written decides whether repeating it can do harm, and error codes do
 * not tell: a reset means one thing while connecting and another while waiting for the answer. So
 * the exchange watches the moment at which a connection takes the request, on the dispatcher itself.
 */
import { Agent, type buildConnector, type Dispatcher } from 'undici';

import { concatBytes, utf8Text } from '../../base/bytes.ts';
import type { Clock } from '../../core/ports.ts';

export type Exchange =
  /** Nothing was written: certainly not applied. */
  | { readonly kind: 'unsent'; readonly cause: string }
  /** Something was written and no status came back: may or may not be applied. */
  | { readonly kind: 'unanswered'; readonly cause: string }
  | Answered;

export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter?: string;
  /** Absent where the body was cut off, larger than the limit, or not UTF-8. */
  readonly body?: string;
}

export interface ExchangeLimits {
  /** Milliseconds to establish a connection, name lookup and TLS included. */
  readonly connectTimeout: number;
  /** Milliseconds for the whole exchange, waiting for a free connection included. */
  readonly totalTimeout: number;
  /** Largest answer that is read, in bytes. */
  readonly maxAnswerBytes: number;
  /** Connections kept to one host, and so exchanges with it at one time. */
  readonly maxConnections: number;
}

export interface Poster {
  readonly post: (
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
  ) => Promise<Exchange>;
  /** Closes idle connections and breaks the others off. */
  readonly close: () => Promise<void>;
}

/** Shorter than the idle timeouts of usual load balancers, so that we are the one who closes. */
const KEEP_ALIVE_MILLISECONDS = 15_000;

export interface PosterDeps {
  readonly clock: Clock;
  /** Opens connections, within `connectTimeout` of its own accord; default: to any address. */
  readonly connect?: buildConnector.connector;
}

/** Posts over kept-alive connections. Redirects are answers like any other. */
export function createPoster(limits: ExchangeLimits, { clock, connect }: PosterDeps): Poster {
  const agent = new Agent({
    connections: limits.maxConnections,
    connect: connect ?? { timeout: limits.connectTimeout },
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return Object.freeze({
    post(url, headers, body) {
      const request = {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        headers,
        body,
      } as const;
      return new Promise((resolve) => {
        agent.dispatch(request, watchExchange(limits, clock, resolve));
      });
    },
    close: () => agent.destroy(),
  } satisfies Poster);
}

/** Collects one exchange and settles it exactly once, at its end or at its deadline. */
function watchExchange(
  limits: ExchangeLimits,
  clock: Clock,
  settle: (exchange: Exchange) => void,
): Dispatcher.DispatchHandler {
  let connection: Dispatcher.DispatchController | undefined;
  let answer: Omit<Answered, 'body'> | undefined;
  let late = false;
  const chunks: Uint8Array[] = [];
  let size = 0;

  const finish = (cause: string): void => {
    cancelDeadline();
    if (answer !== undefined) settle(answer);
    else if (connection !== undefined) settle({ kind: 'unanswered', cause });
    else settle({ kind: 'unsent', cause });
  };
  const cancelDeadline = clock.after(limits.totalTimeout, () => {
    late = true;
    finish('timeout');
    connection?.abort(new Error('deadline of the exchange'));
  });

  return {
    onRequestStart(controller) {
      // A request that waited for a connection past its deadline was settled as unsent; it stays so.
      if (late) controller.abort(new Error('deadline of the exchange'));
      else connection = controller;
    },
    onResponseStart(_controller, status, headers) {
      if (status < 200) return;
      const retryAfter = headers['retry-after'];
      answer = {
        kind: 'answered',
        status,
        contentType: String(headers['content-type'] ?? ''),
        ...(typeof retryAfter === 'string' && { retryAfter }),
      };
    },
    onResponseData(controller, chunk) {
      size += chunk.length;
      if (size > limits.maxAnswerBytes) controller.abort(new Error('answer too large'));
      else chunks.push(chunk);
    },
    onResponseEnd() {
      if (answer === undefined) return;
      cancelDeadline();
      const body = utf8Text(concatBytes(...chunks));
      settle(body === undefined ? answer : { ...answer, body });
    },
    onResponseError(_controller, error) {
      finish(causeOf(error));
    },
  };
}

/** The system's or undici's code; messages can quote what was sent. */
function causeOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  return /^[A-Z][A-Z0-9_]{1,47}$/.test(code) ? code : 'ERROR';
}

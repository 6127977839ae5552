/**
 * What one GraphQL attempt proves. The question is never "did it look like an error" but "can it
 * have been applied": what certainly was not applied may be repeated freely, what was refused is
 * finished, and everything between is `unknown` and repeated with the same bytes.
 *
 * | observed                                                        | receipt        |
 * |-----------------------------------------------------------------|----------------|
 * | nothing was written (name lookup, connect, TLS)                 | `retry`        |
 * | written, but no status came back (reset, deadline)              | `unknown`      |
 * | 401, 403                                                        | `unauthorized` |
 * | 408, 425, 429, and 503 with `Retry-After`: not taken            | `retry`        |
 * | other 5xx: a gateway or server may fail after the work was done | `unknown`      |
 * | 3xx, and 4xx that does not speak GraphQL                        | `retry`        |
 * | data for every field, no errors                                 | `delivered`    |
 * | data and errors                                                 | `unknown`      |
 * | errors with an `extensions.error_name`, no data                 | `rejected`     |
 * | errors without a name, `data` absent: execution never began     | `retry`        |
 * | errors without a name, `data` null                              | `unknown`      |
 * | 2xx that does not speak GraphQL, or says neither                | `unknown`      |
 *
 * `data` absent before and present after execution began: GraphQL specification (October 2021),
 * section 7.1. Codes that begin with `transport.` say that the endpoint was not reached or did not
 * answer. Messages are our own words; of the answer only a status and a checked name is quoted.
 */
import type { Receipt } from '../../core/ports.ts';
import type { Answered, Exchange } from './exchange.ts';
import { parseRetryAfter } from './retry-after.ts';

/** The body of a GraphQL response, as far as it was one. */
export interface GraphqlResult {
  readonly data?: unknown;
  readonly errors?: unknown;
}

/** `result` is undefined where no GraphQL response could be read from the answer. */
export function receiptOf(
  exchange: Exchange,
  result: GraphqlResult | undefined,
  now: number,
): Receipt {
  switch (exchange.kind) {
    case 'unsent':
      return retry('transport.network', `no connection to the endpoint (${exchange.cause})`);
    case 'unanswered':
      return unknown(
        'transport.no_answer',
        `the endpoint took the request and did not answer (${exchange.cause})`,
      );
    case 'answered':
      return receiptOfStatus(exchange, now) ?? receiptOfResult(exchange, result);
  }
}

/** What the status alone settles. */
function receiptOfStatus(answer: Answered, now: number): Receipt | undefined {
  const { status } = answer;
  const said = `the endpoint answered ${String(status)}`;
  const retryAfter = parseRetryAfter(answer.retryAfter, now);
  if (status === 401 || status === 403) {
    return {
      kind: 'unauthorized',
      reason: {
        code: 'http.unauthorized',
        message: `${said}; check the API token and its permissions`,
      },
    };
  }
  if (isNotTaken(status, retryAfter)) return retry('http.not_taken', said, retryAfter);
  if (status >= 502 && status <= 504) return unknown('transport.gateway', said);
  if (status >= 500) return unknown('http.server_error', said);
  if (status >= 300 && status < 400) {
    return retry('http.status', `${said}, a redirect; configure the final address`);
  }
  return undefined;
}

/** Statuses that say the request was not looked at, rather than that something broke. */
function isNotTaken(status: number, retryAfter: number | undefined): boolean {
  return [408, 425, 429].includes(status) || (status === 503 && retryAfter !== undefined);
}

function receiptOfResult(answer: Answered, result: GraphqlResult | undefined): Receipt {
  const status = String(answer.status);
  const errors = errorsOf(result);
  if (answer.status >= 400 && errors.length === 0) {
    return retry('http.status', `the endpoint answered ${status}; check its address`);
  }
  if (answer.body === undefined) {
    return unknown('transport.no_answer', 'the answer was cut off or larger than the limit');
  }
  if (errors.length === 0) {
    return isAnswered(result?.data)
      ? { kind: 'delivered' }
      : unknown('graphql.unreadable', `the endpoint answered ${status} without a result`);
  }
  if (hasSome(result?.data)) {
    return unknown('graphql.partial', 'the endpoint answered with data and errors');
  }
  const name = errors.map(nameOf).find((found) => found !== undefined);
  if (name !== undefined) {
    return {
      kind: 'rejected',
      reason: {
        code: 'graphql.rejected',
        message: `the endpoint refused the mutation with \`${name}\``,
      },
    };
  }
  const message = 'the endpoint answered with an error without a name';
  return result?.data === undefined
    ? retry('graphql.error', message)
    : unknown('graphql.error', message);
}

/** Anything but a list, even an empty object, is an error we do not understand. */
function errorsOf(result: GraphqlResult | undefined): readonly unknown[] {
  const errors = result?.errors;
  if (errors === undefined || errors === null) return [];
  return Array.isArray(errors) ? (errors as readonly unknown[]) : [errors];
}

/** The name of an error, if it is one word of letters; it is remote text and will be logged. */
function nameOf(error: unknown): string | undefined {
  const name = member(member(error, 'extensions'), 'error_name');
  if (typeof name !== 'string' || name === '') return undefined;
  return /^[A-Za-z][A-Za-z_]{0,63}$/.test(name) ? name : 'unnamed';
}

/** Whether data carries an object for every field that was asked for. */
function isAnswered(data: unknown): boolean {
  const fields = fieldsOf(data);
  return fields.length > 0 && fields.every((field) => typeof field === 'object' && field !== null);
}

function hasSome(data: unknown): boolean {
  return fieldsOf(data).some((field) => field !== null);
}

function fieldsOf(data: unknown): readonly unknown[] {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
    ? Object.values(data)
    : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

function retry(code: string, message: string, retryAfter?: number): Receipt {
  const reason = { code, message };
  return retryAfter === undefined
    ? { kind: 'retry', reason }
    : { kind: 'retry', reason, retryAfter };
}

function unknown(code: string, message: string): Receipt {
  return { kind: 'unknown', reason: { code, message } };
}

/**
 * What one GraphQL attempt proves. The question is never "did it look like an error" but "can it
 * have been applied": what certainly was not applied may be repeated freely, what was refused is
 * finished, and everything between is `unknown` and repeated with the same bytes.
 *
 * | observed                                                        | receipt         |
 * |-----------------------------------------------------------------|-----------------|
 * | no status, or a 3xx, 401, 403, 408, 425, 429, 5xx               | http-receipt.ts |
 * | 4xx that does not speak GraphQL                                 | `retry`         |
 * | data for every field, no errors                                 | `delivered`     |
 * | data and errors                                                 | `unknown`       |
 * | errors with an `extensions.error_name`, no data                 | `rejected`      |
 * | errors without a name, `data` absent: execution never began     | `retry`         |
 * | errors without a name, `data` null                              | `unknown`       |
 * | 2xx that does not speak GraphQL, or says neither                | `unknown`       |
 *
 * `data` absent before and present after execution began: GraphQL specification (October 2021),
 * section 7.1. Messages are our own words; of the answer only a status and a checked name is quoted.
 */
import type { Receipt } from '../../core/ports.ts';
import type { Answered, Exchange } from './exchange.ts';
import {
  type OtherSide,
  receiptOfSilence,
  receiptOfStatus,
  rejected,
  retry,
  unknown,
} from './http-receipt.ts';

/** The body of a GraphQL response, as far as it was one. */
export interface GraphqlResult {
  readonly data?: unknown;
  readonly errors?: unknown;
}

const ENDPOINT: OtherSide = {
  name: 'endpoint',
  credentials: 'the API token and its permissions',
  redirect: 'http.status',
};

/** `result` is undefined where no GraphQL response could be read from the answer. */
export function receiptOf(
  exchange: Exchange,
  result: GraphqlResult | undefined,
  now: number,
): Receipt {
  if (exchange.kind !== 'answered') return receiptOfSilence(exchange, ENDPOINT);
  return receiptOfStatus(exchange, ENDPOINT, now) ?? receiptOfResult(exchange, result);
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
    return rejected('graphql.rejected', `the endpoint refused the mutation with \`${name}\``);
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

/** Errors on the wire: problem details for HTTP APIs (RFC 9457), with a permanent code each. */
import { STATUS_CODES } from 'node:http';

import type { JsonObject } from '../base/json.ts';
import type { Reason } from '../core/outcome.ts';
import type { Reply } from './reply.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** `reason` is all the caller hears: never internals, never what it sent. */
export function problemReply(status: number, reason: Reason, extensions: JsonObject = {}): Reply {
  return { status, content: { type: PROBLEM_TYPE, json: problemJson(status, reason, extensions) } };
}

export function problemJson(
  status: number,
  reason: Reason,
  extensions: JsonObject = {},
): JsonObject {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status: BigInt(status),
    code: reason.code,
    detail: reason.message,
    ...extensions,
  };
}

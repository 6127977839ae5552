/**
 * The words of a callback: which things of one request were signed, declined or failed.
 *
 * ```
 * {"type":"signing.completed","timestamp":"…",
 *  "data":{"event_id":"…","sub_event_type":"…","results":[{"id":"…","status":"signed", …reply}]}}
 * ```
 *
 * `signing.declined` and `signing.failed` give each result a `reason`; a decline also lists the ids
 * as `payload_ids`. A request whose things ended differently makes one message for each ending.
 */
import type { JsonObject } from '../base/json.ts';
import type { Reason } from './outcome.ts';
import type { CallbackEnding, Envelope, Words } from './protocol.ts';

/** The request that a callback answers. */
export interface CallbackRequest extends Pick<Envelope, 'id' | 'callbackUrl'> {
  /** RFC 3339. Every attempt must say the same, so it comes from what is stored. */
  readonly timestamp: string;
  readonly subEventType: string;
}

export interface SignedResult {
  readonly id: string;
  /** Fields of the world's own; `id` and `status` cannot be among them. */
  readonly reply: JsonObject;
}

export interface RefusedResult {
  readonly id: string;
  readonly reason: Reason;
  /** Ids of the policy rules that decided. */
  readonly rules: readonly string[];
}

export function completedCallback(
  request: CallbackRequest,
  signed: readonly SignedResult[],
): Words {
  const results = signed.map(({ id, reply }) => {
    const own = { id, status: 'signed' };
    // First to stand first, and last to win.
    return { ...own, ...reply, ...own };
  });
  return callback(request, 'completed', { results });
}

export function declinedCallback(
  request: CallbackRequest,
  refused: readonly RefusedResult[],
): Words {
  return callback(request, 'declined', {
    payload_ids: refused.map(({ id }) => id),
    results: refused.map((result) => refusal(result, 'declined')),
  });
}

export function failedCallback(request: CallbackRequest, failed: readonly RefusedResult[]): Words {
  return callback(request, 'failed', {
    results: failed.map((result) => refusal(result, 'failed')),
  });
}

function refusal({ id, reason, rules }: RefusedResult, status: string): JsonObject {
  return { id, status, reason: { code: reason.code, rules, message: reason.message } };
}

function callback(request: CallbackRequest, ending: CallbackEnding, data: JsonObject): Words {
  const { id, callbackUrl, timestamp, subEventType } = request;
  return {
    kind: 'callback',
    ...(callbackUrl === undefined ? {} : { url: callbackUrl }),
    eventId: id,
    ending,
    body: {
      type: `signing.${ending}`,
      timestamp,
      data: { event_id: id, sub_event_type: subEventType, ...data },
    },
  };
}

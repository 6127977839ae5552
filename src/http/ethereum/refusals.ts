/**
 * Refusals as clients of the Remote Signing API read them: 400 for a request that cannot be read, 403
 * for policy, 404 for a key that is not here, 412 for slashing protection alone, 503 for what time
 * mends.
 */
import { isJsonObject } from '../../base/json.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { PartEnding, Told } from '../../core/desk.ts';
import type { Reason } from '../../core/outcome.ts';
import { PROBLEM_TYPE } from '../problem.ts';
import { jsonReply, ofJob, type Reply } from '../reply.ts';

export function messageReply(status: number, { code, message }: Reason): Reply {
  return jsonReply(status, { code, message });
}

export function badRequest(message: string): Reply {
  return messageReply(400, { code: 'ethereum.request', message });
}

export function unknownKey(): Reply {
  const message = 'no such key is loaded; import its keystore, or reload';
  return messageReply(404, { code: 'ethereum.unknown_key', message });
}

/** Whoever asks while keys are being loaded must not conclude that there are none. */
export function stillLoading(): Reply {
  const message = 'keys are being loaded; ask again in a moment';
  return later({ code: 'ethereum.loading', message }, 1);
}

/** An error of the routes that all worlds share, in the words that these clients read. */
export function inOwnWords(reply: Reply): Reply {
  const { content } = reply;
  if (content?.type !== PROBLEM_TYPE || !('json' in content)) return reply;
  const { code = '', detail = '' } = isJsonObject(content.json) ? content.json : {};
  return { ...reply, ...jsonReply(reply.status, { code, message: detail }) };
}

/** What became of a request that was not decided. */
export function undecidedReply(told: Exclude<Told, { readonly kind: 'decided' }>): Reply {
  switch (told.kind) {
    case 'malformed':
    case 'ignored':
      return messageReply(400, told.reason);
    case 'conflict':
      return ofJob(messageReply(409, told.reason), told.job);
    case 'unavailable':
      return later(told.reason, told.retryAfter);
    default:
      return unreachable(told);
  }
}

export type RefusedEnding = Exclude<PartEnding, { readonly outcome: 'signed' }>;

export function refusedReply(ending: RefusedEnding): Reply {
  const status = statusOf(ending);
  if (status === 503) return later(ending.reason, 1);
  return messageReply(status, { ...ending.reason, message: messageOf(ending) });
}

/** The word of a batch's result, after a proposal for the standard (remote-signing-api, 29). */
export function batchStatus(ending: RefusedEnding): string {
  switch (statusOf(ending)) {
    case 404:
      return 'not_found';
    case 412:
      return 'slashing_protection';
    case 403:
      return 'policy';
    default:
      return 'error';
  }
}

/** Says of what slashing protection refuses that it was slashing protection. */
export function messageOf({ reason: { code, message } }: RefusedEnding): string {
  return code.startsWith(SLASHING) ? `slashing protection: ${message}` : message;
}

const SLASHING = 'slashing.';
/** A key that the operator froze is disabled. */
const FROZEN = 'sign.frozen';

function statusOf({ outcome, reason }: RefusedEnding): number {
  if (outcome === 'malformed') return 400;
  if (outcome !== 'declined') return 503;
  if (reason.code === 'ethereum.unknown_key') return 404;
  return reason.code.startsWith(SLASHING) || reason.code === FROZEN ? 412 : 403;
}

function later(reason: Reason, seconds: number): Reply {
  return { ...messageReply(503, reason), headers: { 'retry-after': String(seconds) } };
}

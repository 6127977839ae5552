/** deliver — callbacks, in the words of whoever asked; a request with mixed endings makes one of each. */
import { type CallbackRequest, completedCallback, declinedCallback } from '../../core/callback.ts';
import type { RefusedPart, SignedPart, Words } from '../../core/protocol.ts';
import { worded } from './dialect.ts';
import type { LighterRequest } from './request.ts';
import type { LighterAnswer } from './sign.ts';

export function deliver(
  request: LighterRequest,
  signed: readonly SignedPart<LighterAnswer>[],
): Words {
  const results = signed.map(({ id, answer }) => ({ id, reply: worded(request.dialect, answer) }));
  const words = completedCallback(callbackRequest(request), results);
  const until = earliestEnd(signed);
  return words.kind === 'callback' && until !== undefined ? { ...words, until } : words;
}

export function decline(request: LighterRequest, refused: readonly RefusedPart[]): Words {
  return declinedCallback(callbackRequest(request), refused);
}

function callbackRequest({
  id,
  callbackUrl,
  timestamp,
  subEvent,
}: LighterRequest): CallbackRequest {
  return {
    id,
    timestamp,
    subEventType: subEvent,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  };
}

/** Epoch milliseconds from which part of the answer is worthless. */
function earliestEnd(signed: readonly SignedPart<LighterAnswer>[]): number | undefined {
  const ends = signed.map(({ answer }) =>
    'auth_token' in answer ? answer.deadline * 1000n : answer.expired_at,
  );
  return ends.length === 0 ? undefined : Math.min(...ends.map(Number));
}

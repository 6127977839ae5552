/** deliver — callbacks, in the words of whoever asked; a request with mixed endings makes one of each. */
import {
  type CallbackRequest,
  completedCallback,
  declinedCallback,
  failedCallback,
} from '../../core/callback.ts';
import type { RefusedPart, SignedPart, Words } from '../../core/protocol.ts';
import { worded } from './dialect.ts';
import type { SignerInputs } from './inputs.ts';
import type { LighterRequest } from './request.ts';
import type { LighterAnswer } from './sign.ts';

export function deliver(
  request: LighterRequest,
  signed: readonly SignedPart<LighterAnswer>[],
): Words {
  const results = signed.map(({ id, answer }) => ({ id, reply: worded(request.dialect, answer) }));
  return completedCallback(callbackRequest(request), results);
}

export function decline(request: LighterRequest, refused: readonly RefusedPart[]): Words {
  return declinedCallback(callbackRequest(request), refused);
}

export function fail(request: LighterRequest, failed: readonly RefusedPart[]): Words {
  return failedCallback(callbackRequest(request), failed);
}

/** Epoch milliseconds from which part of the answer is worthless. */
export function usefulUntil(inputs: readonly SignerInputs[]): number | undefined {
  const ends = inputs.map((each) =>
    each.kind === 'auth-token' ? each.deadline * 1000n : each.expiredAt,
  );
  return ends.length === 0 ? undefined : Math.min(...ends.map(Number));
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

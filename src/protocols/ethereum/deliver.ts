/** deliver — callbacks; a request with mixed endings makes one of each. */
import {
  type CallbackRequest,
  completedCallback,
  declinedCallback,
  failedCallback,
} from '../../core/callback.ts';
import type { RefusedPart, SignedPart, Words } from '../../core/protocol.ts';
import type { EthereumRequest } from './request.ts';
import type { EthereumAnswer } from './sign.ts';

/** Milliseconds: a slot later nobody can do anything with a duty. */
const USEFUL = 12_000;

export function deliver(
  request: EthereumRequest,
  signed: readonly SignedPart<EthereumAnswer>[],
): Words {
  const results = signed.map(({ id, answer }) => ({ id, reply: answer }));
  return completedCallback(callbackRequest(request), results);
}

export function decline(request: EthereumRequest, refused: readonly RefusedPart[]): Words {
  return declinedCallback(callbackRequest(request), refused);
}

export function fail(request: EthereumRequest, failed: readonly RefusedPart[]): Words {
  return failedCallback(callbackRequest(request), failed);
}

/** Of a request without a readable time nobody knows. */
export function usefulUntil({ timestamp }: EthereumRequest): number | undefined {
  const sentAt = Date.parse(timestamp);
  return Number.isNaN(sentAt) ? undefined : sentAt + USEFUL;
}

function callbackRequest(request: EthereumRequest): CallbackRequest {
  const { id, timestamp, subEvent, callbackUrl } = request;
  return {
    id,
    timestamp,
    subEventType: subEvent,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  };
}

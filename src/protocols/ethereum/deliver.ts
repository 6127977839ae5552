/** deliver — callbacks; a request with mixed endings makes one of each. */
import { type CallbackRequest, completedCallback, declinedCallback } from '../../core/callback.ts';
import type { RefusedPart, SignedPart, Words } from '../../core/protocol.ts';
import type { EthereumRequest } from './request.ts';
import type { EthereumAnswer } from './sign.ts';

/** Milliseconds: a slot later nobody can do anything with a duty. */
const USEFUL = 12_000;

export function deliver(
  request: EthereumRequest,
  signed: readonly SignedPart<EthereumAnswer>[],
): Words {
  const words = completedCallback(
    callbackRequest(request),
    signed.map(({ id, answer }) => ({ id, reply: answer })),
  );
  const sentAt = Date.parse(request.timestamp);
  return words.kind === 'graphql' || Number.isNaN(sentAt)
    ? words
    : { ...words, until: sentAt + USEFUL };
}

export function decline(request: EthereumRequest, refused: readonly RefusedPart[]): Words {
  return declinedCallback(callbackRequest(request), refused);
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

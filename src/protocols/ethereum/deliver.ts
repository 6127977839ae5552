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
  const results = signed.map(({ id, answer }) => ({ id, reply: answer }));
  return whileUseful(completedCallback(callbackRequest(request), results), request);
}

export function decline(request: EthereumRequest, refused: readonly RefusedPart[]): Words {
  return whileUseful(declinedCallback(callbackRequest(request), refused), request);
}

function whileUseful(words: Words, { timestamp }: EthereumRequest): Words {
  const sentAt = Date.parse(timestamp);
  if (words.kind !== 'callback' || Number.isNaN(sentAt)) return words;
  return { ...words, until: sentAt + USEFUL };
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

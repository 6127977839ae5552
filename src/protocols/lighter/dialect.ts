/** How an answer is worded: as the Lighter signing service does, or as an in-browser signer. */
import type { JsonObject } from '../../base/json.ts';
import type { LighterRequest } from './request.ts';
import type { TokenAnswer, TransactionAnswer } from './sign.ts';

/** As they stand in an answer, so that the store's own order makes no other bytes of the same one. */
const FIELDS = {
  tx_type: true,
  tx_info: true,
  tx_hash: true,
  message_to_sign: true,
  nonce: true,
  expired_at: true,
  signature: true,
  auth_token: true,
  deadline: true,
} as const satisfies Record<keyof TransactionAnswer | keyof TokenAnswer, true>;

/** An action is answered with three fields, whatever it signed; a token stands where `tx_info` would. */
export function worded(dialect: LighterRequest['dialect'], answer: JsonObject): JsonObject {
  if (dialect === 'rest') return inOrder(answer);
  const { tx_type: type, tx_info: info, tx_hash: hash, auth_token: token } = answer;
  return { txType: type ?? null, txInfo: info ?? token ?? null, txHash: hash ?? null };
}

function inOrder(answer: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.keys(FIELDS).flatMap((name) => {
      const value = answer[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

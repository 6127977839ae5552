/** How an answer is worded: as the Lighter signing service does, or as an in-browser signer. */
import type { JsonObject } from '../../base/json.ts';
import type { LighterRequest } from './request.ts';

/** An action is answered with three fields, whatever it signed; a token stands where `tx_info` would. */
export function worded(dialect: LighterRequest['dialect'], answer: JsonObject): JsonObject {
  if (dialect === 'rest') return answer;
  const { tx_type: type, tx_info: info, tx_hash: hash, auth_token: token } = answer;
  return { txType: type ?? null, txInfo: info ?? token ?? null, txHash: hash ?? null };
}

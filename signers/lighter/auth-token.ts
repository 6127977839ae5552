/**
 * Tokens that authenticate an account to the exchange's API:
 * `deadline:account:key:signature`, the signature in hex over the text before it.
 *
 * The text is cut into pieces of eight bytes, each one element, little endian, the last padded with
 * zeros. A token lives until its deadline and dies with the API key. The exchange accepts deadlines
 * up to eight hours ahead.
 */
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { toHex } from '../../src/base/hex.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import type { Secret } from '../../src/base/secret.ts';
import { integer, record, type Values } from './field.ts';
import { account, apiKey } from './field-kinds.ts';
import type { LighterKernel } from './lighter-kernel.ts';
import { limbsOf } from './limbs.ts';
import type { TransactionProblem } from './transaction-problem.ts';

const fields = {
  /** Seconds since 1970. */
  deadline: integer([1n, 2n ** 48n - 1n]),
  accountIndex: account,
  apiKeyIndex: apiKey,
};
const claims = record(fields);

export type AuthTokenClaims = Values<typeof fields>;

/** `entropy` are 64 fresh random bytes. */
export function createAuthToken(
  kernel: LighterKernel,
  tokenClaims: AuthTokenClaims,
  privateKey: Secret,
  entropy: Uint8Array,
): Result<string, TransactionProblem> {
  const found = claims.problem(tokenClaims, '');
  if (found !== undefined) return err(found);
  const { deadline, accountIndex, apiKeyIndex } = tokenClaims;
  const text = [deadline, accountIndex, apiKeyIndex].join(':');
  const signature = kernel.sign(hashText(kernel, text), privateKey, entropy);
  return ok(`${text}:${toHex(signature)}`);
}

/** H5 of the text in pieces of eight bytes. */
export function hashText(kernel: LighterKernel, text: string): Uint8Array {
  const bytes = utf8(text);
  const padding = new Uint8Array((8 - (bytes.length % 8)) % 8);
  return kernel.hash(limbsOf(concatBytes(bytes, padding)));
}

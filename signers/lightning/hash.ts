import { sha256 } from '../../src/base/sha256.ts';

/** SHA-256 twice: txids, digests, BOLT 7 messages. */
export function hash256(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes));
}

/** SHA-256 as Bitcoin uses it, computed by OpenSSL: several times faster on whole transactions. */
import { createHash } from 'node:crypto';

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

/** SHA-256 twice: txids, digests, BOLT 7 messages. */
export function hash256(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes));
}

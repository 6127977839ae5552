import { hash } from 'node:crypto';

import type { Hex } from './hex.ts';

/** SHA-256 by OpenSSL, which is several times faster than JavaScript on whole messages. */
export function sha256(bytes: Uint8Array): Uint8Array {
  // As text: a buffer of Node's own lies outside of the heap, and making it takes longer than the hash.
  const text = hash('sha256', bytes, 'binary');
  const digest = new Uint8Array(text.length);
  for (let index = 0; index < digest.length; index += 1) digest[index] = text.charCodeAt(index);
  return digest;
}

/** The same in hex; a text is hashed as UTF-8. */
export function sha256Hex(message: Uint8Array | string): Hex {
  // SAFETY: the digest is written with two lower-case digits for every byte.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return hash('sha256', message, 'hex') as Hex;
}

/** Bearer tokens: chance that nobody can guess, known to the daemon only by its hash. */
import { createHash, randomBytes } from 'node:crypto';

import { utf8 } from '../../base/bytes.ts';
import { toHex } from '../../base/hex.ts';
import { Secret } from '../../base/secret.ts';

const TOKEN_BYTES = 32;

/** A new token, in hex. */
export function newToken(): Secret {
  return new Secret(utf8(toHex(Uint8Array.from(randomBytes(TOKEN_BYTES)))));
}

/** SHA-256; a slow hash would add nothing, because a token is not a password. */
export function digestOfToken(token: string | Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(token).digest());
}

/**
 * The bearer token of the api: a file that only its owner may read, made at first start. The daemon
 * remembers only its SHA-256, so that a copy of its memory does not hold the token.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

import { toHex } from '../base/hex.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Reason } from '../core/outcome.ts';
import { createPrivateFile, makePrivateDirectory, readSecretFile } from './keys/private-file.ts';

export interface ApiToken {
  /** Whether `presented` is the token; takes the same time wherever they differ. */
  readonly matches: (presented: string) => boolean;
  /** Whether this start made the file. */
  readonly created: boolean;
}

const TOKEN_BYTES = 32;
/** An operator's own token must be as hard to guess as 128 bits of hex. */
const MIN_LENGTH = 32;

/** Reads the token, or makes one; the reason names the file and what to do. */
export function openApiToken(path: string): Result<ApiToken, Reason> {
  const created = !existsSync(path);
  if (created) {
    const made = create(path);
    if (!made.ok) return made;
  }
  const token = readSecretFile(path);
  if (!token.ok) return token;
  using secret = token.value;
  if (secret.length < MIN_LENGTH) {
    const message = `\`${path}\` holds less than ${String(MIN_LENGTH)} characters; delete it to get a new token`;
    return err({ code: 'api.token', message });
  }
  const expected = secret.reveal(digest);
  return ok(
    Object.freeze({
      matches: (presented: string): boolean => timingSafeEqual(digest(presented), expected),
      created,
    }),
  );
}

function create(path: string): Result<void, Reason> {
  const directory = makePrivateDirectory(dirname(path));
  if (!directory.ok) return directory;
  return createPrivateFile(path, `${toHex(new Uint8Array(randomBytes(TOKEN_BYTES)))}\n`);
}

function digest(token: string | Uint8Array): Uint8Array {
  return createHash('sha256').update(token).digest();
}

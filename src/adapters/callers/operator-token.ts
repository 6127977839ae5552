/**
 * The operator's bearer token: a file that only its owner may read, made at first start. The daemon
 * remembers only its SHA-256, so that a copy of its memory does not hold the token.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

import { utf8Text } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { createPrivateFile, makePrivateDirectory, readSecretFile } from '../keys/private-file.ts';
import { digestOfToken, newToken } from './token.ts';

export interface OperatorToken {
  readonly digest: Uint8Array;
  /** Whether this start made the file. */
  readonly created: boolean;
}

/** An operator's own token must be as hard to guess as 128 bits of hex. */
const MIN_LENGTH = 32;

/** Reads the token, or makes one; the reason names the file and what to do. */
export function openOperatorToken(path: string): Result<OperatorToken, Reason> {
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
  return ok(Object.freeze({ digest: secret.reveal(digestOfToken), created }));
}

function create(path: string): Result<void, Reason> {
  const directory = makePrivateDirectory(dirname(path));
  if (!directory.ok) return directory;
  using token = newToken();
  return createPrivateFile(path, `${token.reveal(utf8Text) ?? ''}\n`);
}

/**
 * Where the password of the key files comes from: the operator's file, or where none is configured a
 * file of ours with a random one, made when the daemon has its first key to write.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

import { toHex } from '../../base/hex.ts';
import { ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import { createPrivateFile, makePrivateDirectory, readSecretFile } from './private-file.ts';

export interface KeysPasswordOptions {
  /** `KEYS_PASSWORD_FILE`. */
  readonly configured: string | undefined;
  /** Ours, used only where none is configured. */
  readonly own: string;
}

export interface KeysPassword {
  /** The file that has it, where there is one. */
  readonly file: () => string | undefined;
  /** The password of the files there are; `undefined` where there cannot be any. */
  readonly known: () => Result<Secret | undefined, Reason>;
  /** The password for new files; makes one where there is none. */
  readonly forNew: () => Result<Secret, Reason>;
}

/** Each call reads the file anew; the caller disposes of what it gives. `warn` hears of a new file. */
export function createKeysPassword(
  { configured, own }: KeysPasswordOptions,
  { warn }: { readonly warn: (reason: Reason) => void },
): KeysPassword {
  function forNew(): Result<Secret, Reason> {
    if (configured !== undefined) return readSecretFile(configured);
    if (existsSync(own)) return readSecretFile(own);
    const directory = makePrivateDirectory(dirname(own));
    if (!directory.ok) return directory;
    const made = createPrivateFile(own, `${toHex(randomBytes(32))}\n`);
    if (!made.ok) return made;
    warn({
      code: 'keys.own-password',
      message: `made a random password for key files in \`${own}\`; keep a copy of it, or move it to another device and set \`KEYS_PASSWORD_FILE\``,
    });
    return readSecretFile(own);
  }

  const file = (): string | undefined => configured ?? (existsSync(own) ? own : undefined);

  return Object.freeze({
    file,
    known: () => {
      const path = file();
      return path === undefined ? ok(undefined) : readSecretFile(path);
    },
    forNew,
  });
}

/**
 * A directory of EIP-2335 keystores with their passwords beside them, as the deposit tool and
 * Web3Signer's bulk loading have it: `<name>.json` is opened by `<name>.txt` or `<name>.password` of
 * the password directory, or all are by one file.
 */
import { basename, extname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { toHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import { sha256 } from '../../base/sha256.ts';
import type { Reason } from '../../core/outcome.ts';
import {
  FILES_PER_TURN,
  MAX_KEYSTORE_FILE,
  type FoundKeystore,
  type KeyProblem,
  type KeySource,
  type Search,
} from './key-source.ts';
import {
  kindOfPath,
  listFiles,
  readPasswordFile,
  readSourceFile,
  type Exposed,
} from './source-file.ts';

export interface KeystoreDirectoryOptions {
  readonly directory: string;
  /** Directory of password files, or one file for all; the directory of keystores if left out. */
  readonly passwords?: string;
  readonly exposed: Exposed;
}

const PASSWORD_ENDINGS = ['.txt', '.password'];

/** The deposit tool's own record, which lies among the keystores. */
const DEPOSIT_DATA = /^deposit_data-.*\.json$/;

export function keystoreDirectory({
  directory,
  passwords = directory,
  exposed,
}: KeystoreDirectoryOptions): KeySource {
  async function search(): Promise<Result<Search, Reason>> {
    const listed = listFiles(directory, ['.json']);
    if (!listed.ok) return listed;
    const found: FoundKeystore[] = [];
    const problems: KeyProblem[] = [];
    const files = listed.value.filter((path) => !DEPOSIT_DATA.test(basename(path)));
    for (const [index, file] of files.entries()) {
      if (index % FILES_PER_TURN === 0) await setImmediate();
      const content = readSourceFile(file, MAX_KEYSTORE_FILE, exposed);
      if (content.ok) found.push(keystoreFound(file, content.value));
      else problems.push({ file, reason: content.error });
    }
    return ok({ found, problems });
  }

  function keystoreFound(file: string, content: Uint8Array): FoundKeystore {
    const digest = toHex(sha256(content));
    const password = (): Result<Secret, Reason> => passwordOf(file);
    return { kind: 'keystore', origin: file, file, content, digest, password };
  }

  function passwordOf(keystore: string): Result<Secret, Reason> {
    if (kindOfPath(passwords) === 'file') return readPasswordFile(passwords, exposed);
    const name = basename(keystore, extname(keystore));
    const choices = PASSWORD_ENDINGS.map((ending) => join(passwords, `${name}${ending}`));
    const path = choices.find((choice) => kindOfPath(choice) !== undefined);
    if (path !== undefined) return readPasswordFile(path, exposed);
    const names = PASSWORD_ENDINGS.map((ending) => `\`${name}${ending}\``).join(' or ');
    const message = `its password is missing; write it to ${names} in \`${passwords}\``;
    return err({ code: 'keys.password', message });
  }

  return Object.freeze({ name: 'keystores', directory, search });
}

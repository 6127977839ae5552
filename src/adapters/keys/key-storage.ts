/** Keys at rest, for the command line: listed, added and frozen without a running daemon. */
import { join } from 'node:path';

import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type {
  EnvironmentKey,
  KeyKind,
  KeyStorage,
  NewKey,
  StoredKey,
} from '../../core/key-storage.ts';
import type { Reason } from '../../core/outcome.ts';
import { createFrozenKeys } from './frozen-keys.ts';
import type { DerivationCost } from './key-derivation.ts';
import {
  fingerprintOf,
  FROZEN_FILE,
  openKeyFile,
  readKeyFiles,
  writeKeyFile,
  type KeyFile,
} from './key-files.ts';
import { sealKeystore } from './keystore.ts';
import { checkFree, knownKeys, unknownKey, withState, type KnownKey } from './known-keys.ts';
import { makePrivateDirectory } from './private-file.ts';
import { checkShared } from './wrapping-keys.ts';

export interface KeyStorageOptions {
  /** Made with mode 0700 when the first key is added. */
  readonly directory: string;
  readonly environment: readonly EnvironmentKey[];
  /** What one guess of the password costs; the standard's own unless said otherwise. */
  readonly cost?: DerivationCost;
}

export interface KeyStorageDeps {
  readonly kinds: readonly KeyKind[];
  readonly alarm: (reason: Reason) => void;
}

interface Contents {
  readonly files: readonly KeyFile[];
  readonly known: readonly KnownKey[];
}

export function createKeyStorage(
  { directory, environment, cost }: KeyStorageOptions,
  { kinds, alarm }: KeyStorageDeps,
): KeyStorage {
  const frozen = createFrozenKeys({ file: join(directory, FROZEN_FILE), alarm });

  function read(): Result<Contents, Reason> {
    const files = readKeyFiles(directory);
    if (!files.ok) return files;
    const known = knownKeys(files.value, environment, kinds);
    return known.ok ? ok({ files: files.value, known: known.value }) : known;
  }

  function list(): Result<readonly StoredKey[], Reason> {
    const contents = read();
    if (!contents.ok) return contents;
    return ok(contents.value.known.map((key) => withState(key, frozen)));
  }

  async function open(
    id: string,
    password: () => Promise<Result<Secret, Reason>>,
  ): Promise<Result<Secret, Reason>> {
    const contents = read();
    if (!contents.ok) return contents;
    const given = environment.find((key) => key.id === id);
    if (given !== undefined) return ok(given.secret);
    const file = contents.value.files.find((key) => key.id === id);
    if (file === undefined) return err(unknownKey(id, contents.value.known));
    const answer = await password();
    if (!answer.ok) return answer;
    using secret = answer.value;
    return await openKeyFile(file, secret, kinds);
  }

  async function add(key: NewKey, password: Secret): Promise<Result<StoredKey, Reason>> {
    const { id, kind, secret, description } = key;
    const contents = read();
    if (!contents.ok) return contents;
    const fingerprint = fingerprintOf(key, kinds);
    if (!fingerprint.ok) return fingerprint;
    const free = checkFree({ id, fingerprint: fingerprint.value }, contents.value.known);
    if (!free.ok) return free;
    const shared = await checkShared(contents.value.files, password);
    if (!shared.ok) return shared;
    const label = { kind, id, pubkey: fingerprint.value, path: '' };
    const described = description === undefined ? label : { ...label, description };
    const keystore = await sealKeystore(secret, password, described, cost);
    if (!keystore.ok) return keystore;
    const made = makePrivateDirectory(directory);
    const written = made.ok ? writeKeyFile(directory, id, keystore.value) : made;
    if (!written.ok) return written;
    return await prove(id, password);
  }

  /** Opens what was written, from disk: a key that cannot be opened again would be lost. */
  async function prove(id: string, password: Secret): Promise<Result<StoredKey, Reason>> {
    const contents = read();
    if (!contents.ok) return contents;
    const { files, known } = contents.value;
    const file = files.find((other) => other.id === id);
    const key = known.find((other) => other.id === id);
    if (file === undefined || key === undefined) return err(unknownKey(id, known));
    const opened = await openKeyFile(file, password, kinds);
    if (!opened.ok) return opened;
    opened.value[Symbol.dispose]();
    return ok(withState(key, frozen));
  }

  /** A key file that cannot be read must not stand in the way of a freeze. */
  function change(id: string, to: 'add' | 'remove'): Result<void, Reason> {
    const contents = read();
    const known = contents.ok ? contents.value.known : undefined;
    if (known?.some((key) => key.id === id) === false) return err(unknownKey(id, known));
    return frozen[to](id);
  }

  return Object.freeze({
    directory,
    list,
    open,
    add,
    freeze: (id: string) => change(id, 'add'),
    unfreeze: (id: string) => change(id, 'remove'),
  });
}

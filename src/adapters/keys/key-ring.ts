/** The keys of a running daemon, opened once at start. */
import { join } from 'node:path';

import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { EnvironmentKey, KeyKind, StoredKey } from '../../core/key-storage.ts';
import type { Reason } from '../../core/outcome.ts';
import type { KeyRing } from '../../core/ports.ts';
import { createFrozenKeys } from './frozen-keys.ts';
import { FROZEN_FILE, openKeyFile, readKeyFiles, type KeyFile } from './key-files.ts';
import { knownKeys, unknownKey, withState } from './known-keys.ts';

export interface KeyRingOptions {
  /** Where key files and the list of frozen keys lie; need not exist. */
  readonly directory: string;
  /** Opens every key file; needed only if there is one. */
  readonly password?: Secret;
  readonly environment: readonly EnvironmentKey[];
}

export interface KeyRingDeps {
  readonly kinds: readonly KeyKind[];
  readonly alarm: (reason: Reason) => void;
}

/** What only composition may hold, because it reaches the secrets; the core sees a `KeyRing`. */
export interface OpenKeyRing extends KeyRing, Disposable {
  readonly list: () => readonly StoredKey[];
  /** Owned by the ring and wiped with it. A freeze is the core's matter and hides nothing here. */
  readonly secret: (id: string) => Secret | undefined;
  /** Takes effect at once, even where it fails because it could not be saved. */
  readonly freeze: (id: string) => Result<StoredKey, Reason>;
  readonly unfreeze: (id: string) => Result<StoredKey, Reason>;
}

/** Opens every key there is and takes over the environment's; one bad key stops the start. */
export async function createKeyRing(
  { directory, password, environment }: KeyRingOptions,
  { kinds, alarm }: KeyRingDeps,
): Promise<Result<OpenKeyRing, Reason>> {
  const files = readKeyFiles(directory);
  if (!files.ok) return files;
  const known = knownKeys(files.value, environment, kinds);
  if (!known.ok) return known;
  const opened = await openAll(files.value, password, kinds);
  if (!opened.ok) return opened;

  const secrets = new Map(opened.value);
  for (const { id, secret } of environment) secrets.set(id, secret);
  const keys = known.value;
  const frozen = createFrozenKeys({ file: join(directory, FROZEN_FILE), alarm });

  function change(id: string, to: 'add' | 'remove'): Result<StoredKey, Reason> {
    const key = keys.find((candidate) => candidate.id === id);
    if (key === undefined) return err(unknownKey(id, keys));
    const changed = frozen[to](id);
    return changed.ok ? ok(withState(key, frozen)) : changed;
  }

  return ok(
    Object.freeze({
      list: () => keys.map((key) => withState(key, frozen)),
      isFrozen: (id: string) => frozen.has(id),
      secret: (id: string) => secrets.get(id),
      freeze: (id: string) => change(id, 'add'),
      unfreeze: (id: string) => change(id, 'remove'),
      [Symbol.dispose]: () => {
        wipe(secrets);
      },
    }),
  );
}

/** One after another: each scrypt takes 256 MiB. */
async function openAll(
  files: readonly KeyFile[],
  password: Secret | undefined,
  kinds: readonly KeyKind[],
): Promise<Result<ReadonlyMap<string, Secret>, Reason>> {
  const secrets = new Map<string, Secret>();
  for (const file of files) {
    const opened: Result<Secret, Reason> =
      password === undefined
        ? err(passwordMissing(file))
        : await openKeyFile(file, password, kinds);
    if (!opened.ok) {
      wipe(secrets);
      return opened;
    }
    secrets.set(file.id, opened.value);
  }
  return ok(secrets);
}

function passwordMissing({ file }: KeyFile): Reason {
  const message = `key file \`${file}\` needs a password; set \`KEYS_PASSWORD_FILE\``;
  return { code: 'keys.password', message };
}

function wipe(secrets: ReadonlyMap<string, Secret>): void {
  for (const secret of secrets.values()) secret[Symbol.dispose]();
}

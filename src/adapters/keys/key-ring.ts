/** The keys of a running daemon: those opened at start, and those added while it runs. */
import { join } from 'node:path';

import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { EnvironmentKey, KeyKind, NewKey, StoredKey } from '../../core/key-storage.ts';
import type { Reason } from '../../core/outcome.ts';
import type { KeyRing } from '../../core/ports.ts';
import { createFrozenKeys } from './frozen-keys.ts';
import type { DerivationCost } from './key-derivation.ts';
import { FROZEN_FILE, type KeyFile, openKeyFileUnder, readKeyFiles } from './key-files.ts';
import { createKeyWriter } from './key-writer.ts';
import { type KnownKey, knownKeys, unknownKey, withState } from './known-keys.ts';
import { createWrappingKeys, type WrappingKeys } from './wrapping-keys.ts';

export interface KeyRingOptions {
  /** Where key files and the list of frozen keys lie; need not exist. */
  readonly directory: string;
  /** Opens every key file; needed only if there is one. */
  readonly password?: Secret;
  /** For key files written while running; without it none can be. The ring disposes of it. */
  readonly passwordForNew?: () => Result<Secret, Reason>;
  readonly environment: readonly EnvironmentKey[];
  /** What one guess of the password costs in new files; the standard's own unless said otherwise. */
  readonly cost?: DerivationCost;
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
  /** The same where the key is of that kind: what one kind signs, another never does. */
  readonly secretOfKind: (kind: string, id: string) => Secret | undefined;
  /**
   * Writes a key file durably, proves that it opens again, and only then has the key. Takes the
   * secret over, also where it refuses. The same key again is no error; `keys.occupied` where the id
   * has another key, `keys.duplicate` where another id has the key.
   */
  readonly add: (key: NewKey) => Promise<Result<StoredKey, Reason>>;
  /** Gives a key another id that no key has. Its freeze does not go with it: frozen keys stay. */
  readonly rename: (from: string, to: string) => Promise<Result<StoredKey, Reason>>;
  /** Takes effect at once, even where it fails because it could not be saved. */
  readonly freeze: (id: string) => Result<StoredKey, Reason>;
  readonly unfreeze: (id: string) => Result<StoredKey, Reason>;
}

/** Opens every key there is and takes over the environment's; one bad key stops the start. */
export async function createKeyRing(
  options: KeyRingOptions,
  { kinds, alarm }: KeyRingDeps,
): Promise<Result<OpenKeyRing, Reason>> {
  const { directory, password, environment } = options;
  const files = readKeyFiles(directory);
  if (!files.ok) return files;
  const known = knownKeys(files.value, environment, kinds);
  if (!known.ok) return known;
  const wrappings = createWrappingKeys(options.cost);
  const opened = await openAll(files.value, password, wrappings, kinds);
  if (!opened.ok) {
    wrappings[Symbol.dispose]();
    return opened;
  }

  const secrets = new Map(opened.value);
  for (const { id, secret } of environment) secrets.set(id, secret);
  const keys: KnownKey[] = [...known.value];
  const frozen = createFrozenKeys({ file: join(directory, FROZEN_FILE), alarm });
  const writer = createKeyWriter(
    { directory, passwordForNew: options.passwordForNew ?? noPassword },
    { kinds, keys, secrets, frozen, wrappings },
  );

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
      secretOfKind: (kind: string, id: string) =>
        keys.some((key) => key.id === id && key.kind === kind) ? secrets.get(id) : undefined,
      add: writer.add,
      rename: writer.rename,
      freeze: (id: string) => change(id, 'add'),
      unfreeze: (id: string) => change(id, 'remove'),
      [Symbol.dispose]: () => {
        wipe(secrets);
        wrappings[Symbol.dispose]();
      },
    }),
  );
}

/** One after another: a derivation takes 256 MiB. */
async function openAll(
  files: readonly KeyFile[],
  password: Secret | undefined,
  wrappings: WrappingKeys,
  kinds: readonly KeyKind[],
): Promise<Result<ReadonlyMap<string, Secret>, Reason>> {
  const secrets = new Map<string, Secret>();
  for (const file of files) {
    const opened: Result<Secret, Reason> =
      password === undefined
        ? err(passwordMissing(file))
        : await openOne(file, password, wrappings, kinds);
    if (!opened.ok) {
      wipe(secrets);
      return opened;
    }
    secrets.set(file.id, opened.value);
  }
  return ok(secrets);
}

async function openOne(
  file: KeyFile,
  password: Secret,
  wrappings: WrappingKeys,
  kinds: readonly KeyKind[],
): Promise<Result<Secret, Reason>> {
  const wrapping = await wrappings.of(file.keystore, password);
  return wrapping.ok ? openKeyFileUnder(file, wrapping.value, kinds) : wrapping;
}

function passwordMissing({ file }: KeyFile): Reason {
  const message = `key file \`${file}\` needs a password; set \`KEYS_PASSWORD_FILE\``;
  return { code: 'keys.password', message };
}

function noPassword(): Result<Secret, Reason> {
  const message = 'there is no password for new key files; set `KEYS_PASSWORD_FILE`';
  return err({ code: 'keys.password', message });
}

function wipe(secrets: ReadonlyMap<string, Secret>): void {
  for (const secret of secrets.values()) secret[Symbol.dispose]();
}

/** Writes key files while the daemon runs, one after another, and keeps the ring's memory in step. */
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import { createTurns } from '../../base/turns.ts';
import type { KeyKind, NewKey, StoredKey } from '../../core/key-storage.ts';
import type { Reason } from '../../core/outcome.ts';
import type { FrozenKeys } from './frozen-keys.ts';
import {
  fingerprintOf,
  openKeyFileUnder,
  readKeyFile,
  readKeyFiles,
  relabelKeyFile,
  removeKeyFile,
  writeKeyFile,
} from './key-files.ts';
import { sealUnder, type WrappingKey } from './keystore.ts';
import { checkFree, type KnownKey, unknownKey, withState } from './known-keys.ts';
import { makePrivateDirectory } from './private-file.ts';
import type { WrappingKeys } from './wrapping-keys.ts';

export interface KeyWriterOptions {
  readonly directory: string;
  readonly passwordForNew: () => Result<Secret, Reason>;
}

/** The ring's own memory, which this changes. */
export interface KeyWriterDeps {
  readonly kinds: readonly KeyKind[];
  readonly keys: KnownKey[];
  readonly secrets: Map<string, Secret>;
  readonly frozen: FrozenKeys;
  readonly wrappings: WrappingKeys;
}

/** `add` and `rename` of the ring. */
export interface KeyWriter {
  readonly add: (key: NewKey) => Promise<Result<StoredKey, Reason>>;
  readonly rename: (from: string, to: string) => Promise<Result<StoredKey, Reason>>;
}

export function createKeyWriter(
  { directory, passwordForNew }: KeyWriterOptions,
  { kinds, keys, secrets, frozen, wrappings }: KeyWriterDeps,
): KeyWriter {
  // Two that came at once could otherwise both find an id free.
  const inTurn = createTurns();

  async function add(key: NewKey): Promise<Result<StoredKey, Reason>> {
    let kept = false;
    try {
      const fingerprint = fingerprintOf(key, kinds);
      if (!fingerprint.ok) return fingerprint;
      const known = keys.find(({ id }) => id === key.id);
      const { kind, id } = key;
      if (known?.fingerprint === fingerprint.value && known.kind === kind) {
        return ok(withState(known, frozen));
      }
      const free = checkFree({ id, fingerprint: fingerprint.value }, keys);
      if (!free.ok) return free;
      const label = { kind, id, pubkey: fingerprint.value, path: '' };
      const written = await write(key, label);
      if (!written.ok) return written;
      kept = true;
      secrets.set(id, key.secret);
      const added = { id, kind, origin: written.value, fingerprint: fingerprint.value };
      keys.push(added);
      return ok(withState(added, frozen));
    } finally {
      if (!kept) key.secret[Symbol.dispose]();
    }
  }

  /** The name of the file, which was proven to hold the key. */
  async function write(
    { secret, description }: NewKey,
    label: { kind: string; id: string; pubkey: KnownKey['fingerprint']; path: string },
  ): Promise<Result<string, Reason>> {
    const wrapping = await wrappings.forNew({
      files: () => readKeyFiles(directory),
      password: passwordForNew,
    });
    if (!wrapping.ok) return wrapping;
    const described = description === undefined ? label : { ...label, description };
    const keystore = sealUnder(wrapping.value, secret, described);
    const made = makePrivateDirectory(directory);
    const file = made.ok ? writeKeyFile(directory, label.id, keystore) : made;
    if (!file.ok) return file;
    const proven = prove(file.value, wrapping.value);
    if (proven.ok) return file;
    removeKeyFile(directory, file.value);
    return proven;
  }

  /** Opens what was written, from disk: a key that cannot be opened again would be lost. */
  function prove(file: string, wrapping: WrappingKey): Result<void, Reason> {
    const read = readKeyFile(directory, file);
    if (!read.ok) return read;
    const opened = openKeyFileUnder(read.value, wrapping, kinds);
    if (!opened.ok) return opened;
    opened.value[Symbol.dispose]();
    return ok(undefined);
  }

  function rename(from: string, to: string): Result<StoredKey, Reason> {
    const index = keys.findIndex(({ id }) => id === from);
    const key = keys[index];
    const secret = secrets.get(from);
    if (key === undefined || secret === undefined) return err(unknownKey(from, keys));
    if (frozen.has(from))
      return refuse('keys.frozen', `key \`${from}\` is frozen; unfreeze it first`);
    const others = keys.filter((other) => other !== key);
    const free = checkFree({ id: to, fingerprint: key.fingerprint }, others);
    if (!free.ok) return free;
    const file = readKeyFile(directory, key.origin);
    if (!file.ok) return file;
    const origin = relabelKeyFile(directory, file.value, to);
    if (!origin.ok) return origin;
    const renamed = { ...key, id: to, origin: origin.value };
    keys[index] = renamed;
    secrets.set(to, secret);
    secrets.delete(from);
    return ok(withState(renamed, frozen));
  }

  return Object.freeze({
    add: (key: NewKey) => inTurn(() => add(key)),
    rename: (from: string, to: string) => inTurn(() => Promise.resolve(rename(from, to))),
  });
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code, message });
}

/**
 * Where validator keys come from and go to while the daemon runs: loaded and reloaded from the
 * operator's files, imported and deleted through the Keymanager API.
 */
import type { Hex } from '../../base/hex.ts';
import { ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { atMost } from './at-most.ts';
import type { Blst } from './blst.ts';
import type { ImportedKeys } from './imported-keys.ts';
import type { KeyCache } from './key-cache.ts';
import {
  createKeyImports,
  type Activation,
  type KeyImports,
  type UsableKey,
} from './key-imports.ts';
import type { KeyProblem, KeySource } from './key-source.ts';
import { openBlsKeystore, openFound } from './open-key.ts';
import { createOperatorKeys, type Duplicate, type LoadProgress } from './operator-keys.ts';
import type { ValidatorKeys } from './validator-keys.ts';

export interface ValidatorKeyStoreOptions {
  readonly sources: readonly KeySource[];
  /**
   * Keystores decrypted at the same time. Each takes a thread of libuv's pool, of which there are 4
   * unless `UV_THREADPOOL_SIZE` says otherwise, and with the standard scrypt 256 MiB.
   */
  readonly concurrency: number;
}

export interface ValidatorKeyStoreDeps {
  readonly blst: Blst;
  readonly keys: ValidatorKeys;
  readonly imported: ImportedKeys;
  readonly cache: KeyCache | undefined;
  /** Makes ready what must be there before a key may sign; none of the keys is used if it fails. */
  readonly beforeActivation: (pubkeys: readonly Hex[]) => Promise<Result<void, Reason>>;
  readonly onProgress: (progress: LoadProgress) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface ReloadReport {
  readonly added: readonly Hex[];
  readonly removed: readonly Hex[];
  /** By file; the keys of other files are in use all the same. */
  readonly errors: readonly KeyProblem[];
  readonly duplicates: readonly Duplicate[];
}

/** The words of Web3Signer's `GET /reload`. */
export type LoadState = 'idle' | 'running' | 'completed' | 'completed_with_errors' | 'failed';

export interface LoadStatus {
  readonly state: LoadState;
  /** Whether a load has come to its end, so that the keys there are can be told. */
  readonly isLoaded: boolean;
  /** Of the last load that ended. */
  readonly errors: readonly KeyProblem[];
  /** When it ended. */
  readonly endedAt?: number;
}

export interface ValidatorKeyStore extends KeyImports {
  /**
   * Loads everything the first time, then the difference. `undefined` while a load is running. Rejects
   * only where machinery broke; keys that were in use stay so.
   */
  readonly reload: () => Promise<ReloadReport> | undefined;
  readonly status: () => LoadStatus;
  /** Keys loaded from a source. */
  readonly countOf: (source: string) => number;
}

export function createValidatorKeyStore(
  { sources, concurrency }: ValidatorKeyStoreOptions,
  { blst, keys, imported, cache, beforeActivation, onProgress, now }: ValidatorKeyStoreDeps,
): ValidatorKeyStore {
  const decrypting = atMost(Math.max(1, concurrency));
  /** What is in use changes one step at a time, so that a reload never revives a deleted key. */
  const changing = atMost(1);
  const operator = createOperatorKeys(sources, {
    isLoaded: keys.has,
    open: (found) => decrypting(() => openFound(found, blst, cache)),
    onProgress,
  });
  let running: Promise<ReloadReport> | undefined;
  let last: LoadStatus = { state: 'idle', isLoaded: false, errors: [] };

  function reload(): Promise<ReloadReport> | undefined {
    if (running !== undefined) return undefined;
    running = load().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function load(): Promise<ReloadReport> {
    try {
      const own = await changing(loadImported);
      const theirs = await loadOperators();
      const report = {
        added: [...own.added, ...theirs.added],
        removed: theirs.removed,
        errors: [...own.errors, ...theirs.errors],
        duplicates: theirs.duplicates,
      };
      const state = report.errors.length === 0 ? 'completed' : 'completed_with_errors';
      last = { state, isLoaded: true, errors: report.errors, endedAt: now() };
      return report;
    } catch (error) {
      last = { ...last, state: 'failed', endedAt: now() };
      throw error;
    }
  }

  async function loadImported(): Promise<Activation> {
    const { keys: found, problems } = await imported.load(keys.has);
    const activated = await activate(
      found.map(({ file, ...key }) => ({ ...key, origin: file })),
      { isReadonly: false },
    );
    return { added: activated.added, errors: [...problems, ...activated.errors] };
  }

  async function loadOperators(): Promise<ReloadReport> {
    const difference = await operator.difference();
    return await changing(async () => {
      const { fresh, gone, problems, duplicates, digests } = difference;
      const { added, errors } = await activate(fresh, { isReadonly: true });
      difference.accept(keys.has);
      const removed = gone.filter((pubkey) => !imported.has(pubkey) && keys.has(pubkey));
      await Promise.all(removed.map(keys.remove));
      const saved = cache?.save(digests);
      const cacheErrors = saved?.ok === false ? [{ file: 'key cache', reason: saved.error }] : [];
      return { added, removed, errors: [...problems, ...errors, ...cacheErrors], duplicates };
    });
  }

  /** Takes keys into use and disposes of their secrets. */
  async function activate(
    fresh: readonly UsableKey[],
    { isReadonly }: { readonly isReadonly: boolean },
  ): Promise<Activation> {
    const added: Hex[] = [];
    const errors: KeyProblem[] = [];
    const unknown = fresh.filter(({ pubkey }) => !keys.has(pubkey));
    try {
      const admitted =
        unknown.length === 0
          ? ok(undefined)
          : await beforeActivation(unknown.map(({ pubkey }) => pubkey));
      for (const { pubkey, path, origin, secret } of unknown) {
        const label = { pubkey, path, origin, isReadonly };
        const result = admitted.ok ? keys.add(label, secret) : admitted;
        if (result.ok) added.push(pubkey);
        else errors.push({ file: origin, reason: result.error });
      }
    } finally {
      for (const { secret } of fresh) secret[Symbol.dispose]();
    }
    return { added, errors };
  }

  return Object.freeze({
    reload,
    status: () => ({
      ...last,
      ...(running === undefined ? {} : { state: 'running' as const }),
    }),
    countOf: operator.countOf,
    ...createKeyImports({
      keys,
      imported,
      open: (keystore, password) => decrypting(() => openBlsKeystore(keystore, password, blst)),
      changing,
      activate: (key) => activate([key], { isReadonly: false }),
      originOf: operator.originOf,
    }),
  });
}

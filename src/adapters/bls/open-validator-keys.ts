/** All parts of validator keys put together, as a daemon needs them. */
import { ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { FrozenKeys } from '../keys/frozen-keys.ts';
import type { DerivationCost } from '../keys/key-derivation.ts';
import { createBlsWorkers, type BlsWorkers } from './bls-workers.ts';
import { loadBlst } from './blst.ts';
import { createImportedKeys } from './imported-keys.ts';
import { openKeyCache, type KeyCache } from './key-cache.ts';
import { keyConfigurations } from './key-configurations.ts';
import { createKeySlots } from './key-slots.ts';
import type { KeySource } from './key-source.ts';
import { keystoreDirectory } from './keystore-directory.ts';
import type { Exposed } from './source-file.ts';
import {
  createValidatorKeyStore,
  type ValidatorKeyStore,
  type ValidatorKeyStoreDeps,
} from './validator-key-store.ts';
import { createValidatorKeys, type ValidatorKeys } from './validator-keys.ts';

export interface ValidatorKeysOptions {
  /** Signing threads. */
  readonly workers: number;
  /** Keystores decrypted at the same time; see `ValidatorKeyStoreOptions`. */
  readonly concurrency: number;
  /** Where imported keys are kept. */
  readonly imports: { readonly directory: string; readonly password?: Secret };
  /** EIP-2335 keystores and Web3Signer's key configuration files, which may lie together. */
  readonly sources: readonly {
    readonly directory: string;
    /** Directory of password files, or one file for all keystores. */
    readonly passwords?: string;
    readonly exposed: Exposed;
  }[];
  /** Decrypted keys at rest, under a password or the content of a key file; none if left out. */
  readonly cache?: { readonly file: string; readonly secret: Secret };
  /** For cache and imports; EIP-2335's own cost if left out. */
  readonly cost?: DerivationCost;
}

export interface OpenValidatorKeysDeps extends Pick<
  ValidatorKeyStoreDeps,
  'beforeActivation' | 'onProgress' | 'now'
> {
  readonly frozen: FrozenKeys;
  readonly alarm: (reason: Reason) => void;
}

export interface OpenValidatorKeys {
  readonly keys: ValidatorKeys;
  /** Nothing is loaded before its first `reload`. */
  readonly store: ValidatorKeyStore;
  readonly workers: Pick<BlsWorkers, 'pending'>;
  /** Lets signatures under way end, then overwrites every key. */
  readonly close: () => Promise<void>;
}

/** Fails where the machine cannot sign, or the cache's secret cannot be used. */
export async function openValidatorKeys(
  { workers: count, concurrency, imports, sources, cache, cost }: ValidatorKeysOptions,
  { frozen, alarm, beforeActivation, onProgress, now }: OpenValidatorKeysDeps,
): Promise<Result<OpenValidatorKeys, Reason>> {
  const blst = await loadBlst();
  if (!blst.ok) return blst;
  const atCost = cost === undefined ? {} : { cost };
  const keyCache: Result<KeyCache | undefined, Reason> =
    cache === undefined ? ok(undefined) : await openKeyCache({ ...cache, ...atCost }, { alarm });
  if (!keyCache.ok) return keyCache;
  const slots = createKeySlots();
  const workers = await createBlsWorkers({ count, memory: slots.memory }, { alarm });
  if (!workers.ok) return workers;

  const keys = createValidatorKeys({ slots, workers: workers.value, frozen });
  const imported = createImportedKeys({ ...imports, ...atCost }, blst.value);
  const store = createValidatorKeyStore(
    { sources: sources.flatMap(sourcesOf), concurrency },
    {
      blst: blst.value,
      keys,
      imported,
      cache: keyCache.value,
      beforeActivation,
      onProgress,
      now,
    },
  );

  async function close(): Promise<void> {
    if (workers.ok) await workers.value.close();
    slots.wipeAll();
    imported[Symbol.dispose]();
    if (keyCache.ok) keyCache.value?.[Symbol.dispose]();
  }

  return ok(Object.freeze({ keys, store, workers: workers.value, close }));
}

/** Configuration files first: what they name needs no password beside it. */
function sourcesOf(source: ValidatorKeysOptions['sources'][number]): readonly KeySource[] {
  return [keyConfigurations(source), keystoreDirectory(source)];
}

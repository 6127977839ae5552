/** What the Ethereum routes need besides the pipeline: the keys, their files, and their history. */
import type { Hex } from '../../base/hex.ts';
import type { Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { HighWatermark } from '../../core/slashing.ts';

export interface LoadedKey {
  readonly pubkey: Hex;
  /** EIP-2334; empty where the keystore names none. */
  readonly path: string;
  readonly isReadonly: boolean;
}

export interface NewKeystores {
  /** EIP-2335 documents, each as text. */
  readonly keystores: readonly string[];
  /** As many. */
  readonly passwords: readonly Secret[];
  /** An interchange document (EIP-3076). */
  readonly slashingProtection?: string;
}

/** In the words of the Keymanager API. */
export interface KeystoreStatus {
  readonly status: 'imported' | 'duplicate' | 'deleted' | 'not_active' | 'not_found' | 'error';
  readonly message?: string;
}

export interface DeletedKeys {
  readonly statuses: readonly KeystoreStatus[];
  /** Of the keys that are or were here; an interchange document. */
  readonly slashingProtection: string;
}

export interface ReloadStatus {
  readonly state: 'idle' | 'running' | 'completed' | 'completed_with_errors' | 'failed';
  /** Epoch milliseconds. */
  readonly endedAt?: number;
  readonly error?: string;
}

/** What the operator ordered for one key. */
export interface OrderedSettings {
  readonly feeRecipient?: Hex;
  readonly gasLimit?: bigint;
}

export interface EthereumKeys {
  /** Whether all keys were loaded once, so that those there are can be told. */
  readonly isLoaded: () => boolean;
  readonly publicKeys: () => readonly Hex[];
  readonly has: (pubkey: Hex) => boolean;
  readonly list: () => readonly LoadedKey[];
  /** A document that cannot be used refuses the whole; a single keystore only itself. */
  readonly importKeystores: (
    keystores: NewKeystores,
  ) => Promise<Result<readonly KeystoreStatus[], Reason>>;
  /** Each stops signing before its history is read. */
  readonly deleteKeys: (pubkeys: readonly Hex[]) => Promise<DeletedKeys>;
  /** `false` while one is running. */
  readonly reload: () => boolean;
  readonly reloadStatus: () => ReloadStatus;
  readonly highWatermark: () => Promise<HighWatermark | undefined>;
  readonly settings: (pubkey: Hex) => Promise<OrderedSettings>;
}

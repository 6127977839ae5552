/** Keystores that come and go through the Keymanager API (ethereum/keymanager-APIs). */
import type { Hex } from '../../base/hex.ts';
import type { Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { AtMost } from './at-most.ts';
import type { ImportedKeys } from './imported-keys.ts';
import type { KeyProblem } from './key-source.ts';
import type { OpenedKey } from './open-key.ts';
import type { ValidatorKeys } from './validator-keys.ts';

/** How one key of an import fared, in the words of the Keymanager API. */
export type ImportStatus =
  | { readonly status: 'imported' | 'duplicate'; readonly pubkey: Hex }
  | { readonly status: 'error'; readonly message: string };

/** A keystore that opened and is not in use yet. */
export interface PreparedImport extends Disposable {
  readonly status: 'prepared';
  readonly pubkey: Hex;
  /** Saves the key durably, then takes it into use. */
  readonly activate: () => Promise<ImportStatus>;
}

export type RemovalStatus =
  | { readonly status: 'deleted' | 'not_found' }
  /** It lies in a file of the operator's, or its file could not be removed; the latter signs no more. */
  | { readonly status: 'error'; readonly message: string };

export interface KeyImports {
  /** Decrypts and checks, so that a slashing history can be stored before the key is activated. */
  readonly prepareImport: (
    keystore: string,
    password: Secret,
  ) => Promise<PreparedImport | ImportStatus>;
  readonly importKeystore: (keystore: string, password: Secret) => Promise<ImportStatus>;
  /** The key signs no more when this resolves, whatever it resolves to but an operator's file. */
  readonly remove: (pubkey: Hex) => Promise<RemovalStatus>;
}

/** A key that may be taken into use. */
export interface UsableKey extends OpenedKey {
  readonly origin: string;
}

/** Which keys were taken into use, and why others were not. */
export interface Activation {
  readonly added: readonly Hex[];
  readonly errors: readonly KeyProblem[];
}

export interface KeyImportsDeps {
  readonly keys: ValidatorKeys;
  readonly imported: ImportedKeys;
  /** Decrypts and proves; the receiver disposes of the secret. */
  readonly open: (keystore: string, password: Secret) => Promise<Result<OpenedKey, Reason>>;
  /** One change of what is in use at a time. */
  readonly changing: AtMost;
  /** Takes a key into use and disposes of its secret. */
  readonly activate: (key: UsableKey) => Promise<Activation>;
  /** The operator's file that holds a key. */
  readonly originOf: (pubkey: Hex) => string | undefined;
}

export function createKeyImports({
  keys,
  imported,
  open,
  changing,
  activate,
  originOf,
}: KeyImportsDeps): KeyImports {
  async function prepareImport(
    keystore: string,
    password: Secret,
  ): Promise<PreparedImport | ImportStatus> {
    const opened = await open(keystore, password);
    if (!opened.ok) return { status: 'error', message: opened.error.message };
    const { pubkey, secret } = opened.value;
    if (keys.has(pubkey)) {
      secret[Symbol.dispose]();
      return { status: 'duplicate', pubkey };
    }
    let isSpent = false;
    return {
      status: 'prepared',
      pubkey,
      activate() {
        if (isSpent) throw new Error('a prepared import is activated once, before its disposal');
        isSpent = true;
        return changing(() => saveAndActivate(opened.value));
      },
      [Symbol.dispose]() {
        isSpent = true;
        secret[Symbol.dispose]();
      },
    };
  }

  async function saveAndActivate(key: OpenedKey): Promise<ImportStatus> {
    const { pubkey, path, secret } = key;
    if (keys.has(pubkey)) return { status: 'duplicate', pubkey };
    const saved = await imported.save(pubkey, path, secret);
    if (!saved.ok) return { status: 'error', message: saved.error.message };
    const { errors } = await activate({ ...key, origin: saved.value });
    const [error] = errors;
    if (error === undefined) return { status: 'imported', pubkey };
    const undone = imported.remove(pubkey);
    const { message } = undone.ok ? error.reason : undone.error;
    return { status: 'error', message };
  }

  async function importKeystore(keystore: string, password: Secret): Promise<ImportStatus> {
    const prepared = await prepareImport(keystore, password);
    if (prepared.status !== 'prepared') return prepared;
    using key = prepared;
    return await key.activate();
  }

  async function removeOne(pubkey: Hex): Promise<RemovalStatus> {
    const origin = originOf(pubkey);
    if (origin !== undefined) {
      const message = `the key lies in \`${origin}\`; remove it there and reload`;
      return { status: 'error', message };
    }
    const wasInUse = await keys.remove(pubkey);
    const removed = imported.remove(pubkey);
    if (!removed.ok) return { status: 'error', message: removed.error.message };
    return { status: wasInUse || removed.value ? 'deleted' : 'not_found' };
  }

  return Object.freeze({
    prepareImport,
    importKeystore,
    remove: (pubkey: Hex) => changing(() => removeOne(pubkey)),
  });
}

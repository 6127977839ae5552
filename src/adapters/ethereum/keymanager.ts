/**
 * Keys that come and go with their history: a key signs only once its history is recorded, and its
 * history is handed out only once it signs no more (Keymanager API, EIP-3076).
 */
import { utf8 } from '../../base/bytes.ts';
import type { Hex } from '../../base/hex.ts';
import { ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Store } from '../../core/ports.ts';
import type { ImportReport } from '../../core/slashing-control.ts';
import type { ImportStatus, PreparedImport, RemovalStatus } from '../bls/key-imports.ts';
import type { ValidatorKeyStore } from '../bls/validator-key-store.ts';
import { exportInterchange } from '../interchange/export.ts';
import { documentOf } from '../interchange/document-bytes.ts';
import { importInterchange } from '../interchange/import.ts';
import type { KeyHistory } from './key-history.ts';
import type { KeystoreStatus, NewKeystores } from './keystores.ts';

export interface KeymanagerDeps {
  readonly keys: Pick<ValidatorKeyStore, 'prepareImport' | 'remove'>;
  readonly history: KeyHistory;
  readonly store: Store;
  /** Whether a key is in use. */
  readonly isLoaded: (pubkey: Hex) => boolean;
}

export interface Keymanager {
  readonly importKeystores: (
    keystores: NewKeystores,
  ) => Promise<Result<readonly KeystoreStatus[], Reason>>;
  readonly deleteKeys: (pubkeys: readonly Hex[]) => Promise<{
    readonly statuses: readonly KeystoreStatus[];
    readonly slashingProtection: string;
  }>;
}

type Prepared = PreparedImport | ImportStatus;

const NOT_OPENED: ImportStatus = { status: 'error', message: 'the keystore was not opened' };

/** How the records of keys fared; absent where none came. */
type Records = ImportReport['keys'];

export function createKeymanager({ keys, history, store, isLoaded }: KeymanagerDeps): Keymanager {
  async function importKeystores({
    keystores,
    passwords,
    slashingProtection,
  }: NewKeystores): Promise<Result<readonly KeystoreStatus[], Reason>> {
    const prepared: Prepared[] = keystores.map(() => NOT_OPENED);
    try {
      await Promise.all(
        keystores.map(async (keystore, index) => {
          const password = passwords[index];
          if (password === undefined) throw new Error('a keystore has no password');
          prepared[index] = await keys.prepareImport(keystore, password);
        }),
      );
      const report = await importHistory(slashingProtection, prepared);
      if (!report.ok) return report;
      const statuses: KeystoreStatus[] = [];
      for (const one of prepared) statuses.push(await activate(one, report.value));
      return ok(statuses);
    } finally {
      for (const one of prepared) if (one.status === 'prepared') one[Symbol.dispose]();
      for (const password of passwords) password[Symbol.dispose]();
    }
  }

  /** Of the keys that can be opened, before any of them signs. */
  async function importHistory(
    document: string | undefined,
    prepared: readonly Prepared[],
  ): Promise<Result<Records, Reason>> {
    if (document === undefined) return ok(new Map());
    const only = new Set(prepared.flatMap((one) => (one.status === 'error' ? [] : [one.pubkey])));
    const imported = await importInterchange(documentOf(utf8(document)), store, { only });
    return imported.ok ? ok(imported.value.keys) : imported;
  }

  async function activate(one: Prepared, records: Records): Promise<KeystoreStatus> {
    if (one.status === 'error') return { status: 'error', message: one.message };
    const own = records.get(one.pubkey);
    if (own?.kind === 'failed') {
      const message = `its slashing protection was not imported: ${own.reason.message}`;
      return { status: 'error', message };
    }
    const isActive = one.status !== 'prepared' && (await isEnabled(one.pubkey));
    if (isActive) return { status: one.status };
    const hasRecords = own !== undefined && own.blocks + own.attestations > 0;
    return history.take(one.pubkey, { records: hasRecords }, () => use(one));
  }

  async function use(one: Exclude<Prepared, { status: 'error' }>): Promise<KeystoreStatus> {
    if (one.status !== 'prepared') return { status: one.status };
    const { status, ...rest } = await one.activate();
    return { status, ...('message' in rest ? { message: rest.message } : {}) };
  }

  async function isEnabled(pubkey: Hex): Promise<boolean> {
    return (await store.slashing.key(pubkey))?.isEnabled === true;
  }

  async function deleteKeys(pubkeys: readonly Hex[]): ReturnType<Keymanager['deleteKeys']> {
    const retired: Hex[] = [];
    const statuses: KeystoreStatus[] = [];
    for (const pubkey of pubkeys) {
      const removed = await keys.remove(pubkey);
      const wasHere = (await store.slashing.key(pubkey)) !== undefined;
      // A key that still signs keeps its history to itself: handed out it would be a false one.
      if (wasHere && !isLoaded(pubkey)) {
        await history.retire(pubkey);
        retired.push(pubkey);
      }
      statuses.push(deletion(removed, wasHere));
    }
    let slashingProtection = '';
    for await (const piece of exportInterchange(store, { only: retired })) {
      slashingProtection += piece;
    }
    return { statuses, slashingProtection };
  }

  return Object.freeze({ importKeystores, deleteKeys });
}

/** A key that is not here but has a history was here once. */
function deletion(removed: RemovalStatus, wasHere: boolean): KeystoreStatus {
  if (removed.status === 'error') return { status: 'error', message: removed.message };
  if (removed.status === 'not_found' && wasHere) return { status: 'not_active' };
  return { status: removed.status };
}

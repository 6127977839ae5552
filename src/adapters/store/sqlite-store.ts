/** The durable memory on SQLite: opened whole or not at all. */
import { dirname, join, resolve as absolute } from 'node:path';

import type { Reason } from '../../core/outcome.ts';
import { NO_HISTORY } from '../../core/signing-history.ts';
import type { SlashingReader } from '../../core/slashing.ts';
import type { Clock, Store, Transaction } from '../../core/ports.ts';
import { messageOf } from './error-message.ts';
import { type KillAt, killProbe } from './kill-point.ts';
import { createLanes } from './lanes.ts';
import { createPrivateFile, takeDirectory } from './lock.ts';
import { syncDirectory } from './marker.ts';
import type { Meta, Restored } from './prepare-database.ts';
import { createReader, type Reader } from './reader.ts';
import { createRecentlyCommitted } from './recently-committed.ts';
import { type Guarded, openGuarded } from './restore-guard.ts';
import { checkCommitted } from './slashing-ledger.ts';
import { createSlashingMemory } from './slashing-memory.ts';
import { type SlashingTables, toProtectedKey } from './slashing-tables.ts';
import { type Database, openForReading, sqliteCode } from './sqlite-driver.ts';
import { openTransaction, type OpenTransaction } from './transaction.ts';
import { startWriter, type WriterClient, type WriterEvents } from './writer-client.ts';

export interface SqliteStoreOptions {
  /** Created with mode 0700 if missing. */
  readonly directory: string;
  /** Where the restore guard keeps its marker; best on another device. */
  readonly markerPath?: string;
  readonly clock: Clock;
  /** A trouble that the store survives: a commit that failed, a marker that cannot be written. */
  readonly alarm?: (reason: Reason) => void;
  /** The writer is gone: nothing can be committed until the process starts anew. */
  readonly onBroken?: (reason: Reason) => void;
  readonly onCommit?: (commit: CommitReport) => void;
  /** For fault tests alone. */
  readonly killAt?: KillAt;
}

export interface CommitReport {
  /** How many transactions shared this fsync. */
  readonly batches: number;
  readonly milliseconds: number;
}

export interface OpenedStore {
  readonly store: Store;
  /** Present when the database is older than its marker; `store.generation` was raised for it. */
  readonly restored?: Restored;
  readonly warnings: readonly Reason[];
}

/**
 * Opens the store of a data directory, creating it on first use. Throws when another process holds
 * the directory, when the schema is not ours, or when the marker cannot be understood.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<OpenedStore> {
  const directory = absolute(options.directory);
  const path = join(directory, 'countersign.sqlite');
  const { clock, killAt, markerPath, alarm = () => undefined } = options;

  const { created, unlock } = takeDirectory(directory);
  let reading: Database | undefined;
  try {
    if (created !== undefined) await syncDirectory(dirname(created));
    createPrivateFile(path);
    await syncDirectory(directory);
    const guarded = await openGuarded(path, {
      ...(markerPath !== undefined && { markerPath: absolute(markerPath) }),
      ...{ clock, alarm, probe: killProbe(killAt) },
    });
    reading = openForReading(path);
    const writer = await startWriter({ path, killAt }, eventsOf(options, guarded));
    const store = createStore(guarded.meta, {
      now: clock.now,
      reader: createReader(reading),
      writer,
      async close() {
        // The writer folds the log into the database when it is the last to let go of it.
        reading?.close();
        await writer.close();
        await guarded.marker.close();
        unlock();
      },
    });
    const { restored, warnings } = guarded;
    return Object.freeze({ store, ...(restored && { restored }), warnings });
  } catch (error) {
    reading?.close();
    unlock();
    throw damaged(path, error) ?? error;
  }
}

/** Result codes `SQLITE_CORRUPT` and `SQLITE_NOTADB`. */
const DAMAGED: readonly (number | undefined)[] = [11, 26];

function damaged(path: string, cause: unknown): Error | undefined {
  if (!DAMAGED.includes(sqliteCode(cause))) return undefined;
  const message = `database \`${path}\` is damaged (${messageOf(cause)}); put a copy of DATA_DIR back, or move it away to begin anew`;
  return new Error(message, { cause });
}

function eventsOf(options: SqliteStoreOptions, { marker }: Guarded): WriterEvents {
  let failing = false;
  return {
    onSettled({ batches, failures, sequence, milliseconds }) {
      marker.advance(sequence);
      options.onCommit?.({ batches, milliseconds });
      const failed = failures.find(({ kind }) => kind === 'unknown');
      if (failed !== undefined && !failing) {
        const message = `cannot commit: ${failed.message}; check the disk of DATA_DIR`;
        options.alarm?.({ code: 'store.commit', message });
      }
      failing = failed !== undefined;
    },
    onBroken(cause) {
      options.onBroken?.({ code: 'store.broken', message: `${cause}; restart the daemon` });
    },
  };
}

interface Parts {
  readonly now: () => number;
  readonly reader: Reader;
  readonly writer: WriterClient;
  /** Lets go of everything, once all transactions are over. */
  readonly close: () => Promise<void>;
}

function createStore(meta: Meta, { now, reader, writer, close }: Parts): Store {
  const alone = createLanes();
  const recent = createRecentlyCommitted(reader);
  const memory = createSlashingMemory(reader.slashing);
  const underWay = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  function transact<T>(
    lanes: readonly string[],
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    if (closed !== undefined) return Promise.reject(new Error('the store is closed'));
    const result = alone(lanes, () => run(work));
    const over = result.then(forget, forget);
    underWay.add(over);
    return result;

    function forget(): void {
      underWay.delete(over);
    }
  }

  async function run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const opened = openTransaction({ committed: recent.reader, slashing: memory.tables, now });
    const value = await valueOf(work, opened);
    if (opened.writes.length > 0) await commit(opened);
    recent.keep(opened);
    return value;
  }

  async function commit({ writes, changes }: OpenTransaction): Promise<void> {
    const changed = changes();
    try {
      await writer.commit(writes);
    } catch (error) {
      recent.forget();
      throw error;
    } finally {
      if (changed !== undefined) memory.forget(changed);
    }
    if (changed !== undefined) memory.learn(changed);
  }

  return Object.freeze({
    storeId: meta.storeId,
    createdAt: meta.createdAt,
    generation: meta.generation,
    transact,
    close: () => (closed ??= Promise.all(underWay).then(close)),
    job: later(reader.job),
    jobs: later(reader.jobs),
    endedBefore: later(reader.endedBefore),
    history: later(reader.history),
    decisions: later(reader.decisions),
    recentDecisions: later(reader.recentDecisions),
    outboxOf: later(reader.outboxOf),
    dueOutbox: later(reader.dueOutbox),
    nextDue: later(reader.nextDue),
    policyText: later(reader.policyText),
    state: later(reader.state),
    stateWithPrefix: later(reader.stateWithPrefix),
    counts: later(reader.counts),
    slashing: readSlashing(reader.slashing),
  });
}

async function valueOf<T>(
  work: (tx: Transaction) => Promise<T>,
  { transaction, finish }: OpenTransaction,
): Promise<T> {
  try {
    return await work(transaction);
  } finally {
    finish();
  }
}

function readSlashing(tables: SlashingTables): SlashingReader {
  return Object.freeze({
    check: later((...asked) => checkCommitted(tables, ...asked)),
    key: later((key) => {
      const validator = tables.validator(key);
      return validator && toProtectedKey(validator);
    }),
    keys: later((after, limit) => tables.validators(after, limit).map(toProtectedKey)),
    newestTarget: later((key) => {
      const id = tables.validator(key)?.id;
      return id === undefined ? undefined : tables.newestAttestation(id)?.target;
    }),
    history: later((key) => {
      const id = tables.validator(key)?.id;
      return id === undefined ? NO_HISTORY : tables.history(id);
    }),
    settings: later(tables.settings),
  } satisfies SlashingReader);
}

/** The port is asynchronous; whatever the read throws becomes a rejection. */
function later<A extends readonly unknown[], R>(
  read: (...values: A) => R,
): (...values: A) => Promise<R> {
  return (...values) =>
    new Promise((resolve) => {
      resolve(read(...values));
    });
}

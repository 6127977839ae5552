/** The durable memory on SQLite: opened whole or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import type { Clock, Store, Transaction } from '../../core/ports.ts';
import type { Reason } from '../../core/outcome.ts';
import { type KillAt, killProbe } from './kill-point.ts';
import { createLanes } from './lanes.ts';
import { createPrivateFile, lockDirectory } from './lock.ts';
import {
  createMarker,
  type Mark,
  type Marker,
  readMark,
  syncDirectory,
  writeMark,
} from './marker.ts';
import { migrate, readMigrations } from './migrations.ts';
import { createReader } from './reader.ts';
import { bigint, integer, text } from './rows.ts';
import { type Database, openForReading, openForWriting } from './sqlite-driver.ts';
import { openTransaction } from './transaction.ts';
import { startWriter } from './writer-client.ts';

export interface SqliteStoreOptions {
  /** Created with mode 0700 if missing. */
  readonly directory: string;
  /** Where the restore guard keeps its marker; best on another device. */
  readonly markerPath?: string;
  readonly clock: Clock;
  /** A trouble that the store survives, e.g. a marker that cannot be written. */
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

export interface Opened {
  readonly store: Store;
  /** Present when the database is older than its marker; `store.generation` was raised for it. */
  readonly restored?: Restored;
  readonly warnings: readonly Reason[];
}

export interface Restored {
  readonly markerSeq: bigint;
  readonly seq: bigint;
  readonly storeChanged: boolean;
}

interface Meta {
  readonly storeId: string;
  readonly createdAt: number;
  readonly generation: bigint;
  readonly sequence: bigint;
}

/**
 * Opens the store of a data directory, creating it on first use. Throws when another process holds
 * the directory, when the schema is not ours, or when the marker cannot be understood.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Opened> {
  const directory = resolve(options.directory);
  const path = join(directory, 'countersign.sqlite');
  const markerPath = options.markerPath === undefined ? undefined : resolve(options.markerPath);
  const probe = killProbe(options.killAt);
  const alarm = options.alarm ?? ((): void => undefined);

  const created = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (created !== undefined) await syncDirectory(dirname(created));
  const unlock = lockDirectory(directory);
  let reading: Database | undefined;
  try {
    createPrivateFile(path);
    await syncDirectory(directory);
    const mark = markerPath === undefined ? undefined : await readMark(markerPath);
    const { meta, restored } = prepare(path, options.clock.now(), mark);
    const marker = markerPath === undefined ? undefined : await adoptMarker(markerPath, meta);
    reading = openForReading(path);
    const writer = await startWriter(
      { path, killAt: options.killAt },
      {
        onSettled({ batches, sequence, milliseconds }) {
          marker?.advance(sequence);
          options.onCommit?.({ batches: batches.length, milliseconds });
        },
        onBroken(cause) {
          options.onBroken?.({ code: 'store.broken', message: cause });
        },
      },
    );
    const store = createStore(meta, { reading, writer, marker, unlock });
    const warnings = await markerWarnings(directory, markerPath, mark, meta);
    return Object.freeze({ store, ...(restored && { restored }), warnings });
  } catch (error) {
    reading?.close();
    unlock();
    throw error;
  }

  async function adoptMarker(at: string, meta: Meta): Promise<Marker> {
    await writeMark(at, meta, probe);
    const { storeId, sequence } = meta;
    return createMarker({ path: at, storeId, clock: options.clock, probe, alarm }, sequence);
  }
}

interface Parts {
  readonly reading: Database;
  readonly writer: Awaited<ReturnType<typeof startWriter>>;
  readonly marker: Marker | undefined;
  readonly unlock: () => void;
}

function createStore(meta: Meta, { reading, writer, marker, unlock }: Parts): Store {
  const reader = createReader(reading);
  const alone = createLanes();
  const inFlight = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  function transact<T>(
    lanes: readonly string[],
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    if (closed !== undefined) return Promise.reject(new Error('the store is closed'));
    const done = alone(lanes, async () => {
      const { transaction, finish } = openTransaction(reader);
      let result: T;
      try {
        result = await work(transaction);
      } finally {
        finish();
      }
      const writes = finish();
      if (writes.length > 0) await writer.commit(writes);
      return result;
    });
    inFlight.add(done);
    const forget = (): void => void inFlight.delete(done);
    done.then(forget, forget);
    return done;
  }

  async function close(): Promise<void> {
    await Promise.allSettled(inFlight);
    reading.close();
    await writer.close();
    await marker?.close();
    unlock();
  }

  return Object.freeze({
    storeId: meta.storeId,
    createdAt: meta.createdAt,
    generation: meta.generation,
    transact,
    close: () => (closed ??= close()),
    job: later(reader.job),
    jobs: later(reader.jobs),
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
  });
}

/** Brings schema and identity up to date, and raises the generation of an older database. */
function prepare(
  path: string,
  now: number,
  mark: Mark | undefined,
): { readonly meta: Meta; readonly restored?: Restored } {
  const database = openForWriting(path);
  try {
    migrate(database, readMigrations(new URL('./migrations/sqlite/', import.meta.url)), now);
    database
      .prepare('INSERT INTO meta VALUES (1, ?, ?, 0, 0) ON CONFLICT DO NOTHING')
      .run(randomUUID(), now);
    const found = readMeta(database);
    const storeChanged = mark !== undefined && mark.storeId !== found.storeId;
    if (mark === undefined || (!storeChanged && mark.sequence <= found.sequence)) {
      return { meta: found };
    }
    database.exec('UPDATE meta SET generation = generation + 1, sequence = sequence + 1');
    const restored = { markerSeq: mark.sequence, seq: found.sequence, storeChanged };
    return { meta: readMeta(database), restored };
  } finally {
    database.close();
  }
}

function readMeta(database: Database): Meta {
  const row = database.prepare('SELECT * FROM meta').get() ?? {};
  return {
    storeId: text(row, 'store_id'),
    createdAt: integer(row, 'created_at'),
    generation: bigint(row, 'generation'),
    sequence: bigint(row, 'sequence'),
  };
}

async function markerWarnings(
  directory: string,
  markerPath: string | undefined,
  mark: Mark | undefined,
  meta: Meta,
): Promise<readonly Reason[]> {
  if (markerPath === undefined) {
    const message = 'STATE_MARKER is not set; an older copy of the database would not be noticed';
    return [{ code: 'store.marker-unset', message }];
  }
  const warnings: Reason[] = [];
  const [here, there] = await Promise.all([stat(directory), stat(dirname(markerPath))]);
  if (here.dev === there.dev) {
    const message =
      'STATE_MARKER is on the same device as DATA_DIR; a restored disk takes both back';
    warnings.push({ code: 'store.marker-same-device', message });
  }
  if (mark === undefined && meta.sequence > 0n) {
    const message = 'STATE_MARKER was missing and is begun anew; check that its device is mounted';
    warnings.push({ code: 'store.marker-missing', message });
  }
  return warnings;
}

function later<A extends readonly unknown[], R>(
  read: (...values: A) => R,
): (...values: A) => Promise<R> {
  return (...values) =>
    new Promise((resolve_) => {
      resolve_(read(...values));
    });
}

/** Applies groups of batches: one commit, one fsync, each batch on its own terms. */
import type { Probe } from '../../core/probe.ts';
import { bigint } from './rows.ts';
import { type Database, sqliteCode, type Statement } from './sqlite-driver.ts';
import { type Write, WRITE_STATEMENTS } from './writes.ts';

export interface Batch {
  readonly id: number;
  readonly writes: readonly Write[];
}

/**
 * - `committed` durable
 * - `refused`   the database refused this batch alone; certainly not applied
 * - `unknown`   the commit failed; applied or not is only known after a restart
 */
export interface Settlement {
  readonly id: number;
  readonly kind: 'committed' | 'refused' | 'unknown';
  readonly message?: string;
}

export interface Settled {
  readonly batches: readonly Settlement[];
  /** Number of commits in the life of this database. */
  readonly sequence: bigint;
  readonly milliseconds: number;
}

export interface Writer {
  readonly apply: (group: readonly Batch[]) => Settled;
  readonly close: () => void;
}

/** SQLite's codes for a refused value: the statement fails, the transaction stays sound. */
const CONSTRAINT = 19;
const TOO_BIG = 18;
const MISMATCH = 20;

type Statements = Readonly<Record<keyof typeof WRITE_STATEMENTS, Statement>>;
interface Connection {
  readonly database: Database;
  readonly statements: Statements;
}

/**
 * After a failed commit the connection is dropped. The next group opens a new one, and is taken
 * only if the database still stands where this writer left it; so a full disk that was cleared
 * needs no restart, and a database changed by others is never written to.
 */
export function createWriter(open: () => Database, probe: Probe): Writer {
  let connection: Connection | undefined;
  let sequence: bigint | undefined;
  connect();

  return Object.freeze({
    apply(group: readonly Batch[]): Settled {
      const start = performance.now();
      const batches = settle(group);
      return { batches, sequence: sequence ?? 0n, milliseconds: performance.now() - start };
    },
    close() {
      if (connection === undefined) return;
      connection.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      connection.database.close();
    },
  });

  function connect(): Connection {
    const database = open();
    try {
      const found = bigint(database.prepare('SELECT sequence FROM meta').get() ?? {}, 'sequence');
      // One ahead: the failed commit was durable after all.
      if (sequence !== undefined && found !== sequence && found !== sequence + 1n) {
        throw new Error('the database was changed by someone else; restart the daemon');
      }
      sequence = found;
      connection = { database, statements: prepareAll(database) };
      return connection;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  function settle(group: readonly Batch[]): readonly Settlement[] {
    try {
      return commit(connection ?? connect(), group);
    } catch (error) {
      disconnect();
      const message = messageOf(error);
      return group.map(({ id }) => ({ id, kind: 'unknown', message }));
    }
  }

  function commit({ database, statements }: Connection, group: readonly Batch[]): Settlement[] {
    probe('writer.before-begin');
    database.exec('BEGIN IMMEDIATE');
    const settlements = group.map((batch) => applyAlone(database, statements, batch));
    if (settlements.every(({ kind }) => kind === 'refused')) {
      database.exec('ROLLBACK');
      return settlements;
    }
    database.exec('UPDATE meta SET sequence = sequence + 1');
    probe('writer.before-commit');
    database.exec('COMMIT');
    probe('writer.after-commit');
    sequence = (sequence ?? 0n) + 1n;
    return settlements;
  }

  function disconnect(): void {
    try {
      // Closing rolls back whatever is still open.
      connection?.database.close();
    } catch {
      // Nothing more can be said than the error that led here.
    }
    connection = undefined;
  }
}

function prepareAll(database: Database): Statements {
  const prepare = (name: keyof typeof WRITE_STATEMENTS): Statement =>
    database.prepare(WRITE_STATEMENTS[name]);
  return {
    insertJob: prepare('insertJob'),
    changeJob: prepare('changeJob'),
    addHistory: prepare('addHistory'),
    addDecision: prepare('addDecision'),
    putState: prepare('putState'),
    putOutbox: prepare('putOutbox'),
    rememberPolicy: prepare('rememberPolicy'),
  };
}

function applyAlone(database: Database, statements: Statements, batch: Batch): Settlement {
  database.exec('SAVEPOINT batch');
  try {
    for (const { statement, values } of batch.writes) {
      const { changes } = statements[statement].run(...values);
      if (statement === 'changeJob' && Number(changes) !== 1) throw new Error('unknown job');
    }
    database.exec('RELEASE batch');
    return { id: batch.id, kind: 'committed' };
  } catch (error) {
    if (!concernsBatchAlone(error)) throw error;
    database.exec('ROLLBACK TO batch');
    database.exec('RELEASE batch');
    return { id: batch.id, kind: 'refused', message: messageOf(error) };
  }
}

/** Errors that are not SQLite's come from values that cannot be bound. */
function concernsBatchAlone(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === undefined || code === CONSTRAINT || code === TOO_BIG || code === MISMATCH;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

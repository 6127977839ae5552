/** Applies groups of batches: one commit and one fsync for all, refusals for those that earn them. */
import type { Probe } from '../../core/probe.ts';
import { messageOf } from './error-message.ts';
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
 * - `unknown`   the commit failed; whether it was applied is known only to the database
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

interface Connection {
  readonly database: Database;
  readonly sequence: bigint;
  readonly run: Readonly<Record<keyof typeof STATEMENTS, Statement['run']>>;
}

const STATEMENTS = {
  ...WRITE_STATEMENTS,
  begin: 'BEGIN IMMEDIATE',
  advance: 'UPDATE meta SET sequence = sequence + 1',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
} as const;

/** SQLite's codes for a refused value: the statement fails, the transaction stays sound. */
const TOO_BIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;

/**
 * After a failed commit the connection is dropped. The next group opens a new one, and is taken
 * only if the database still stands where this writer left it; so a full disk that was cleared
 * needs no restart, and a database changed by others is never written to.
 */
export function createWriter(open: () => Database, probe: Probe): Writer {
  let connection: Connection | undefined = connect(open);
  let sequence = connection.sequence;

  return Object.freeze({
    apply(group: readonly Batch[]): Settled {
      const start = performance.now();
      const batches = settle(group);
      return { batches, sequence, milliseconds: performance.now() - start };
    },
    close() {
      connection?.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      connection?.database.close();
      connection = undefined;
    },
  });

  function settle(group: readonly Batch[]): readonly Settlement[] {
    try {
      connection ??= reconnect();
      return commit(connection.run, group);
    } catch (error) {
      disconnect();
      const message = messageOf(error);
      return group.map(({ id }) => ({ id, kind: 'unknown', message }));
    }
  }

  /**
   * A refusal undoes the whole group, whose batches are then committed one by one: dearer than a
   * savepoint around each batch, but only bugs are refused, and savepoints cost every time.
   */
  function commit(run: Connection['run'], group: readonly Batch[]): readonly Settlement[] {
    probe('writer.before-begin');
    run.begin();
    try {
      for (const write of group.flatMap(({ writes }) => writes)) apply(run, write);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      run.rollback();
      if (group.length > 1) return group.flatMap((batch) => commit(run, [batch]));
      return group.map(({ id }) => ({ id, kind: 'refused', message: messageOf(error) }));
    }
    run.advance();
    probe('writer.before-commit');
    run.commit();
    probe('writer.after-commit');
    sequence += 1n;
    return group.map(({ id }) => ({ id, kind: 'committed' }));
  }

  function reconnect(): Connection {
    const fresh = connect(open);
    // One ahead: the commit that failed was durable after all.
    if (fresh.sequence !== sequence && fresh.sequence !== sequence + 1n) {
      fresh.database.close();
      throw new Error('the database was changed by another program; restart the daemon');
    }
    sequence = fresh.sequence;
    return fresh;
  }

  function disconnect(): void {
    try {
      connection?.database.close();
    } catch {
      // The error that led here says all.
    }
    connection = undefined;
  }
}

function connect(open: () => Database): Connection {
  const database = open();
  try {
    const prepare = (name: keyof typeof STATEMENTS): Statement['run'] => {
      const statement = database.prepare(STATEMENTS[name]);
      return (...values) => statement.run(...values);
    };
    return {
      database,
      sequence: bigint(database.prepare('SELECT sequence FROM meta').get() ?? {}, 'sequence'),
      run: {
        insertJob: prepare('insertJob'),
        changeJob: prepare('changeJob'),
        addHistory: prepare('addHistory'),
        addDecision: prepare('addDecision'),
        putState: prepare('putState'),
        putOutbox: prepare('putOutbox'),
        rememberPolicy: prepare('rememberPolicy'),
        begin: prepare('begin'),
        advance: prepare('advance'),
        commit: prepare('commit'),
        rollback: prepare('rollback'),
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function apply(run: Connection['run'], { statement, values }: Write): void {
  const { changes } = run[statement](...values);
  if (statement === 'changeJob' && Number(changes) !== 1) throw new Error('unknown job');
}

/** Whether a batch, not the database, is at fault. Errors not of SQLite's are values it cannot bind. */
function isRefusal(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === undefined || code === CONSTRAINT || code === TOO_BIG || code === MISMATCH;
}

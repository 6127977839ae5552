/** Applies groups of batches: one commit and one fsync for all, refusals for those that earn them. */
import type { Probe } from '../../core/probe.ts';
import { messageOf } from './error-message.ts';
import { bigint } from './rows.ts';
import { type Database, sqliteCode, type Statement } from './sqlite-driver.ts';
import { CHANGES_ONE_ROW, type Write, WRITE_STATEMENTS } from './writes.ts';

/** The writes of one transaction. */
export type Batch = readonly Write[];

/** How a group ended; whatever is not among its failures is durable. */
export interface Settled {
  readonly batches: number;
  readonly failures: readonly Failure[];
  /** How far the database has come; rises with every commit. */
  readonly sequence: bigint;
  readonly milliseconds: number;
}

export interface Failure {
  /** Which batch of the group. */
  readonly index: number;
  /**
   * - `refused` the database refused this batch; certainly not applied
   * - `unknown` the commit failed; whether it was applied is known only to the database
   */
  readonly kind: 'refused' | 'unknown';
  readonly message: string;
}

export interface Writer {
  readonly apply: (group: readonly Batch[]) => Settled;
  readonly close: () => void;
}

interface Connection {
  readonly database: Database;
  readonly sequence: () => bigint;
  readonly run: Readonly<Record<keyof typeof STATEMENTS, Statement['run']>>;
}

const STATEMENTS = {
  ...WRITE_STATEMENTS,
  begin: 'BEGIN IMMEDIATE',
  countQuietCommit: 'UPDATE meta SET quiet_commits = quiet_commits + 1',
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
  let sequence = connection.sequence();
  /** Where the database stands if the last commit was durable, whatever it said. */
  let attempted = sequence;

  return Object.freeze({
    apply(group: readonly Batch[]): Settled {
      const start = performance.now();
      const failures = settle(group);
      const milliseconds = performance.now() - start;
      return { batches: group.length, failures, sequence, milliseconds };
    },
    close() {
      connection?.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      connection?.database.close();
      connection = undefined;
    },
  });

  function settle(group: readonly Batch[]): readonly Failure[] {
    try {
      connection ??= reconnect();
      return commit(connection, group);
    } catch (error) {
      disconnect();
      const message = messageOf(error);
      return group.map((_, index) => ({ index, kind: 'unknown', message }));
    }
  }

  /**
   * A refusal undoes the whole group, whose batches are then committed one by one: dearer than a
   * savepoint around each batch, but only bugs are refused, and savepoints cost every time.
   */
  function commit(to: Connection, group: readonly Batch[]): readonly Failure[] {
    const { run } = to;
    probe('writer.before-begin');
    run.begin();
    try {
      for (const batch of group) for (const write of batch) apply(run, write);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      run.rollback();
      const message = messageOf(error);
      if (group.length === 1) return [{ index: 0, kind: 'refused', message }];
      return group.flatMap((batch, index) =>
        commit(to, [batch]).map((failure) => ({ ...failure, index })),
      );
    }
    attempted = to.sequence();
    if (attempted === sequence) {
      run.countQuietCommit();
      attempted += 1n;
    }
    probe('writer.before-commit');
    run.commit();
    probe('writer.after-commit');
    sequence = attempted;
    return [];
  }

  function reconnect(): Connection {
    const fresh = connect(open);
    const found = fresh.sequence();
    if (found !== sequence && found !== attempted) {
      fresh.database.close();
      throw new Error('the database was changed by another program; restart the daemon');
    }
    sequence = found;
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
    const progress = database.prepare('SELECT sequence FROM progress');
    return {
      database,
      sequence: () => bigint(progress.get() ?? {}, 'sequence'),
      run: {
        insertJob: prepare('insertJob'),
        changeJob: prepare('changeJob'),
        addHistory: prepare('addHistory'),
        keepFrom: prepare('keepFrom'),
        forgetOutbox: prepare('forgetOutbox'),
        forgetDecisions: prepare('forgetDecisions'),
        forgetHistory: prepare('forgetHistory'),
        forgetJob: prepare('forgetJob'),
        addDecision: prepare('addDecision'),
        putState: prepare('putState'),
        putOutbox: prepare('putOutbox'),
        rememberPolicy: prepare('rememberPolicy'),
        putValidator: prepare('putValidator'),
        addBlock: prepare('addBlock'),
        addAttestation: prepare('addAttestation'),
        mergeBlock: prepare('mergeBlock'),
        mergeAttestation: prepare('mergeAttestation'),
        pruneBlocks: prepare('pruneBlocks'),
        pruneAttestations: prepare('pruneAttestations'),
        pinGenesis: prepare('pinGenesis'),
        putHighWatermark: prepare('putHighWatermark'),
        noteActivity: prepare('noteActivity'),
        begin: prepare('begin'),
        countQuietCommit: prepare('countQuietCommit'),
        commit: prepare('commit'),
        rollback: prepare('rollback'),
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function apply(run: Connection['run'], [statement, ...values]: Write): void {
  const { changes } = run[statement](...values);
  if (CHANGES_ONE_ROW.has(statement) && Number(changes) !== 1) {
    throw new Error(`\`${statement}\` found no place for its change`);
  }
}

/** Whether a batch, not the database, is at fault. Errors not of SQLite's are values it cannot bind. */
function isRefusal(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === undefined || code === CONSTRAINT || code === TOO_BIG || code === MISMATCH;
}

/** The one place that knows which SQLite binding runs beneath the store. */
import process from 'node:process';

import type * as Binding from '@photostructure/sqlite';

export type SqlValue = null | string | number | bigint | Uint8Array;

/** One result row; integers arrive as `bigint`, so none is ever rounded. */
export type Row = Readonly<Record<string, SqlValue>>;

export interface Statement {
  readonly run: (...values: readonly SqlValue[]) => { readonly changes: number | bigint };
  readonly get: (...values: readonly SqlValue[]) => Row | undefined;
  readonly all: (...values: readonly SqlValue[]) => readonly Row[];
}

export interface Database {
  readonly exec: (sql: string) => void;
  readonly prepare: (sql: string) => Statement;
  readonly close: () => void;
}

/** How long a connection waits for a lock that a backup or a shell holds, in milliseconds. */
const BUSY_TIMEOUT = 5000;

/**
 * The log is copied into the database when it has this many pages (of 4 KiB): rarely enough that
 * the copy costs little per commit, often enough that a restart reads the log in a blink.
 */
const CHECKPOINT_PAGES = 4000;

/** First major version of Node that does not warn of its own module, even on loading it. */
const BUILTIN_SINCE = 24;

const { DatabaseSync } = await binding();

/** Node's own module where it is no longer experimental; else the package that carries its code. */
async function binding(): Promise<typeof Binding> {
  const isStable = Number.parseInt(process.versions.node) >= BUILTIN_SINCE;
  const builtin = isStable ? process.getBuiltinModule('node:sqlite') : undefined;
  // SAFETY: the package is a repackaging of this module and declares the same interface.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return (builtin as typeof Binding | undefined) ?? import('@photostructure/sqlite');
}

/** A connection whose commits are fsynced before they return (SQLite, PRAGMA synchronous). */
export function openForWriting(path: string): Database {
  const database = connect(path, false);
  try {
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal') {
      throw new Error(`cannot use a write-ahead log for \`${path}\`; move it to a local disk`);
    }
    database.exec(
      `PRAGMA synchronous = FULL;
       PRAGMA fullfsync = ON; -- macOS would else leave it in the cache of the drive
       PRAGMA checkpoint_fullfsync = ON;
       PRAGMA wal_autocheckpoint = ${String(CHECKPOINT_PAGES)};`,
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A connection that sees what is committed and can change nothing. */
export function openForReading(path: string): Database {
  return connect(path, true);
}

/** Holds an exclusive lock on a file of its own until the returned function is called. */
export function openLock(path: string): () => void {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw error;
  }
  return () => {
    database.close();
  };
}

/** The result code of an error of SQLite's, without its extension bits; see sqlite.org/rescode.html. */
export function sqliteCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

function connect(path: string, readOnly: boolean): Database {
  const connection = new DatabaseSync(path, { readOnly });
  connection.exec(
    `PRAGMA busy_timeout = ${String(BUSY_TIMEOUT)};
     PRAGMA foreign_keys = ON;
     PRAGMA trusted_schema = OFF;
     PRAGMA cell_size_check = ON;`,
  );
  return Object.freeze({
    exec: (sql: string) => {
      connection.exec(sql);
    },
    prepare(sql: string): Statement {
      const statement = connection.prepare(sql);
      statement.setReadBigInts(true);
      return statement;
    },
    close() {
      endTransaction(connection);
      connection.close();
    },
  });
}

/**
 * A closed connection lives on until its statements are collected (SQLite, "zombie"), and would
 * keep the locks of a transaction for as long.
 */
function endTransaction(connection: Pick<Database, 'exec'>): void {
  try {
    connection.exec('ROLLBACK');
  } catch {
    // There was none.
  }
}

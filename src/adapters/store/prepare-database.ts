/** Schema, identity and restore guard: everything about a database that is settled before its first use. */
import { randomUUID } from 'node:crypto';

import type { Mark } from './marker.ts';
import { migrate, readMigrations } from './migrations.ts';
import { bigint, integer, text } from './rows.ts';
import { type Database, openForWriting } from './sqlite-driver.ts';

export interface Meta {
  readonly storeId: string;
  readonly createdAt: number;
  /** Rises by one whenever the database was found to be older than its marker. */
  readonly generation: bigint;
  /** How far the database has come; rises with every commit. */
  readonly sequence: bigint;
}

/** How a database was found to be older than its marker. */
export interface Restored {
  readonly markerSeq: bigint;
  readonly seq: bigint;
  /** The marker belongs to another database altogether. */
  readonly storeChanged: boolean;
}

export interface Prepared {
  readonly meta: Meta;
  readonly restored?: Restored;
}

/** Creates or upgrades the database at `path`; `mark` is what its marker says, if there is one. */
export function prepareDatabase(path: string, now: number, mark: Mark | undefined): Prepared {
  const database = openForWriting(path);
  try {
    migrate(database, readMigrations(new URL('./migrations/sqlite/', import.meta.url)), now);
    database
      .prepare(
        'INSERT INTO meta (one, store_id, created_at, generation, quiet_commits) VALUES (1, ?, ?, 0, 0) ON CONFLICT DO NOTHING',
      )
      .run(randomUUID(), now);
    const meta = readMeta(database);
    const restored = mark && compare(meta, mark);
    if (restored === undefined) return { meta };
    database.exec('UPDATE meta SET generation = generation + 1, quiet_commits = quiet_commits + 1');
    return { meta: readMeta(database), restored };
  } finally {
    database.close();
  }
}

function compare(meta: Meta, mark: Mark): Restored | undefined {
  const storeChanged = mark.storeId !== meta.storeId;
  if (!storeChanged && mark.sequence <= meta.sequence) return undefined;
  return { markerSeq: mark.sequence, seq: meta.sequence, storeChanged };
}

function readMeta(database: Database): Meta {
  const row = database.prepare('SELECT * FROM meta, progress').get() ?? {};
  return {
    storeId: text(row, 'store_id'),
    createdAt: integer(row, 'created_at'),
    generation: bigint(row, 'generation'),
    sequence: bigint(row, 'sequence'),
  };
}

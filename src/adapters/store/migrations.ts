/** Brings a database to the newest schema, by ordered SQL files whose text never changes again. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import { text } from './rows.ts';
import type { Database } from './sqlite-driver.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** The migrations of a folder, in the order of their numbers. */
export function readMigrations(folder: URL): readonly Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({
      name: file.slice(0, -'.sql'.length),
      sql: readFileSync(new URL(file, folder), 'utf8'),
    }));
}

/** Applies what is missing; throws when the database knows other or further migrations. */
export function migrate(database: Database, migrations: readonly Migration[], now: number): void {
  database.exec(`CREATE TABLE IF NOT EXISTS migrations (
    name TEXT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`);
  const applied = new Map(
    database
      .prepare('SELECT name, checksum FROM migrations')
      .all()
      .map((row) => [text(row, 'name'), text(row, 'checksum')]),
  );
  refuseUnknown(applied, migrations);
  for (const { name, sql } of migrations) {
    const checksum = createHash('sha256').update(sql).digest('hex');
    const known = applied.get(name);
    if (known === undefined) apply(database, { name, sql }, [name, checksum, now]);
    else if (known !== checksum) {
      throw new Error(
        `migration \`${name}\` is not the one this database was made with; install the release that made it`,
      );
    }
  }
}

function refuseUnknown(
  applied: ReadonlyMap<string, string>,
  migrations: readonly Migration[],
): void {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = [...applied.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new Error(
      `the database was written by a newer release (migration \`${unknown}\`); install that release or a newer one`,
    );
  }
}

function apply(
  database: Database,
  { sql }: Migration,
  record: readonly [name: string, checksum: string, appliedAt: number],
): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(sql);
    database.prepare('INSERT INTO migrations VALUES (?, ?, ?)').run(...record);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

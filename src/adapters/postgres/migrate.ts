/** Brings a database to the newest schema; several daemons may start at once. */
import { createHash } from 'node:crypto';

import type { Migration } from '../store/migrations.ts';
import { text } from '../store/rows.ts';
import type { Connections } from './pg-driver.ts';

/** An advisory lock of ours alone, so that one daemon migrates while the others wait. */
const MIGRATION_LOCK = '4854821163';

/** Applies what is missing; throws when the database knows other or further migrations. */
export async function migrate(
  connections: Connections,
  migrations: readonly Migration[],
  now: number,
): Promise<void> {
  await connections.lend(async ({ query, command }) => {
    await command(`BEGIN; SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await command(`CREATE TABLE IF NOT EXISTS migrations (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at bigint NOT NULL)`);
    const rows = await query('SELECT name, checksum FROM migrations');
    const applied = new Map(rows.map((row) => [text(row, 'name'), text(row, 'checksum')]));
    const known = new Set(migrations.map(({ name }) => name));
    const unknown = [...applied.keys()].find((name) => !known.has(name));
    if (unknown !== undefined) {
      throw new Error(
        `the database was written by a newer release (migration \`${unknown}\`); install that release or a newer one`,
      );
    }
    for (const { name, sql } of migrations) {
      const checksum = createHash('sha256').update(sql).digest('hex');
      const before = applied.get(name);
      if (before === undefined) {
        await command(sql);
        await query('INSERT INTO migrations VALUES ($1, $2, $3)', name, checksum, now);
      } else if (before !== checksum) {
        throw new Error(
          `migration \`${name}\` is not the one this database was made with; install the release that made it`,
        );
      }
    }
    await command('COMMIT');
  });
}

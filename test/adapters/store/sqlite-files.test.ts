/** What lies in the data directory, who may open it, and what its tables refuse. */
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { describe, expect, jest, test } from '@jest/globals';

import { migrate, readMigrations } from '../../../src/adapters/store/migrations.ts';
import { type Database, openForWriting } from '../../../src/adapters/store/sqlite-driver.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite-store.ts';
import { uuidV7 } from '../../../src/adapters/system.ts';
import { forgetEnded } from '../../../src/core/forget.ts';
import { wallClock, withTempDirectory, withTempStore } from '../../support/temp-store.ts';
import { aDecision, aJob, write } from './records.ts';

jest.setTimeout(30_000);

describe('the data directory', () => {
  test('and all files in it are for their owner alone', async () => {
    await withTempStore(async (store, _, directory) => {
      await write(store, (tx) => {
        tx.insertJob(aJob({ job: 'j1' }));
      });
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
      const names = await readdir(directory);
      expect(names).toContain('countersign.sqlite-wal');
      for (const name of names) {
        expect([name, (await stat(join(directory, name))).mode & 0o777]).toEqual([name, 0o600]);
      }
    });
  });

  test('holds the whole database in one file after closing', async () => {
    await withTempDirectory(async (directory) => {
      const { store } = await openSqliteStore({ directory, clock: wallClock });
      await store.close();
      const log = await readFile(join(directory, 'countersign.sqlite-wal')).catch(() => '');
      expect(log).toHaveLength(0);
    });
  });

  test('is refused while another store has it open, and only then', async () => {
    await withTempStore(async (store, _, directory) => {
      const second = openSqliteStore({ directory, clock: wallClock });
      await expect(second).rejects.toThrow(
        `data directory \`${directory}\` is in use by another process`,
      );
      await store.close();
      const third = await openSqliteStore({ directory, clock: wallClock });
      await third.store.close();
    });
  });

  test('that cannot be made is named with what to check', async () => {
    await withTempDirectory(async (directory) => {
      const file = join(directory, 'file');
      await writeFile(file, '');
      const inside = join(file, 'data');
      await expect(openSqliteStore({ directory: inside, clock: wallClock })).rejects.toThrow(
        `cannot use data directory \`${inside}\` (ENOTDIR); check DATA_DIR and its permissions`,
      );
    });
  });

  test('is let go of when opening fails', async () => {
    await withTempDirectory(async (directory) => {
      await writeFile(join(directory, 'countersign.sqlite'), 'this is no database at all');
      const open = () => openSqliteStore({ directory, clock: wallClock });
      await expect(open()).rejects.toThrow(
        /countersign\.sqlite` is damaged \(.*not a database\); put a copy of DATA_DIR back/,
      );
      await writeFile(join(directory, 'countersign.sqlite'), '');
      await (await open()).store.close();
    });
  });
});

describe('history', () => {
  test.each(['journal', 'decisions', 'policies'])('in `%s` is only added to', async (table) => {
    await withTempStore(async (store, _, directory) => {
      await write(store, (tx) => {
        tx.insertJob(aJob({ job: 'j1' }));
        tx.addDecision(aDecision({ job: 'j1' }));
        tx.rememberPolicy('h', 'text', 1);
      });
      const database = openForWriting(join(directory, 'countersign.sqlite'));
      expect(() => {
        database.exec(`DELETE FROM ${table}`);
      }).toThrow('append-only');
      expect(() => {
        database.exec(`UPDATE ${table} SET rowid = 7`);
      }).toThrow('append-only');
      database.close();
    });
  });
});

test('the journal still says how far the database has come when all else is forgotten', async () => {
  await withTempStore(async (store, _, directory) => {
    const database = openForWriting(join(directory, 'countersign.sqlite'));
    const progress = () => database.prepare('SELECT sequence FROM progress').get()?.['sequence'];
    await write(store, (tx) => {
      tx.insertJob(aJob({ job: uuidV7(1, new Uint8Array(10)), outcome: 'signed' }));
      tx.insertJob(aJob({ job: uuidV7(2, new Uint8Array(10)), outcome: 'signed' }));
    });
    const before = Number(progress());
    const signal = new AbortController().signal;
    const rest = (): Promise<void> => Promise.resolve();
    expect(await forgetEnded(store, 86_400_000, { rest, signal })).toBe(1);
    expect(Number(progress())).toBeGreaterThan(before);
    database.close();
  });
});

describe('migrations', () => {
  const first = { name: '0001-one', sql: 'CREATE TABLE one (a) STRICT' };
  const one = { name: '0001-one', sql: 'CREATE TABLE one (a INTEGER) STRICT' };
  const two = { name: '0002-two', sql: 'CREATE TABLE two (b INTEGER) STRICT' };

  async function withDatabase(use: (database: Database) => void): Promise<void> {
    await withTempDirectory((directory) => {
      const database = openForWriting(join(directory, 'test.sqlite'));
      try {
        use(database);
      } finally {
        database.close();
      }
      return Promise.resolve();
    });
  }
  const tables = (database: Database): unknown[] =>
    database
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
      .all()
      .map((row) => row['name']);

  test('are applied in order, once', async () => {
    await withDatabase((database) => {
      migrate(database, [one], 1);
      migrate(database, [one, two], 2);
      migrate(database, [one, two], 3);
      expect(tables(database)).toEqual(['migrations', 'one', 'two']);
      const applied = database.prepare('SELECT applied_at FROM migrations ORDER BY name').all();
      expect(applied.map((row) => row['applied_at'])).toEqual([1n, 2n]);
    });
  });

  test('refuse a database made by another text of theirs', async () => {
    await withDatabase((database) => {
      migrate(database, [one], 1);
      expect(() => {
        migrate(database, [{ ...one, sql: `${one.sql} ` }, two], 2);
      }).toThrow('migration `0001-one` is not the one this database was made with');
      expect(tables(database)).toEqual(['migrations', 'one']);
    });
  });

  test('refuse a database of a newer release', async () => {
    await withDatabase((database) => {
      migrate(database, [one, two], 1);
      expect(() => {
        migrate(database, [one], 2);
      }).toThrow('newer release (migration `0002-two`)');
    });
  });

  test('leave nothing of one that fails', async () => {
    await withDatabase((database) => {
      const broken = { name: '0002-two', sql: `${two.sql}; CREATE TABLE one (a)` };
      expect(() => {
        migrate(database, [one, broken], 1);
      }).toThrow('already exists');
      expect(tables(database)).toEqual(['migrations', 'one']);
      migrate(database, [one, two], 2);
      expect(tables(database)).toEqual(['migrations', 'one', 'two']);
    });
  });

  test('are read from their folder in the order of their numbers', async () => {
    await withTempDirectory(async (directory) => {
      const folder = join(directory, 'sql');
      await mkdir(folder);
      await writeFile(join(folder, '0002-two.sql'), two.sql);
      await writeFile(join(folder, '0001-one.sql'), first.sql);
      await copyFile(join(folder, '0001-one.sql'), join(folder, 'notes.txt'));
      expect(readMigrations(pathToFileURL(`${folder}/`))).toEqual([first, two]);
    });
  });
});

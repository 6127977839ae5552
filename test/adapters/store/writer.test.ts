import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { prepareDatabase } from '../../../src/adapters/store/prepare-database.ts';
import { type Database, openForWriting } from '../../../src/adapters/store/sqlite-driver.ts';
import { createWriter, type Settled } from '../../../src/adapters/store/writer.ts';
import { insertJob, putState } from '../../../src/adapters/store/writes.ts';
import type { KillPoint } from '../../../src/core/probe.ts';
import { withTempDirectory } from '../../support/temp-store.ts';
import { aJob } from './records.ts';

const kinds = ({ batches, failures }: Settled): string[] =>
  Array.from({ length: batches }, (_, index) => {
    return failures.find((failure) => failure.index === index)?.kind ?? 'committed';
  });
const state = (key: string): ReturnType<typeof putState> => putState('w', key, {});

/** A database on disk whose next use of `statement` fails as a full or broken disk makes it fail. */
function faultyDatabase(path: string): {
  readonly open: () => Database;
  readonly failNext: (statement: string) => void;
} {
  let failing: string | undefined;
  return {
    failNext(statement) {
      failing = statement;
    },
    open() {
      const database = openForWriting(path);
      return {
        ...database,
        prepare(sql) {
          const statement = database.prepare(sql);
          return {
            get: (...values) => statement.get(...values),
            all: (...values) => statement.all(...values),
            run(...values) {
              if (sql !== failing) return statement.run(...values);
              failing = undefined;
              throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
            },
          };
        },
      };
    },
  };
}

async function withDatabase(use: (path: string) => void): Promise<void> {
  await withTempDirectory((directory) => {
    const path = join(directory, 'test.sqlite');
    prepareDatabase(path, 0, undefined);
    use(path);
    return Promise.resolve();
  });
}

function keysIn(path: string): unknown[] {
  const database = openForWriting(path);
  const rows = database.prepare('SELECT key FROM state ORDER BY key').all();
  database.close();
  return rows.map((row) => row['key']);
}

describe('the writer', () => {
  test('commits a group once', async () => {
    await withDatabase((path) => {
      const passed: KillPoint[] = [];
      const writer = createWriter(
        () => openForWriting(path),
        (point) => passed.push(point),
      );
      const settled = writer.apply([[state('a')], [state('b')], [state('c')]]);
      expect(kinds(settled)).toEqual(['committed', 'committed', 'committed']);
      expect(settled.sequence).toBe(1n);
      expect(passed).toEqual([
        'writer.before-begin',
        'writer.before-commit',
        'writer.after-commit',
      ]);
      writer.close();
      expect(keysIn(path)).toEqual(['a', 'b', 'c']);
    });
  });

  test('refuses one batch of a group alone and whole', async () => {
    await withDatabase((path) => {
      const writer = createWriter(
        () => openForWriting(path),
        () => undefined,
      );
      const duplicate = [
        ...insertJob(aJob({ job: 'j1', id: 'same' })),
        ...insertJob(aJob({ job: 'j2', id: 'same' })),
      ];
      const settled = writer.apply([[state('a')], [state('b'), ...duplicate], [state('c')]]);
      expect(kinds(settled)).toEqual(['committed', 'refused', 'committed']);
      expect(settled.failures[0]?.message).toBe('UNIQUE constraint failed: jobs.source, jobs.id');
      writer.close();
      expect(keysIn(path)).toEqual(['a', 'c']);
    });
  });

  test.each(['BEGIN IMMEDIATE', 'UPDATE meta SET quiet_commits = quiet_commits + 1', 'COMMIT'])(
    'calls a whole group unknown when `%s` fails, and takes the next one on a new connection',
    async (statement) => {
      await withDatabase((path) => {
        const { open, failNext } = faultyDatabase(path);
        const writer = createWriter(open, () => undefined);
        failNext(statement);
        const failed = writer.apply([[state('a')], [state('b')]]);
        expect(kinds(failed)).toEqual(['unknown', 'unknown']);
        expect(failed.failures[0]?.message).toBe('database or disk is full');
        expect(kinds(writer.apply([[state('c')]]))).toEqual(['committed']);
        writer.close();
        expect(keysIn(path)).toEqual(['c']);
      });
    },
  );

  test('goes on when a commit that failed turns out to be durable', async () => {
    await withDatabase((path) => {
      const { open, failNext } = faultyDatabase(path);
      const writer = createWriter(open, () => undefined);
      failNext('COMMIT');
      writer.apply([[state('a')]]);
      const database = openForWriting(path);
      database.exec('UPDATE meta SET quiet_commits = quiet_commits + 1');
      database.close();
      const settled = writer.apply([[state('b')]]);
      expect(kinds(settled)).toEqual(['committed']);
      expect(settled.sequence).toBe(2n);
      writer.close();
    });
  });

  test('never again writes to a database that another program moved on', async () => {
    await withDatabase((path) => {
      const { open, failNext } = faultyDatabase(path);
      const writer = createWriter(open, () => undefined);
      failNext('COMMIT');
      writer.apply([[state('a')]]);
      const database = openForWriting(path);
      database.exec('UPDATE meta SET quiet_commits = quiet_commits + 2');
      database.close();
      for (const key of ['b', 'c']) {
        const settled = writer.apply([[state(key)]]);
        expect(kinds(settled)).toEqual(['unknown']);
        expect(settled.failures[0]?.message).toContain('changed by another program');
      }
      writer.close();
      expect(keysIn(path)).toEqual([]);
    });
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, jest, test } from '@jest/globals';

import { openSqliteStore } from '../../../src/adapters/store/sqlite-store.ts';
import { wallClock, withTempStore } from '../../support/temp-store.ts';
import { storeContract } from './contract.ts';
import { aJob } from './records.ts';

jest.setTimeout(30_000);

storeContract('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  const { store } = await openSqliteStore({ directory, clock: wallClock });
  let current = store;
  return {
    store,
    async reopen() {
      await current.close();
      current = (await openSqliteStore({ directory, clock: wallClock })).store;
      return current;
    },
    async dispose() {
      await current.close();
      await rm(directory, { recursive: true });
    },
  };
});

test('transactions that arrive together share a commit', async () => {
  const groups: number[] = [];
  await withTempStore(
    async (store) => {
      await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          store.transact([`lane-${String(index)}`], (tx) => {
            tx.insertJob(aJob({ job: `j${String(index)}` }));
            return Promise.resolve();
          }),
        ),
      );
      expect(await store.counts()).toMatchObject({ unfinished: 200 });
    },
    { onCommit: ({ batches }) => groups.push(batches) },
  );
  expect(groups.reduce((sum, batches) => sum + batches, 0)).toBe(200);
  expect(groups.length).toBeLessThanOrEqual(5);
});

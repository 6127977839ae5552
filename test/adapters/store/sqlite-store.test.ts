import { expect, jest, test } from '@jest/globals';

import { withTempStore } from '../../support/temp-store.ts';
import { storeContract } from './contract.ts';
import { aJob } from './records.ts';
import { openSqlite } from './sqlite-under-test.ts';

jest.setTimeout(30_000);

storeContract('SQLite', openSqlite);

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

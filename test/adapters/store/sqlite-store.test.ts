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

test('a document that was read is handed back as it was last committed, whatever failed since', async () => {
  await withTempStore(async (store) => {
    const put = (count: bigint, job?: string) =>
      store.transact(['lane'], (tx) => {
        tx.putState('w', new Map([['k', { count }]]));
        if (job !== undefined) tx.insertJob(aJob({ job }));
        return Promise.resolve();
      });
    const read = () =>
      store.transact(['lane'], async (tx) => (await tx.state('w', ['k', 'absent'])).get('k'));

    await put(1n, 'j1');
    expect(await read()).toEqual({ count: 1n });
    await put(2n);
    expect(await read()).toEqual({ count: 2n });
    await expect(put(3n, 'j1')).rejects.toThrow('refused');
    expect(await read()).toEqual({ count: 2n });
    expect(await store.state('w', ['k'])).toEqual(new Map([['k', { count: 2n }]]));
  });
});

import { expect, test } from '@jest/globals';

import { withTempStore } from '../../support/temp-store.ts';

test('a fresh store is empty', async () => {
  await withTempStore(async (store) => {
    expect(await store.counts()).toEqual({
      unfinished: 0,
      withheld: 0,
      outboxPending: 0,
      outboxParked: 0,
    });
    await store.transact(['lane'], async (tx) => {
      tx.putState('w', new Map([['k', { n: 2n ** 63n }]]));
      await Promise.resolve();
    });
    expect(await store.state('w', ['k', 'other'])).toEqual(new Map([['k', { n: 2n ** 63n }]]));
  });
});

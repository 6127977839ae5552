import { expect, test } from '@jest/globals';

import { atMost } from '../../../src/adapters/bls/at-most.ts';

test('so many tasks run at a time, in order, also when one of them fails', async () => {
  const gate = atMost(2);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    [0, 1, 2, 3, 4, 5].map((index) =>
      gate(async () => {
        begun.push(index);
        running += 1;
        most = Math.max(most, running);
        await new Promise(setImmediate);
        running -= 1;
        if (index === 1) throw new Error('one fails');
        return index;
      }),
    ),
  );
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual([
    true,
    false,
    true,
    true,
    true,
    true,
  ]);
  expect(await gate(() => Promise.resolve('free again'))).toBe('free again');
});

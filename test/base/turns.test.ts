import { expect, test } from '@jest/globals';

import { createTurns } from '../../src/base/turns.ts';

test('works run one after another, in the order in which they came, and a failure is its own', async () => {
  const inTurn = createTurns();
  const steps: string[] = [];
  const work = (name: string, error?: Error) => async (): Promise<string> => {
    steps.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    steps.push(`${name} ends`);
    if (error !== undefined) throw error;
    return name;
  };
  const ended = await Promise.allSettled([
    inTurn(work('a')),
    inTurn(work('b', new Error('b broke'))),
    inTurn(work('c')),
  ]);
  expect(steps).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(ended).toMatchObject([{ value: 'a' }, { reason: { message: 'b broke' } }, { value: 'c' }]);
});

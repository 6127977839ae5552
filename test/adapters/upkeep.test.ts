import { expect, test } from '@jest/globals';

import { startUpkeep } from '../../src/adapters/upkeep.ts';

const TIMES = { first: 10, interval: 60 };

/** A clock whose tasks run when the test says so. */
function clock() {
  const due: { readonly delay: number; readonly task: () => void }[] = [];
  return {
    due,
    after: (delay: number, task: () => void) => {
      const one = { delay, task };
      due.push(one);
      return () => {
        if (due.includes(one)) due.splice(due.indexOf(one), 1);
      };
    },
    next: async (): Promise<void> => {
      due.shift()?.task();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('upkeep is done again and again, also after a failure', async () => {
  const { due, after, next } = clock();
  const failures: unknown[] = [];
  let times = 0;
  const work = (): Promise<void> => {
    times += 1;
    return times === 1 ? Promise.reject(new Error('away')) : Promise.resolve();
  };
  startUpkeep(TIMES, work, { clock: { after }, onFailure: (error) => failures.push(error) });
  expect(due.map(({ delay }) => delay)).toEqual([10]);
  await next();
  expect(failures).toHaveLength(1);
  expect(due.map(({ delay }) => delay)).toEqual([60]);
  await next();
  expect([times, failures.length]).toEqual([2, 1]);
});

test('stopping upkeep tells what is under way, waits for it, and begins nothing more', async () => {
  const { due, after, next } = clock();
  let finish = (): void => undefined;
  let signalled: AbortSignal | undefined;
  const work = (signal: AbortSignal): Promise<void> => {
    signalled = signal;
    return new Promise((resolve) => {
      finish = resolve;
    });
  };
  const stop = startUpkeep(TIMES, work, { clock: { after }, onFailure: () => undefined });
  await next();
  let stopped = false;
  const stopping = stop().then(() => {
    stopped = true;
  });
  expect(signalled?.aborted).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  finish();
  await stopping;
  expect(due).toEqual([]);
});

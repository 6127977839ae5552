import { expect, test } from '@jest/globals';

import { PRUNING_TIMES, startPruning } from '../../../src/adapters/ethereum/pruning.ts';
import type { Store } from '../../../src/core/ports.ts';
import { slashingLane } from '../../../src/core/slashing.ts';
import { temporaryStore } from '../../support/shared-store.ts';
import { aKey, aRoot } from '../store/duties.ts';

const rig = temporaryStore();

/** A clock whose tasks run when the test says so; and everything that pruning says. */
function pruning(store: Store) {
  const due: { readonly delay: number; readonly task: () => void }[] = [];
  const said: unknown[] = [];
  const heard: (() => void)[] = [];
  const say = (what: unknown): void => {
    said.push(what);
    heard.shift()?.();
  };
  const stop = startPruning(
    { slotsPerEpoch: 32n },
    {
      store,
      clock: {
        now: () => 0,
        after(delay, task) {
          const one = { delay, task };
          due.push(one);
          return () => void due.splice(due.indexOf(one), 1);
        },
      },
      onPruned: ({ records }) => {
        say(records);
      },
      onFailure: () => {
        say('failed');
      },
    },
  );
  const next = async (): Promise<number | undefined> => {
    const one = due.shift();
    const done = new Promise<void>((resolve) => heard.push(resolve));
    one?.task();
    await done;
    await new Promise((resolve) => setImmediate(resolve));
    return one?.delay;
  };
  return { due, said, next, stop };
}

test('old records go an hour after the start and every twelve hours, until it is stopped', async () => {
  const key = aKey(1);
  const votes = [1n, 2n, 300n].map((target) => ({ source: target - 1n, target, root: aRoot(1) }));
  const blocks = [1n, 9_000n].map((slot) => ({ slot, root: aRoot(1) }));
  await rig().transact([slashingLane(key)], (tx) =>
    tx.slashing.merge(key, { blocks, attestations: votes }),
  );
  const { due, said, next, stop } = pruning(rig());
  expect(await next()).toBe(PRUNING_TIMES.first);
  expect(said).toEqual([3]);
  expect(await next()).toBe(PRUNING_TIMES.interval);
  expect(said).toEqual([3, 0]);
  expect((await rig().slashing.history(key)).attestations.at(-1)?.target).toBe(300n);
  await stop();
  expect(due).toEqual([]);
});

test('a failure is told, and the next time tries again', async () => {
  const transact = (): Promise<never> => Promise.reject(new Error('away'));
  const { due, said, next, stop } = pruning({ ...rig(), transact });
  await next();
  expect(said).toEqual(['failed']);
  expect(due.map(({ delay }) => delay)).toEqual([PRUNING_TIMES.interval]);
  await stop();
});

import { expect, test } from '@jest/globals';

import { FORGETTING_TIMES, startForgetting } from '../../src/adapters/forgetting.ts';
import { uuidV7 } from '../../src/adapters/system.ts';
import { temporaryStore } from '../support/shared-store.ts';
import { aJob, write } from './store/records.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;
const rig = temporaryStore();

test('what ended longer ago than is kept is forgotten, and how much is told', async () => {
  const named = (day: number): string => uuidV7(day * DAY, new Uint8Array(10));
  await write(rig(), (tx) => {
    for (const day of [1, 50, 99]) {
      tx.insertJob(aJob({ job: named(day), receivedAt: day * DAY, outcome: 'signed' }));
    }
  });
  const due: { readonly delay: number; readonly task: () => void }[] = [];
  const stop = await new Promise<() => Promise<void>>((resolve, reject) => {
    const stopping = startForgetting(30 * DAY, {
      store: rig(),
      clock: {
        now: () => NOW,
        after(delay, task) {
          due.push({ delay, task });
          return () => undefined;
        },
      },
      onForgotten({ jobs }) {
        expect(jobs).toBe(2);
        resolve(stopping);
      },
      onFailure: reject,
    });
    expect(due.map(({ delay }) => delay)).toEqual([FORGETTING_TIMES.first]);
    due.shift()?.task();
  });
  await stop();
  expect(due).toEqual([]);
  expect((await rig().jobs({ limit: 10 })).map(({ job }) => job)).toEqual([named(99)]);
});

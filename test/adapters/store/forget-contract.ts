/** What every store must forget, and what it must not; run with the store contract. */
import { describe, expect, test } from '@jest/globals';

import { uuidV7 } from '../../../src/adapters/system.ts';
import { forgetEnded } from '../../../src/core/forget.ts';
import type { NewJob, OutboxState, Store, Transaction } from '../../../src/core/ports.ts';
import { aDecision, aJob, anOutboxRow, write } from './records.ts';

const DAY = 86_400_000;
/** Before this all is old. */
const BEFORE = 100 * DAY;

/** A job's name as of the `n`th day. */
const named = (n: number): string => uuidV7(n * DAY, new Uint8Array(10).fill(n % 256));

function put(
  tx: Transaction,
  n: number,
  fields: Partial<NewJob> = { outcome: 'signed' },
  told: OutboxState = 'delivered',
): void {
  const job = named(n);
  tx.insertJob(aJob({ job, receivedAt: n * DAY, ...fields }));
  tx.addDecision(aDecision({ job }));
  tx.putOutbox(anOutboxRow({ job, state: told }));
}

const forget = (store: Store, signal = new AbortController().signal): Promise<number> =>
  forgetEnded(store, BEFORE, { rest: () => Promise.resolve(), signal });

const names = async (store: Store): Promise<readonly string[]> =>
  (await store.jobs({ limit: 1_000 })).map(({ job }) => job);

export function forgettingContract(opened: () => Store): void {
  describe('forgetting', () => {
    test('takes what ended before a time, with its history, decisions and what was told', async () => {
      await write(opened(), (tx) => {
        put(tx, 1);
        put(tx, 2, { outcome: 'declined' });
        put(tx, 99, { outcome: 'ignored' });
        put(tx, 101);
      });
      expect(await forget(opened())).toBe(3);
      expect(await names(opened())).toEqual([named(101)]);
      for (const job of [named(1), named(2), named(99)]) {
        expect(await opened().job(job)).toBeUndefined();
        expect(await opened().history(job)).toEqual([]);
        expect(await opened().decisions(job)).toEqual([]);
        expect(await opened().outboxOf(job)).toEqual([]);
      }
      expect(await opened().decisions(named(101))).toHaveLength(1);
      expect(await forget(opened())).toBe(0);
    });

    test('leaves what may still be asked for or told', async () => {
      await write(opened(), (tx) => {
        put(tx, 1, {});
        put(tx, 2, { outcome: 'withheld' });
        put(tx, 3, { outcome: 'failed' });
        put(tx, 4, { outcome: 'signed' }, 'pending');
        put(tx, 5, { outcome: 'declined' }, 'parked');
        put(tx, 6);
        tx.changeJob(named(6), BEFORE, { stage: 'deliver' });
        put(tx, 200);
      });
      const all = await names(opened());
      expect(await forget(opened())).toBe(0);
      expect(await names(opened())).toEqual(all);
    });

    test('lets an id be used anew', async () => {
      await write(opened(), (tx) => {
        put(tx, 1, { outcome: 'signed', id: 'again' });
        put(tx, 200);
      });
      await forget(opened());
      await write(opened(), (tx) => {
        tx.insertJob(aJob({ job: named(201), id: 'again' }));
      });
      expect(await opened().transact([], (tx) => tx.findJob('webhook', 'again'))).toMatchObject({
        job: named(201),
      });
    });

    test('goes on over many, and stops when it is told to', async () => {
      await write(opened(), (tx) => {
        for (let n = 0; n < 95; n += 1) put(tx, n);
        put(tx, 200);
      });
      const stopping = new AbortController();
      stopping.abort();
      expect(await forget(opened(), stopping.signal)).toBe(0);
      expect(await opened().endedBefore(BEFORE, 10)).toEqual(
        Array.from({ length: 10 }, (_, n) => named(n)),
      );
      expect(await forget(opened())).toBe(95);
    });

    test('refuses a job that changed after the time', async () => {
      await write(opened(), (tx) => {
        put(tx, 101);
        put(tx, 200);
      });
      await expect(
        write(opened(), (tx) => {
          tx.forgetJobs([named(101)], BEFORE);
        }),
      ).rejects.toThrow('append-only');
      expect(await names(opened())).toContain(named(101));
    });
  });
}

/** What every implementation of the store port must do; run by one test file per implementation. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject } from '../../../src/base/json.ts';
import type { JobRecord, Store, Transaction } from '../../../src/core/ports.ts';
import { forgettingContract } from './forget-contract.ts';
import { aDecision, aJob, anOutboxRow, countIn, write as writeTo } from './records.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens the same data again. */
  readonly reopen: () => Promise<Store>;
  /** Closes whatever is open and removes the data. */
  readonly dispose: () => Promise<void>;
  /** How many runs of a property it can afford. */
  readonly runs?: number;
}

export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a store`, () => {
    let opened: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(async () => {
      await opened.dispose();
    });

    const write = (work: (tx: Transaction) => void): Promise<void> => writeTo(store, work);
    /** A job by name, which must be what a listing shows: a store may remember, but not differently. */
    const read = async (name: string): Promise<JobRecord | undefined> => {
      const listed = await store.jobs({ limit: 1_000 });
      const job = await store.job(name);
      expect(job).toEqual(listed.find((other) => other.job === name));
      return job;
    };

    describe('jobs', () => {
      test('are found by name and by source and id, exactly as they were inserted', async () => {
        const job = aJob({
          job: 'j1',
          body: Uint8Array.from({ length: 256 }, (_, index) => index),
          outcome: 'malformed',
          reason: { code: 'claim.no_id', message: 'the body has no id' },
        });
        await write((tx) => {
          tx.insertJob(job);
        });
        const record = { ...job, updatedAt: job.receivedAt };
        expect(await read('j1')).toEqual(record);
        expect(await store.transact([], (tx) => tx.findJob(job.source, job.id))).toEqual(record);
        expect(await read('j2')).toBeUndefined();
        expect(await store.transact([], (tx) => tx.findJob(job.source, 'j1'))).toBeUndefined();
      });

      test('keep texts of any kind', async () => {
        const texts = ['', "a'b", 'a\nb', 'ключ', '🔑', '%_'];
        await write((tx) => {
          for (const [index, text] of texts.entries()) {
            tx.insertJob(aJob({ job: `j${String(index)}`, id: text, entityId: text }));
          }
        });
        for (const text of texts) {
          const found = await store.transact([], (tx) => tx.findJob('webhook', text));
          expect([found?.id, found?.entityId]).toEqual([text, text]);
        }
      });

      test.each(['a\0b', 'a\ud800'])(
        'with a text that databases alter are refused (%j)',
        async (id) => {
          const insert = write((tx) => {
            tx.insertJob(aJob({ job: 'j1', id }));
          });
          await expect(insert).rejects.toThrow('no database keeps it');
        },
      );

      test('are unique by source and id, and a refused one takes its whole transaction back', async () => {
        await write((tx) => {
          tx.insertJob(aJob({ job: 'j1', id: 'e1' }));
        });
        const second = write((tx) => {
          tx.putState('w', new Map([['k', { n: 1n }]]));
          tx.insertJob(aJob({ job: 'j2', id: 'e1' }));
        });
        await expect(second).rejects.toThrow('refused');
        expect(await read('j2')).toBeUndefined();
        expect(await store.state('w', ['k'])).toEqual(new Map());

        await write((tx) => {
          tx.insertJob(aJob({ job: 'j2', id: 'e1', source: 'rest' }));
        });
        expect(await read('j2')).toBeDefined();
      });

      test('change only in what a change names', async () => {
        await write((tx) => {
          tx.insertJob(aJob({ job: 'j1' }));
          tx.changeJob('j1', 1_001, {
            stage: 'decide',
            outcome: 'withheld',
            reason: { code: 'c', message: 'm' },
            inputs: { nonce: 2n ** 64n },
          });
        });
        await write((tx) => {
          tx.changeJob('j1', 1_002, { stage: 'sign', answer: { signature: 'aa' } });
        });
        expect(await read('j1')).toEqual({
          ...aJob({ job: 'j1' }),
          stage: 'sign',
          outcome: 'withheld',
          reason: { code: 'c', message: 'm' },
          inputs: { nonce: 2n ** 64n },
          answer: { signature: 'aa' },
          updatedAt: 1_002,
        });
        await write((tx) => {
          const cleared = { outcome: null, reason: null, inputs: null, answer: null };
          tx.changeJob('j1', 1_003, { stage: 'claim', ...cleared });
        });
        expect(await read('j1')).toEqual({ ...aJob({ job: 'j1' }), updatedAt: 1_003 });
      });

      test('cannot be changed before they exist', async () => {
        const change = write((tx) => {
          tx.changeJob('j1', 1, { stage: 'decide' });
        });
        await expect(change).rejects.toThrow('unknown job `j1`');
      });

      test('have a history that begins with their claim and names what each change said', async () => {
        await write((tx) => {
          tx.insertJob(aJob({ job: 'j1' }));
          tx.insertJob(aJob({ job: 'j2' }));
          tx.changeJob('j1', 1_001, {
            stage: 'decide',
            outcome: 'withheld',
            reason: { code: 'c', message: 'm' },
          });
          tx.changeJob('j1', 1_002, { stage: 'decide', outcome: null, reason: null });
        });
        const history = await store.history('j1');
        const seq = expect.any(BigInt);
        expect(history).toEqual([
          { seq, job: 'j1', at: 1_000, stage: 'claim' },
          {
            ...{ seq, job: 'j1', at: 1_001, stage: 'decide', outcome: 'withheld' },
            reason: { code: 'c', message: 'm' },
          },
          { seq, job: 'j1', at: 1_002, stage: 'decide' },
        ]);
        const seqs = history.map(({ seq }) => seq);
        expect(seqs).toEqual([...seqs].sort((a, b) => (a < b ? -1 : 1)));
        expect(await store.history('j3')).toEqual([]);
      });

      test('are listed newest first, by outcome, source and page', async () => {
        await write((tx) => {
          tx.insertJob(aJob({ job: 'j1', outcome: 'signed' }));
          tx.insertJob(aJob({ job: 'j2' }));
          tx.insertJob(aJob({ job: 'j3', outcome: 'signed', source: 'rest' }));
          tx.insertJob(aJob({ job: 'j4', outcome: 'withheld' }));
          tx.insertJob(aJob({ job: 'j5' }));
        });
        const list = async (filter: Partial<Parameters<Store['jobs']>[0]>): Promise<string[]> =>
          (await store.jobs({ limit: 10, ...filter })).map(({ job }) => job);

        expect(await list({})).toEqual(['j5', 'j4', 'j3', 'j2', 'j1']);
        expect(await list({ limit: 2 })).toEqual(['j5', 'j4']);
        expect(await list({ before: 'j4', limit: 2 })).toEqual(['j3', 'j2']);
        expect(await list({ outcome: 'signed' })).toEqual(['j3', 'j1']);
        expect(await list({ outcome: 'signed', before: 'j3' })).toEqual(['j1']);
        expect(await list({ source: 'rest' })).toEqual(['j3']);
        expect(await list({ source: 'rest', outcome: 'withheld' })).toEqual([]);
        const [third] = await store.jobs({ source: 'rest', limit: 1 });
        expect(await list({ source: 'rest', id: third?.id ?? '' })).toEqual(['j3']);
        expect(await list({ source: 'rest', id: 'another' })).toEqual([]);
      });

      test('that are unfinished are listed oldest first', async () => {
        await write((tx) => {
          tx.insertJob(aJob({ job: 'j1', outcome: 'signed' }));
          tx.insertJob(aJob({ job: 'j3' }));
          tx.insertJob(aJob({ job: 'j2' }));
        });
        const unfinished = await store.jobs({ unfinished: true, limit: 10 });
        expect(unfinished.map(({ job }) => job)).toEqual(['j2', 'j3']);
      });
    });

    forgettingContract(() => store);

    describe('state', () => {
      test('keeps the last document of each world and key', async () => {
        await write((tx) => {
          tx.putState(
            'w',
            new Map([
              ['a', { n: 1n }],
              ['b', { n: 2n }],
            ]),
          );
          tx.putState('v', new Map([['a', { n: 3n }]]));
        });
        await write((tx) => {
          tx.putState('w', new Map([['a', { n: -(2n ** 63n), list: [null, true, 'x', 0.5] }]]));
        });
        expect(await store.state('w', ['a', 'b', 'c'])).toEqual(
          new Map([
            ['a', { n: -(2n ** 63n), list: [null, true, 'x', 0.5] }],
            ['b', { n: 2n }],
          ]),
        );
        expect(await store.state('v', ['a', 'b'])).toEqual(new Map([['a', { n: 3n }]]));
        expect(await store.state('v', [])).toEqual(new Map());
      });

      test('is listed by prefix in the order of keys, wildcards meaning themselves', async () => {
        await write((tx) => {
          for (const key of ['a/2', 'a/1', 'a', 'b/1', 'a0', 'a%']) {
            tx.putState('w', new Map([[key, { key }]]));
          }
          tx.putState('v', new Map([['a/3', {}]]));
        });
        const keys = async (prefix: string): Promise<string[]> => [
          ...(await store.stateWithPrefix('w', prefix)).keys(),
        ];
        expect(await keys('a/')).toEqual(['a/1', 'a/2']);
        expect(await keys('a%')).toEqual(['a%']);
        expect(await keys('')).toEqual(['a', 'a%', 'a/1', 'a/2', 'a0', 'b/1']);
        expect(await keys('c')).toEqual([]);
      });

      test('refuses documents that could not be read back as they are', async () => {
        const nested = (levels: number): JsonObject =>
          levels === 1 ? {} : { in: nested(levels - 1) };
        const put = (document: JsonObject): Promise<void> =>
          write((tx) => {
            tx.putState('w', new Map([['k', document]]));
          });
        await expect(put({ n: 1 })).rejects.toThrow('`bigint`');
        await expect(put({ list: [Number.NaN] })).rejects.toThrow('`bigint`');
        await expect(put({ constructor: 'x' })).rejects.toThrow('`constructor`');
        await expect(put(nested(33))).rejects.toThrow('deeper than 32');
        await put(nested(32));
        expect(await store.state('w', ['k'])).toEqual(new Map([['k', nested(32)]]));
      });
    });

    describe('decisions', () => {
      test('come back with every kind of fact, in the order they were made', async () => {
        const second = aDecision({ job: 'j1', item: 'payload-2', decidedAt: 2_001 });
        await write((tx) => {
          tx.insertJob(aJob({ job: 'j1' }));
          tx.insertJob(aJob({ job: 'j2' }));
          tx.addDecision(aDecision({ job: 'j1' }));
          tx.addDecision(second);
          tx.addDecision(aDecision({ job: 'j2' }));
        });
        expect(await store.decisions('j1')).toEqual([aDecision({ job: 'j1' }), second]);
        expect(await store.decisions('j3')).toEqual([]);
        expect(await store.recentDecisions('w', 2)).toEqual([aDecision({ job: 'j2' }), second]);
        expect(await store.recentDecisions('v', 2)).toEqual([]);
      });

      test('need their job', async () => {
        const orphan = write((tx) => {
          tx.addDecision(aDecision({ job: 'j1' }));
        });
        await expect(orphan).rejects.toThrow('refused');
      });

      test('find the policy text under its hash, which never changes', async () => {
        await write((tx) => {
          tx.rememberPolicy('h', 'rules: []', 1);
        });
        await write((tx) => {
          tx.rememberPolicy('h', 'another', 2);
        });
        expect(await store.policyText('h')).toBe('rules: []');
        expect(await store.policyText('g')).toBeUndefined();
      });
    });

    describe('the outbox', () => {
      test('keeps one row per job and part, and says which are due', async () => {
        await write((tx) => {
          for (const job of ['j1', 'j2', 'j3']) tx.insertJob(aJob({ job }));
          tx.putOutbox(anOutboxRow({ job: 'j1', nextAt: 3_000, createdAt: 900 }));
          tx.putOutbox(anOutboxRow({ job: 'j2', nextAt: 2_000 }));
          tx.putOutbox(anOutboxRow({ job: 'j2', nextAt: 1_000, part: 'decline' }));
          tx.putOutbox(anOutboxRow({ job: 'j3', nextAt: 500, state: 'parked' }));
        });
        const due = async (now: number, limit = 10): Promise<string[]> =>
          (await store.dueOutbox(now, limit)).map(({ job, part }) => `${job} ${part}`);
        expect(await store.nextDue()).toBe(1_000);
        expect(await due(999)).toEqual([]);
        expect(await due(2_000)).toEqual(['j2 decline', 'j2 answer']);
        expect(await due(9_000)).toEqual(['j2 decline', 'j2 answer', 'j1 answer']);
        expect(await due(9_000, 1)).toEqual(['j2 decline']);
        expect((await store.outboxOf('j2')).map(({ part }) => part)).toEqual(['answer', 'decline']);
        expect(await store.counts()).toEqual({
          unfinished: 3,
          withheld: 0,
          outboxPending: 3,
          outboxOldestAt: 900,
          outboxParked: 1,
        });
      });

      test('replaces a row whole', async () => {
        const tried = anOutboxRow({
          job: 'j1',
          attempts: 1,
          unknown: true,
          nextAt: 5_000,
          error: { code: 'deliver.timeout', message: 'no reply' },
        });
        const delivered = anOutboxRow({ job: 'j1', attempts: 2, state: 'delivered' });
        await write((tx) => {
          tx.insertJob(aJob({ job: 'j1' }));
          tx.putOutbox(anOutboxRow({ job: 'j1' }));
          tx.putOutbox(tried);
        });
        expect(await store.outboxOf('j1')).toEqual([tried]);
        await write((tx) => {
          tx.putOutbox(delivered);
        });
        expect(await store.outboxOf('j1')).toEqual([delivered]);
        expect(await store.nextDue()).toBeUndefined();
      });
    });

    test('counts what is unfinished and what is withheld', async () => {
      const none = { unfinished: 0, withheld: 0, outboxPending: 0, outboxParked: 0 };
      expect(await store.counts()).toEqual(none);
      await write((tx) => {
        for (const job of ['j1', 'j2', 'j3']) tx.insertJob(aJob({ job }));
        tx.changeJob('j1', 1, { stage: 'decide', outcome: 'withheld' });
        tx.changeJob('j2', 1, { stage: 'deliver', outcome: 'signed' });
      });
      expect(await store.counts()).toEqual({ ...none, unfinished: 1, withheld: 1 });
    });

    describe('a transaction', () => {
      test('reads its own writes, which nobody else sees before it is committed', async () => {
        await write((tx) => {
          tx.insertJob(aJob({ job: 'j0' }));
          tx.putOutbox(anOutboxRow({ job: 'j0', part: 'decline' }));
          tx.putState(
            'w',
            new Map([
              ['old', { n: 0n }],
              ['both', { n: 0n }],
            ]),
          );
        });
        await store.transact(['lane'], async (tx) => {
          tx.insertJob(aJob({ job: 'j1', id: 'e1' }));
          tx.changeJob('j1', 1_001, { stage: 'decide', inputs: { n: 1n } });
          tx.changeJob('j0', 1_002, { stage: 'decide', outcome: 'declined' });
          tx.putState(
            'w',
            new Map([
              ['new', { n: 1n }],
              ['both', { n: 1n }],
            ]),
          );
          tx.putOutbox(anOutboxRow({ job: 'j0', attempts: 3 }));

          const own = { ...aJob({ job: 'j1', id: 'e1' }), inputs: { n: 1n }, updatedAt: 1_001 };
          expect(await tx.job('j1')).toEqual({ ...own, stage: 'decide' });
          expect(await tx.findJob('webhook', 'e1')).toEqual({ ...own, stage: 'decide' });
          expect(await tx.findJob('webhook', 'id-of-j0')).toMatchObject({ outcome: 'declined' });
          expect(await tx.state('w', ['old', 'new', 'both', 'none'])).toEqual(
            new Map([
              ['old', { n: 0n }],
              ['new', { n: 1n }],
              ['both', { n: 1n }],
            ]),
          );
          expect(await tx.state('v', ['new'])).toEqual(new Map());
          expect((await tx.outboxOf('j0')).map(({ part, attempts }) => [part, attempts])).toEqual([
            ['answer', 3],
            ['decline', 0],
          ]);

          expect(await store.job('j1')).toBeUndefined();
          expect(await store.job('j0')).toEqual({ ...aJob({ job: 'j0' }), updatedAt: 1_000 });
          expect(await store.state('w', ['new'])).toEqual(new Map());
          expect(await store.outboxOf('j0')).toHaveLength(1);
        });
        expect(await read('j1')).toMatchObject({ stage: 'decide' });
        expect(await read('j0')).toMatchObject({ outcome: 'declined' });
      });

      test('leaves nothing behind when its work fails, and frees its lanes', async () => {
        const failing = store.transact(['lane'], (tx) => {
          tx.insertJob(aJob({ job: 'j1' }));
          return Promise.reject(new Error('no'));
        });
        await expect(failing).rejects.toThrow('no');
        expect(await read('j1')).toBeUndefined();
        expect(await store.transact(['lane'], () => Promise.resolve('free'))).toBe('free');
      });

      test('cannot be used when it is over', async () => {
        const late = await store.transact([], (tx) => Promise.resolve(tx));
        expect(() => {
          late.insertJob(aJob({ job: 'j1' }));
        }).toThrow('this transaction is over');
        await expect(late.job('j1')).rejects.toThrow('this transaction is over');
      });

      test('runs alone in its lanes, in the order of arrival, and beside those of other lanes', async () => {
        const events: string[] = [];
        let release = (): void => undefined;
        const gate = new Promise<void>((resolve) => {
          release = resolve;
        });
        const run = (name: string, lanes: string[], wait?: Promise<void>): Promise<void> =>
          store.transact(lanes, async (tx) => {
            events.push(`${name} begins`);
            await wait;
            tx.putState('w', new Map([[name, {}]]));
            events.push(`${name} ends`);
          });
        const first = run('first', ['a', 'b', 'a'], gate);
        const second = run('second', ['b', 'c']);
        const third = run('third', ['c']);
        await run('other', ['d']);
        expect(events).toEqual(['first begins', 'other begins', 'other ends']);
        release();
        await Promise.all([first, second, third]);
        expect(events.slice(3)).toEqual([
          'first ends',
          ...['second begins', 'second ends', 'third begins', 'third ends'],
        ]);
      });

      test('sees what its lane committed before: no increment is ever lost', async () => {
        const lanes = ['a', 'b', 'c', 'd'];
        const plan = fc.array(
          fc.record({
            lanes: fc.uniqueArray(fc.constantFrom(...lanes), { minLength: 1 }),
            pauses: fc.nat({ max: 3 }),
            fails: fc.boolean(),
          }),
          { maxLength: 40 },
        );
        let run = 0;
        const property = fc.asyncProperty(plan, async (works) => {
          const world = `run-${String((run += 1))}`;
          const expected = new Map<string, bigint>();
          const attempts = works.map(({ lanes: own, pauses, fails }) => {
            if (!fails) for (const lane of own) expected.set(lane, (expected.get(lane) ?? 0n) + 1n);
            return store.transact(own, async (tx) => {
              const before = await tx.state(world, own);
              for (let pause = 0; pause < pauses; pause += 1) await new Promise(setImmediate);
              const after = own.map(
                (lane) => [lane, { count: countIn(before.get(lane)) + 1n }] as const,
              );
              tx.putState(world, new Map(after));
              if (fails) throw new Error('planned');
            });
          });
          const endings = await Promise.allSettled(attempts);
          expect(endings.map(({ status }) => status === 'rejected')).toEqual(
            works.map(({ fails }) => fails),
          );
          const state = await store.state(world, lanes);
          const counts = [...state].map(([lane, document]) => [lane, countIn(document)] as const);
          expect(new Map(counts)).toEqual(expected);
        });
        await fc.assert(property, { numRuns: 25 });
      });
    });

    test('keeps everything across a restart, and its identity', async () => {
      await write((tx) => {
        tx.insertJob(aJob({ job: 'j1' }));
        tx.putState('w', new Map([['k', { n: 1n }]]));
      });
      const { storeId, createdAt, generation } = store;
      store = await opened.reopen();
      expect(store).toMatchObject({ storeId, createdAt, generation });
      expect(await read('j1')).toEqual({ ...aJob({ job: 'j1' }), updatedAt: 1_000 });
      expect(await store.state('w', ['k'])).toEqual(new Map([['k', { n: 1n }]]));
      expect(await store.history('j1')).toHaveLength(1);
    });

    test('closes when its transactions are over, once, and takes no more', async () => {
      const underWay = write((tx) => {
        tx.insertJob(aJob({ job: 'j1' }));
      });
      const closing = store.close();
      await expect(write(() => undefined)).rejects.toThrow('closed');
      await Promise.all([underWay, closing, store.close()]);
      store = await opened.reopen();
      expect(await store.job('j1')).toBeDefined();
    });
  });
}

/** What every implementation of the store port must do about slashing protection (EIP-3076). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Hex } from '../../../src/base/hex.ts';
import type { Store, Transaction } from '../../../src/core/ports.ts';
import {
  SLASHING_SETTINGS_LANE,
  slashingLane,
  type SlashableDuty,
  type SlashingLedger,
  type Watermarks,
} from '../../../src/core/slashing.ts';
import type { StoreUnderTest } from './contract.ts';
import {
  aBlock,
  aKey,
  aRoot,
  aVote,
  type Block,
  GENESIS,
  record,
  type Said,
  said,
  type Vote,
} from './duties.ts';
import { createJudge } from './naive-judge.ts';

const UINT64_MAX = 2n ** 64n - 1n;

export function slashingContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as slashing protection`, () => {
    let shared: StoreUnderTest;
    let opened: StoreUnderTest;
    let store: Store;
    beforeAll(async () => {
      shared = await open();
    });
    afterAll(async () => {
      await shared.dispose();
    });
    let keys = 0;
    let KEY = aKey(0);
    let OTHER = aKey(0);
    beforeEach(() => {
      opened = shared;
      ({ store } = shared);
      KEY = aKey((keys += 1));
      OTHER = aKey((keys += 1));
    });
    /** Lends a store of its own to a test of what is true for all keys. */
    const inFreshStore = async (use: () => Promise<void>): Promise<void> => {
      opened = await open();
      ({ store } = opened);
      await use().finally(opened.dispose);
    };
    const block = (fields: Partial<Block> & Pick<Block, 'slot'>): Block =>
      aBlock({ key: KEY, ...fields });
    const vote = (fields: Partial<Vote> & Pick<Vote, 'source' | 'target'>): Vote =>
      aVote({ key: KEY, ...fields });

    const change = <T>(work: (slashing: SlashingLedger) => Promise<T>, key = KEY): Promise<T> =>
      store.transact([slashingLane(key)], (tx) => work(tx.slashing));
    const begin = (key: Hex = KEY, marks: Watermarks = {}): Promise<void> =>
      change((slashing) => slashing.begin(key, marks), key);
    const sign = (duty: SlashableDuty, root = GENESIS): Promise<Said> => record(store, duty, root);
    const settle = <T>(work: (slashing: SlashingLedger) => Promise<T>): Promise<T> =>
      store.transact([SLASHING_SETTINGS_LANE], (tx) => work(tx.slashing));

    describe('of blocks', () => {
      beforeEach(() => begin());

      test('signs one block per slot, and that one again', async () => {
        expect(await sign(block({ slot: 5n, root: aRoot(1) }))).toBe('recorded');
        expect(await sign(block({ slot: 5n, root: aRoot(1) }))).toBe('repeated');
        expect(await sign(block({ slot: 5n, root: aRoot(2) }))).toBe('double_block');
        expect(await sign(block({ slot: 5n, root: aRoot(2), key: KEY }))).toBe('double_block');
      });

      test('signs between slots, but not below the first', async () => {
        expect(await sign(block({ slot: 5n }))).toBe('recorded');
        expect(await sign(block({ slot: 9n }))).toBe('recorded');
        expect(await sign(block({ slot: 7n }))).toBe('recorded');
        expect(await sign(block({ slot: 4n }))).toBe('block_below_watermark');
        expect(await sign(block({ slot: 0n }))).toBe('block_below_watermark');
      });

      test('keeps keys apart', async () => {
        await begin(OTHER);
        expect(await sign(block({ slot: 5n, root: aRoot(1) }))).toBe('recorded');
        expect(await sign(block({ slot: 5n, root: aRoot(2), key: OTHER }))).toBe('recorded');
      });
    });

    describe('of attestations', () => {
      beforeEach(() => begin());

      test('signs one vote per target, and that one again', async () => {
        expect(await sign(vote({ source: 2n, target: 3n, root: aRoot(1) }))).toBe('recorded');
        expect(await sign(vote({ source: 2n, target: 3n, root: aRoot(1) }))).toBe('repeated');
        expect(await sign(vote({ source: 2n, target: 3n, root: aRoot(2) }))).toBe('double_vote');
        expect(await sign(vote({ source: 1n, target: 3n, root: aRoot(1) }))).toBe('double_vote');
      });

      test('signs no vote that surrounds another or is surrounded', async () => {
        expect(await sign(vote({ source: 2n, target: 3n }))).toBe('recorded');
        expect(await sign(vote({ source: 5n, target: 9n }))).toBe('recorded');
        expect(await sign(vote({ source: 4n, target: 10n }))).toBe('surrounds');
        expect(await sign(vote({ source: 6n, target: 8n }))).toBe('surrounded');
        expect(await sign(vote({ source: 5n, target: 8n }))).toBe('recorded');
        expect(await sign(vote({ source: 5n, target: 10n }))).toBe('recorded');
        expect(await sign(vote({ source: 3n, target: 7n }))).toBe('recorded');
        expect(await sign(vote({ source: 3n, target: 11n }))).toBe('surrounds');
      });

      test('signs nothing below the first, and no source after its target', async () => {
        expect(await sign(vote({ source: 5n, target: 6n }))).toBe('recorded');
        expect(await sign(vote({ source: 4n, target: 7n }))).toBe('source_below_watermark');
        expect(await sign(vote({ source: 5n, target: 5n }))).toBe('target_below_watermark');
        expect(await sign(vote({ source: 8n, target: 7n }))).toBe('source_after_target');
        expect(await sign(vote({ source: 7n, target: 7n }))).toBe('recorded');
      });

      test('begins at the genesis epoch', async () => {
        expect(await sign(vote({ source: 0n, target: 0n, root: aRoot(1) }))).toBe('recorded');
        expect(await sign(vote({ source: 0n, target: 0n, root: aRoot(2) }))).toBe('double_vote');
        expect(await sign(vote({ source: 0n, target: 1n }))).toBe('recorded');
      });
    });

    test('is exact up to the end of uint64', async () => {
      await begin();
      const middle = 2n ** 63n;
      expect(await sign(block({ slot: middle - 1n }))).toBe('recorded');
      expect(await sign(block({ slot: middle }))).toBe('recorded');
      expect(await sign(block({ slot: UINT64_MAX }))).toBe('recorded');
      expect(await sign(block({ slot: middle - 2n }))).toBe('block_below_watermark');
      expect(await sign(vote({ source: middle - 1n, target: UINT64_MAX - 1n }))).toBe('recorded');
      expect(await sign(vote({ source: middle, target: UINT64_MAX - 2n }))).toBe(
        'target_below_watermark',
      );
      expect(await sign(vote({ source: middle, target: UINT64_MAX }))).toBe('recorded');
      expect(await store.slashing.history(KEY)).toMatchObject({
        blocks: [{ slot: middle - 1n }, { slot: middle }, { slot: UINT64_MAX }],
        attestations: [
          { source: middle - 1n, target: UINT64_MAX - 1n },
          { source: middle, target: UINT64_MAX },
        ],
      });
      expect(await store.slashing.newestTarget(KEY)).toBe(UINT64_MAX);
    });

    test('tells the newest target of a key, where there is one', async () => {
      expect(await store.slashing.newestTarget(KEY)).toBeUndefined();
      await begin();
      expect(await store.slashing.newestTarget(KEY)).toBeUndefined();
      for (const target of [3n, 9n]) await sign(vote({ source: 2n, target }));
      expect(await store.slashing.newestTarget(KEY)).toBe(9n);
    });

    test.each([-1n, UINT64_MAX + 1n])('refuses `%p`, which is no slot, as a bug', async (slot) => {
      await begin();
      await expect(sign(block({ slot }))).rejects.toThrow();
      expect(await store.slashing.history(KEY)).toEqual({ blocks: [], attestations: [] });
    });

    describe('of chains', () => {
      test('pins the first genesis root and signs for no other', () =>
        inFreshStore(async () => {
          await begin();
          expect(await sign(block({ slot: 5n }), aRoot(8))).toBe('recorded');
          expect(await sign(block({ slot: 6n }), aRoot(9))).toBe('wrong_genesis');
          expect(await settle((slashing) => slashing.pinGenesis(aRoot(9)))).toBe(false);
          expect(await settle((slashing) => slashing.pinGenesis(aRoot(8)))).toBe(true);
          expect(await store.slashing.settings()).toMatchObject({ genesisRoot: aRoot(8) });
          store = await opened.reopen();
          expect(await sign(block({ slot: 6n }), aRoot(9))).toBe('wrong_genesis');
        }));

      test('pins one root where two come at once', () =>
        inFreshStore(async () => {
          await begin();
          await begin(OTHER);
          const both = await Promise.allSettled([
            sign(block({ slot: 5n }), aRoot(8)),
            sign(block({ slot: 5n, key: OTHER }), aRoot(9)),
          ]);
          const signed = both.filter(
            (one) => one.status === 'fulfilled' && one.value === 'recorded',
          );
          expect(signed).toHaveLength(1);
        }));
    });

    describe('of keys', () => {
      test('signs nothing for a key of which nobody said where it begins', async () => {
        expect(await sign(block({ slot: 5n }))).toBe('key_without_history');
        expect(await store.slashing.key(KEY)).toBeUndefined();
        await begin();
        expect(await sign(block({ slot: 5n }))).toBe('recorded');
      });

      test('begins a key once', async () => {
        await begin(KEY, { slot: 10n, source: 2n, target: 3n });
        await begin(KEY, { slot: 20n });
        expect(await store.slashing.key(KEY)).toEqual({
          key: KEY,
          isEnabled: true,
          hasHistory: true,
          low: { slot: 10n, source: 2n, target: 3n },
          floor: { slot: 10n, source: 2n, target: 3n },
        });
        expect(await sign(block({ slot: 10n }))).toBe('block_below_watermark');
        expect(await sign(block({ slot: 11n }))).toBe('recorded');
        expect(await sign(vote({ source: 1n, target: 4n }))).toBe('source_below_watermark');
        expect(await sign(vote({ source: 2n, target: 3n }))).toBe('target_below_watermark');
        expect(await sign(vote({ source: 2n, target: 4n }))).toBe('recorded');
      });

      test('signs nothing for a disabled key, not even again', async () => {
        await begin();
        expect(await sign(block({ slot: 5n }))).toBe('recorded');
        await change((slashing) => slashing.setEnabled(KEY, false));
        expect(await sign(block({ slot: 5n }))).toBe('key_disabled');
        await change((slashing) => slashing.setEnabled(KEY, true));
        expect(await sign(block({ slot: 5n }))).toBe('repeated');
      });

      test('remembers that an unknown key was disabled, and that it has no history', async () => {
        await change((slashing) => slashing.setEnabled(KEY, false));
        expect(await store.slashing.key(KEY)).toMatchObject({
          isEnabled: false,
          hasHistory: false,
        });
        await change((slashing) => slashing.setEnabled(KEY, true));
        expect(await sign(block({ slot: 5n }))).toBe('key_without_history');
      });

      test('are listed in pages', () =>
        inFreshStore(async () => {
          for (const number of [3, 1, 2]) await begin(aKey(number));
          const page = async (after: Hex | undefined): Promise<Hex[]> =>
            (await store.slashing.keys(after, 2)).map(({ key }) => key);
          expect(await page(undefined)).toEqual([aKey(1), aKey(2)]);
          expect(await page(aKey(2))).toEqual([aKey(3)]);
          expect(await page(aKey(3))).toEqual([]);
        }));
    });

    describe('of watermarks', () => {
      test('raises them, and never lowers them', async () => {
        await begin();
        expect(await sign(block({ slot: 5n }))).toBe('recorded');
        await change((slashing) => slashing.raise(KEY, { slot: 10n }));
        await change((slashing) => slashing.raise(KEY, { slot: 7n, source: 3n, target: 4n }));
        expect(await store.slashing.key(KEY)).toMatchObject({
          low: { slot: 10n, source: 3n, target: 4n },
        });
        expect(await sign(block({ slot: 5n }))).toBe('repeated');
        expect(await sign(block({ slot: 10n }))).toBe('block_below_watermark');
        expect(await sign(vote({ source: 3n, target: 5n }))).toBe('recorded');
      });

      test('raises those of a key that is not known yet', async () => {
        await change((slashing) => slashing.raise(KEY, { slot: 10n }));
        expect(await sign(block({ slot: 10n }))).toBe('block_below_watermark');
        expect(await sign(block({ slot: 11n }))).toBe('recorded');
      });

      test('leaves no target open that a source below the floor was signed with', async () => {
        await begin();
        expect(await sign(vote({ source: 5n, target: 21n }))).toBe('recorded');
        await change((slashing) => slashing.raise(KEY, { source: 10n, target: 20n }));
        expect(await store.slashing.key(KEY)).toMatchObject({
          floor: { source: 10n, target: 21n },
        });
      });

      test('signs nothing at a high watermark or above, until it is removed', async () => {
        await begin();
        expect(await sign(block({ slot: 5n }))).toBe('recorded');
        expect(await sign(vote({ source: 2n, target: 3n }))).toBe('recorded');
        const mark = { slot: 5n, epoch: 3n };
        await settle((slashing) => slashing.setHighWatermark(mark));
        expect(await store.slashing.settings()).toMatchObject({ highWatermark: mark });
        expect(await sign(block({ slot: 5n }))).toBe('above_high_watermark');
        expect(await sign(block({ slot: 6n }))).toBe('above_high_watermark');
        expect(await sign(vote({ source: 2n, target: 3n }))).toBe('above_high_watermark');
        expect(await sign(vote({ source: 3n, target: 2n }))).toBe('above_high_watermark');
        await settle((slashing) => slashing.setHighWatermark({ slot: 7n, epoch: 4n }));
        expect(await sign(block({ slot: 6n }))).toBe('recorded');
        await settle((slashing) => slashing.setHighWatermark(undefined));
        expect(await sign(vote({ source: 4n, target: 5n }))).toBe('recorded');
        expect(await store.slashing.settings()).not.toHaveProperty('highWatermark');
      });
    });

    describe('of records made elsewhere', () => {
      const merge = (history: Partial<Parameters<SlashingLedger['merge']>[1]>): Promise<void> =>
        change((slashing) => slashing.merge(KEY, { blocks: [], attestations: [], ...history }));

      test('takes them as its own', async () => {
        await merge({
          blocks: [{ slot: 7n }, { slot: 5n, root: aRoot(1) }],
          attestations: [{ source: 2n, target: 3n, root: aRoot(2) }],
        });
        expect(await store.slashing.history(KEY)).toEqual({
          blocks: [{ slot: 5n, root: aRoot(1) }, { slot: 7n }],
          attestations: [{ source: 2n, target: 3n, root: aRoot(2) }],
        });
        expect(await sign(block({ slot: 5n, root: aRoot(1) }))).toBe('repeated');
        expect(await sign(block({ slot: 7n }))).toBe('double_block');
        expect(await sign(block({ slot: 4n }))).toBe('block_below_watermark');
        expect(await sign(block({ slot: 6n }))).toBe('recorded');
        expect(await sign(vote({ source: 2n, target: 3n, root: aRoot(2) }))).toBe('repeated');
        expect(await sign(vote({ source: 1n, target: 4n }))).toBe('source_below_watermark');
      });

      test('signs neither of two roots for one duty again', async () => {
        await begin();
        expect(await sign(block({ slot: 5n, root: aRoot(1) }))).toBe('recorded');
        await merge({ blocks: [{ slot: 5n, root: aRoot(2) }] });
        expect(await sign(block({ slot: 5n, root: aRoot(1) }))).toBe('double_block');
        expect(await sign(block({ slot: 5n, root: aRoot(2) }))).toBe('double_block');
        await merge({ blocks: [{ slot: 5n, root: aRoot(1) }] });
        expect(await sign(block({ slot: 5n, root: aRoot(1) }))).toBe('double_block');
        const twice = { source: 2n, target: 3n };
        await merge({
          attestations: [
            { ...twice, root: aRoot(1) },
            { ...twice, root: aRoot(2) },
          ],
        });
        expect(await sign(vote({ ...twice, root: aRoot(1) }))).toBe('double_vote');
      });

      test('keeps two sources of one target', async () => {
        await merge({
          attestations: [
            { source: 5n, target: 10n, root: aRoot(1) },
            { source: 3n, target: 10n, root: aRoot(1) },
            { source: 1n, target: 2n },
          ],
        });
        expect(await sign(vote({ source: 5n, target: 10n, root: aRoot(1) }))).toBe('double_vote');
        expect(await sign(vote({ source: 4n, target: 11n }))).toBe('surrounds');
        expect(await sign(vote({ source: 4n, target: 9n }))).toBe('surrounded');
        expect(await sign(vote({ source: 3n, target: 9n }))).toBe('recorded');
      });

      test('finds every surrounding among records that surround each other', async () => {
        await merge({
          attestations: [
            { source: 1n, target: 2n },
            { source: 8n, target: 9n },
            { source: 10n, target: 20n },
            { source: 11n, target: 12n },
            { source: 4n, target: 30n },
          ],
        });
        expect(await sign(vote({ source: 9n, target: 13n }))).toBe('surrounded');
        expect(await sign(vote({ source: 5n, target: 25n }))).toBe('surrounded');
        expect(await sign(vote({ source: 3n, target: 31n }))).toBe('surrounds');
        expect(await sign(vote({ source: 9n, target: 31n }))).toBe('surrounds');
        expect(await sign(vote({ source: 11n, target: 31n }))).toBe('recorded');
      });

      test('lowers the watermarks to them, but never below the floor', async () => {
        await begin();
        expect(await sign(block({ slot: 50n }))).toBe('recorded');
        await merge({ blocks: [{ slot: 40n }] });
        expect(await sign(block({ slot: 45n }))).toBe('recorded');
        await change((slashing) => slashing.raise(KEY, { slot: 60n }));
        await merge({ blocks: [{ slot: 30n }] });
        expect(await sign(block({ slot: 55n }))).toBe('block_below_watermark');
      });

      test('gives a key its beginning, unless there are none', async () => {
        await merge({});
        expect(await store.slashing.key(KEY)).toMatchObject({ hasHistory: false });
        expect(await sign(block({ slot: 5n }))).toBe('key_without_history');
        await merge({ blocks: [{ slot: 5n }] });
        expect(await store.slashing.key(KEY)).toMatchObject({ hasHistory: true });
      });
    });

    describe('when pruned', () => {
      test('forgets old records, and signs nothing that it forgot', async () => {
        await begin();
        for (let epoch = 1n; epoch <= 12n; epoch += 1n) {
          await sign(block({ slot: 2n * epoch }));
          await sign(vote({ source: epoch - 1n, target: epoch }));
        }
        const kept = { slots: 6n, epochs: 3n };
        expect(await change((slashing) => slashing.prune(KEY, kept))).toBe(18);
        expect(await change((slashing) => slashing.prune(KEY, kept))).toBe(0);
        const history = await store.slashing.history(KEY);
        expect(history.blocks.map(({ slot }) => slot)).toEqual([20n, 22n, 24n]);
        expect(history.attestations.map(({ target }) => target)).toEqual([10n, 11n, 12n]);
        expect(await store.slashing.key(KEY)).toMatchObject({
          floor: { slot: 18n, source: 8n, target: 9n },
        });
        expect(await sign(block({ slot: 18n }))).toBe('block_below_watermark');
        expect(await sign(vote({ source: 8n, target: 9n }))).toBe('target_below_watermark');
        expect(await sign(vote({ source: 7n, target: 13n }))).toBe('source_below_watermark');
        expect(await sign(block({ slot: 26n }))).toBe('recorded');
      });

      test('leaves a young key as it is', async () => {
        await begin();
        await sign(block({ slot: 5n }));
        const kept = { slots: 8_000n, epochs: 250n };
        expect(await change((slashing) => slashing.prune(KEY, kept))).toBe(0);
        expect(await change((slashing) => slashing.prune(OTHER, kept))).toBe(0);
        expect(await store.slashing.key(KEY)).toMatchObject({ floor: {} });
      });

      test('keeps the highest source of disorderly records in its floor', async () => {
        await change((slashing) =>
          slashing.merge(KEY, {
            blocks: [],
            attestations: [
              { source: 9n, target: 10n },
              { source: 2n, target: 11n },
              { source: 3n, target: 30n },
            ],
          }),
        );
        await change((slashing) => slashing.prune(KEY, { slots: 1n, epochs: 5n }));
        expect(await store.slashing.key(KEY)).toMatchObject({ floor: { source: 9n, target: 30n } });
        expect(await sign(vote({ source: 8n, target: 31n }))).toBe('source_below_watermark');
      });
    });

    describe('within one transaction', () => {
      const inOne = async (
        work: (slashing: Transaction['slashing']) => Promise<void>,
      ): Promise<void> => change(work);

      test('sees what it recorded before', async () => {
        await begin();
        await inOne(async (slashing) => {
          const judge = async (duty: SlashableDuty): Promise<Said> =>
            said(await slashing.record(duty, GENESIS));
          expect(await judge(block({ slot: 5n, root: aRoot(1) }))).toBe('recorded');
          expect(await judge(block({ slot: 5n, root: aRoot(1) }))).toBe('repeated');
          expect(await judge(block({ slot: 5n, root: aRoot(2) }))).toBe('double_block');
          expect(await judge(block({ slot: 4n }))).toBe('block_below_watermark');
          expect(await judge(vote({ source: 5n, target: 9n, root: aRoot(1) }))).toBe('recorded');
          expect(await judge(vote({ source: 5n, target: 9n, root: aRoot(1) }))).toBe('repeated');
          expect(await judge(vote({ source: 5n, target: 9n, root: aRoot(2) }))).toBe('double_vote');
          expect(await judge(vote({ source: 6n, target: 12n }))).toBe('recorded');
          expect(await judge(vote({ source: 7n, target: 11n }))).toBe('surrounded');
          expect(await judge(vote({ source: 5n, target: 13n }))).toBe('surrounds');
          expect(await store.slashing.history(KEY)).toEqual({ blocks: [], attestations: [] });
        });
        expect(await sign(vote({ source: 5n, target: 13n }))).toBe('surrounds');
        expect(await sign(block({ slot: 5n, root: aRoot(1) }))).toBe('repeated');
      });

      test('sees what it changed about the key before', async () => {
        await inOne(async (slashing) => {
          const judge = async (duty: SlashableDuty): Promise<Said> =>
            said(await slashing.record(duty, GENESIS));
          expect(await judge(block({ slot: 5n }))).toBe('key_without_history');
          await slashing.merge(KEY, {
            blocks: [{ slot: 5n }],
            attestations: [
              { source: 5n, target: 9n },
              { source: 6n, target: 8n },
            ],
          });
          expect(await judge(block({ slot: 5n }))).toBe('double_block');
          expect(await judge(vote({ source: 5n, target: 9n }))).toBe('double_vote');
          expect(await judge(vote({ source: 7n, target: 8n }))).toBe('double_vote');
          expect(await judge(vote({ source: 5n, target: 10n }))).toBe('surrounds');
          await slashing.raise(KEY, { slot: 6n });
          expect(await judge(block({ slot: 6n }))).toBe('block_below_watermark');
          await slashing.setEnabled(KEY, false);
          expect(await judge(block({ slot: 7n }))).toBe('key_disabled');
        });
        expect(await store.slashing.key(KEY)).toMatchObject({ isEnabled: false, hasHistory: true });
      });

      test('records nothing where the work fails', async () => {
        await begin();
        const failing = change(async (slashing) => {
          await slashing.record(block({ slot: 5n }), GENESIS);
          throw new Error('planned');
        });
        await expect(failing).rejects.toThrow('planned');
        expect(await sign(block({ slot: 5n, root: aRoot(2) }))).toBe('recorded');
      });
    });

    test('tells without recording what it would say', async () => {
      await begin();
      const duty = block({ slot: 5n });
      const check = async (): Promise<Said> => said(await store.slashing.check(duty, GENESIS));
      expect(await check()).toBe('recorded');
      expect(await check()).toBe('recorded');
      await sign(duty);
      expect(await check()).toBe('repeated');
      expect(said(await store.slashing.check(block({ slot: 4n }), GENESIS))).toBe(
        'block_below_watermark',
      );
    });

    test('says when it last recorded, and only then', () =>
      inFreshStore(async () => {
        await begin();
        await change((slashing) =>
          slashing.merge(KEY, { blocks: [{ slot: 5n }], attestations: [] }),
        );
        expect(await store.slashing.settings()).not.toHaveProperty('lastActivity');
        const before = Date.now();
        await sign(block({ slot: 6n }));
        const { lastActivity } = await store.slashing.settings();
        expect(lastActivity).toBeGreaterThanOrEqual(before);
        await sign(block({ slot: 6n, root: aRoot(9) }));
        expect(await store.slashing.settings()).toMatchObject({ lastActivity });
      }));

    test('keeps everything across a restart', () =>
      inFreshStore(async () => {
        await begin(KEY, { slot: 3n });
        await sign(block({ slot: 5n }));
        await change((slashing) => slashing.setEnabled(KEY, false));
        const [key, history] = [await store.slashing.key(KEY), await store.slashing.history(KEY)];
        store = await opened.reopen();
        expect(await store.slashing.key(KEY)).toEqual(key);
        expect(await store.slashing.history(KEY)).toEqual(history);
      }));

    test('allows exactly what the rules of EIP-3076 allow, whatever comes in whatever order', async () => {
      const epoch = fc.bigInt({ min: 0n, max: 12n });
      const root = fc.constantFrom(aRoot(1), aRoot(2));
      const attestation = fc.record({ source: epoch, target: epoch, root });
      const block = fc.record({ slot: epoch, root });
      const unknown = fc.boolean();
      const step = fc.oneof(
        { weight: 8, arbitrary: attestation.map((fields) => aVote(fields)) },
        { weight: 3, arbitrary: block.map((one) => aBlock(one)) },
        {
          weight: 1,
          arbitrary: fc.record({
            kind: fc.constant('merge' as const),
            blocks: fc.array(fc.tuple(block, unknown), { maxLength: 3 }),
            attestations: fc.array(fc.tuple(attestation, unknown), { maxLength: 3 }),
          }),
        },
      );

      const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const key = aKey((keys += 1));
        await begin(key);
        const judge = createJudge();
        for (const one of steps) {
          if (one.kind === 'merge') {
            const history = {
              blocks: one.blocks.map(([{ slot, root: of }, hides]) =>
                hides ? { slot } : { slot, root: of },
              ),
              attestations: one.attestations.map(([{ source, target, root: of }, hides]) =>
                hides ? { source, target } : { source, target, root: of },
              ),
            };
            await change((slashing) => slashing.merge(key, history), key);
            judge.merge(history);
          } else {
            const duty = { ...one, key };
            expect(said(await store.slashing.check(duty, GENESIS))).toBe(judge.judge(duty));
            expect(await sign(duty)).toBe(judge.record(duty));
          }
        }
      });
      await fc.assert(property, { numRuns: opened.runs ?? 60 });
    });

    test('lets one of many win who ask for different votes at once', async () => {
      await begin();
      const asked = Array.from({ length: 24 }, (_, index) =>
        sign(vote({ source: 4n, target: 5n, root: aRoot(index % 8) })),
      );
      const ends = await Promise.all(asked);
      expect(ends.filter((end) => end === 'recorded')).toHaveLength(1);
      expect(ends.filter((end) => end === 'repeated')).toHaveLength(2);
      expect(ends.filter((end) => end === 'double_vote')).toHaveLength(21);
      expect((await store.slashing.history(KEY)).attestations).toHaveLength(1);
    });
  });
}

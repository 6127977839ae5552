import { afterEach, beforeEach, expect, test } from '@jest/globals';

import {
  createSlashingUpkeep,
  type SlashingUpkeep,
} from '../../../src/adapters/store/slashing-upkeep.ts';
import type { Store } from '../../../src/core/ports.ts';
import type { StoreUnderTest } from './contract.ts';
import { aBlock, aKey, aRoot, GENESIS, record } from './duties.ts';
import { openSqlite } from './sqlite-under-test.ts';

let opened: StoreUnderTest;
let store: Store;
let upkeep: SlashingUpkeep;
beforeEach(async () => {
  opened = await openSqlite();
  ({ store } = opened);
  upkeep = createSlashingUpkeep(store);
});
afterEach(async () => {
  await opened.dispose();
});

/** More than share a transaction. */
const MANY = Array.from({ length: 250 }, (_, index) => aKey(index));

test('keys without history begin at the watermarks, the others stay as they are', async () => {
  await upkeep.begin([aKey(1)], {});
  expect(await upkeep.begin([aKey(1), aKey(2), aKey(2)], { slot: 9n })).toEqual([aKey(2)]);
  expect(await store.slashing.key(aKey(1))).toMatchObject({ low: {} });
  expect(await store.slashing.key(aKey(2))).toMatchObject({ low: { slot: 9n } });
});

test('watermarks are raised for all keys or for those named, and never lowered', async () => {
  expect(await upkeep.raise('all', { slot: 1n })).toBe(0);
  expect(await upkeep.begin(MANY, { slot: 5n })).toEqual(MANY);
  expect(await upkeep.raise('all', { slot: 7n, source: 1n, target: 2n })).toBe(MANY.length);
  expect(await upkeep.raise([aKey(3)], { slot: 6n })).toBe(1);
  for (const key of MANY) {
    expect(await store.slashing.key(key)).toMatchObject({
      low: { slot: 7n, source: 1n, target: 2n },
    });
  }
});

test('disabled keys refuse until they are enabled', async () => {
  await upkeep.begin(MANY, {});
  await upkeep.setEnabled(MANY, false);
  expect(await record(store, aBlock({ slot: 1n, key: aKey(249) }), GENESIS)).toBe('key_disabled');
  await upkeep.setEnabled([aKey(249)], true);
  expect(await record(store, aBlock({ slot: 1n, key: aKey(249) }), GENESIS)).toBe('recorded');
  expect(await record(store, aBlock({ slot: 1n, key: aKey(0) }), GENESIS)).toBe('key_disabled');
});

test('old records of every key are pruned', async () => {
  const keys = MANY.slice(0, 110);
  await upkeep.begin(keys, {});
  await Promise.all(
    keys.flatMap((key) =>
      [1n, 2n, 3n].map((slot) => record(store, aBlock({ slot, key }), GENESIS)),
    ),
  );
  expect(await upkeep.prune({ slots: 2n, epochs: 1n })).toBe(110);
  expect(await upkeep.prune({ slots: 2n, epochs: 1n })).toBe(0);
  expect(await store.slashing.key(aKey(109))).toMatchObject({ floor: { slot: 1n } });
});

test('the chain is pinned once, and the high watermark set and removed', async () => {
  expect(await upkeep.pinGenesis(aRoot(1))).toBe(true);
  expect(await upkeep.pinGenesis(aRoot(2))).toBe(false);
  await upkeep.setHighWatermark({ slot: 32n, epoch: 1n });
  expect(await store.slashing.settings()).toEqual({
    genesisRoot: aRoot(1),
    highWatermark: { slot: 32n, epoch: 1n },
  });
  await upkeep.setHighWatermark(undefined);
  expect(await store.slashing.settings()).toEqual({ genesisRoot: aRoot(1) });
});

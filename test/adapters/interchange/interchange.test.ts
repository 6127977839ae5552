import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { exportInterchange } from '../../../src/adapters/interchange/export.ts';
import { importInterchange } from '../../../src/adapters/interchange/import.ts';
import type { Hex } from '../../../src/base/hex.ts';
import { CommitUnknown, type Store } from '../../../src/core/ports.ts';
import { slashingLane, type SlashingLedger } from '../../../src/core/slashing.ts';
import type { StoreUnderTest } from '../store/contract.ts';
import { aBlock, aKey, aRoot, aVote, GENESIS, record, type Said } from '../store/duties.ts';
import { openSqlite } from '../store/sqlite-under-test.ts';
import { aDocument } from './documents.ts';

let opened: StoreUnderTest;
let store: Store;
let number = 0;
let KEY: Hex;
let OTHER: Hex;
beforeAll(async () => {
  opened = await openSqlite();
  ({ store } = opened);
});
afterAll(async () => {
  await opened.dispose();
});
beforeEach(() => {
  KEY = aKey((number += 1));
  OTHER = aKey((number += 1));
});

interface Document {
  metadata: { interchange_format_version: string; genesis_validators_root: string };
  data: unknown[];
}

function documentOf(...data: unknown[]): Document {
  const metadata = {
    interchange_format_version: '5',
    genesis_validators_root: `0x${GENESIS}`,
  };
  return { metadata, data };
}

function entry(key: Hex, slots: readonly number[] = [], votes: readonly [number, number][] = []) {
  return {
    pubkey: `0x${key}`,
    signed_blocks: slots.map((slot) => ({ slot: String(slot) })),
    signed_attestations: votes.map(([source, target]) => ({
      source_epoch: String(source),
      target_epoch: String(target),
    })),
  };
}

async function exported(only?: readonly Hex[]): Promise<Document> {
  let text = '';
  for await (const piece of exportInterchange(store, only === undefined ? {} : { only })) {
    text += piece;
  }
  // SAFETY: a test asserts its content.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return JSON.parse(text) as Document;
}

const change = (key: Hex, work: (slashing: SlashingLedger) => Promise<unknown>): Promise<unknown> =>
  store.transact([slashingLane(key)], (tx) => work(tx.slashing));
const sign = (slot: bigint, key: Hex): Promise<Said> =>
  record(store, aBlock({ slot, key }), GENESIS);

describe('importing', () => {
  test('says of every key what came in', async () => {
    const document = documentOf(entry(KEY, [5], [[2, 3]]), entry(OTHER));
    const report = await importInterchange(aDocument(document), store);
    expect(report).toEqual({
      ok: true,
      value: {
        genesisRoot: GENESIS,
        keys: new Map([
          [KEY, { kind: 'imported', blocks: 1, attestations: 1 }],
          [OTHER, { kind: 'imported', blocks: 0, attestations: 0 }],
        ]),
      },
    });
    expect(await sign(5n, KEY)).toBe('double_block');
    expect(await sign(5n, OTHER)).toBe('key_without_history');
  });

  test('takes keys in any case, with and without 0x, and joins those named twice', async () => {
    const document = documentOf(
      { ...entry(KEY, [5]), pubkey: `0x${KEY.toUpperCase()}` },
      { ...entry(KEY, [7], [[1, 2]]), pubkey: KEY },
    );
    const report = await importInterchange(aDocument(document), store);
    expect(report).toMatchObject({
      value: { keys: new Map([[KEY, { kind: 'imported', blocks: 2, attestations: 1 }]]) },
    });
    expect((await store.slashing.history(KEY)).blocks).toEqual([{ slot: 5n }, { slot: 7n }]);
  });

  test('leaves out keys that were not asked for', async () => {
    const document = documentOf(entry(KEY, [5]), entry(OTHER, [5]));
    const report = await importInterchange(aDocument(document), store, { only: new Set([OTHER]) });
    expect(report.ok && [...report.value.keys.keys()]).toEqual([OTHER]);
    expect(await store.slashing.key(KEY)).toBeUndefined();
  });

  test.each<[string, (document: Document) => unknown]>([
    ['is not JSON', () => '{"metadata":'],
    ['has no metadata', ({ data }) => ({ data })],
    ['has no data', ({ metadata }) => ({ metadata })],
    [
      'is of another version',
      (d) => ({ ...d, metadata: { ...d.metadata, interchange_format_version: '4' } }),
    ],
    [
      'has a number for a version',
      (d) => ({ ...d, metadata: { ...d.metadata, interchange_format_version: 5 } }),
    ],
    [
      'has half a root',
      (d) => ({ ...d, metadata: { ...d.metadata, genesis_validators_root: '0x00' } }),
    ],
    [
      'is of another chain',
      (d) => ({ ...d, metadata: { ...d.metadata, genesis_validators_root: `0x${aRoot(7)}` } }),
    ],
    ['has a short key', (d) => ({ ...d, data: [...d.data, { ...entry(OTHER), pubkey: '0xab' }] })],
    ['has an entry that is none', (d) => ({ ...d, data: [...d.data, null] })],
    [
      'lacks a list',
      (d) => ({ ...d, data: [...d.data, { pubkey: `0x${OTHER}`, signed_blocks: [] }] }),
    ],
    ['has a negative slot', (d) => ({ ...d, data: [...d.data, entry(OTHER, [-1])] })],
    [
      'has a slot beyond uint64',
      (d) => ({
        ...d,
        data: [...d.data, { ...entry(OTHER), signed_blocks: [{ slot: '18446744073709551616' }] }],
      }),
    ],
    [
      'has half a signing root',
      (d) => ({
        ...d,
        data: [
          ...d.data,
          { ...entry(OTHER), signed_blocks: [{ slot: '1', signing_root: '0xab' }] },
        ],
      }),
    ],
    [
      'has an epoch that is no number',
      (d) => ({
        ...d,
        data: [
          ...d.data,
          { ...entry(OTHER), signed_attestations: [{ source_epoch: '1', target_epoch: 'x' }] },
        ],
      }),
    ],
  ])('refuses a document whole that %s', async (_, spoil) => {
    await store.transact(['pin'], (tx) => tx.slashing.pinGenesis(GENESIS));
    const spoilt = spoil(documentOf(entry(KEY, [5])));
    const document = typeof spoilt === 'string' ? spoilt : JSON.stringify(spoilt);
    const report = await importInterchange(aDocument(document), store);
    expect(report).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('nothing was imported') },
    });
    expect(await store.slashing.key(KEY)).toBeUndefined();
  });

  test('takes slots up to the end of uint64', async () => {
    const end = { slot: '18446744073709551615', signing_root: `0x${aRoot(1)}` };
    const document = documentOf({ ...entry(KEY), signed_blocks: [end] });
    expect(await importInterchange(aDocument(document), store)).toMatchObject({ ok: true });
    expect(await exported([KEY])).toEqual(document);
  });

  test('fails a key whose records could not be kept, and no other', async () => {
    const failing: Store = {
      ...store,
      transact: (lanes, work) =>
        lanes[0] === slashingLane(KEY)
          ? Promise.reject(new CommitUnknown('the disk is full'))
          : store.transact(lanes, work),
    };
    const document = documentOf(entry(KEY, [5]), entry(OTHER, [5]), entry(KEY, [6]));
    const report = await importInterchange(aDocument(document), failing);
    expect(report).toMatchObject({
      value: {
        keys: new Map<Hex, unknown>([
          [OTHER, { kind: 'imported', blocks: 1, attestations: 0 }],
          [
            KEY,
            { kind: 'failed', reason: { code: 'interchange.store', message: 'the disk is full' } },
          ],
        ]),
      },
    });
    expect(await sign(6n, KEY)).toBe('key_without_history');
  });
});

describe('exporting', () => {
  test('gives back what was imported and signed', async () => {
    await importInterchange(aDocument(documentOf(entry(KEY, [5], [[2, 3]]))), store);
    await sign(9n, KEY);
    await record(store, aVote({ source: 3n, target: 4n, key: KEY }), GENESIS);
    expect(await exported([KEY])).toEqual(
      documentOf({
        pubkey: `0x${KEY}`,
        signed_blocks: [{ slot: '5' }, { slot: '9', signing_root: `0x${aRoot(1)}` }],
        signed_attestations: [
          { source_epoch: '2', target_epoch: '3' },
          { source_epoch: '3', target_epoch: '4', signing_root: `0x${aRoot(1)}` },
        ],
      }),
    );
  });

  test('tells the floor as the lowest record, in place of what is below it', async () => {
    await importInterchange(
      aDocument(
        documentOf(
          entry(
            KEY,
            [5, 9],
            [
              [2, 3],
              [3, 4],
              [4, 5],
            ],
          ),
        ),
      ),
      store,
    );
    await change(KEY, (slashing) => slashing.prune(KEY, { slots: 2n, epochs: 2n }));
    const pruned = await exported([KEY]);
    expect(pruned).toEqual(
      documentOf(
        entry(
          KEY,
          [5, 9],
          [
            [2, 3],
            [3, 4],
            [4, 5],
          ],
        ),
      ),
    );
    await change(KEY, (slashing) => slashing.raise(KEY, { slot: 20n, source: 4n, target: 4n }));
    expect(await exported([KEY])).toEqual(
      documentOf(
        entry(
          KEY,
          [20],
          [
            [4, 4],
            [4, 5],
          ],
        ),
      ),
    );
  });

  test('tells the watermarks of a key that never signed', async () => {
    await change(KEY, (slashing) => slashing.begin(KEY, { slot: 20n, source: 4n, target: 5n }));
    await change(OTHER, (slashing) => slashing.begin(OTHER, {}));
    expect(await exported([KEY, OTHER])).toEqual(
      documentOf(entry(KEY, [20], [[4, 5]]), entry(OTHER)),
    );
  });

  test('knows only keys that are known, each once, and all of them where none is named', async () => {
    await importInterchange(aDocument(documentOf(entry(KEY, [5]), entry(OTHER, [6]))), store);
    expect((await exported([OTHER, aKey(99_999), OTHER])).data).toEqual([entry(OTHER, [6])]);
    const all = (await exported()).data;
    expect(all).toEqual(expect.arrayContaining([entry(KEY, [5]), entry(OTHER, [6])]));
    expect(all.length).toBeGreaterThan(2);
  });

  test('protects another signer no less than this one', async () => {
    const votes = [
      [1, 2],
      [2, 3],
      [3, 9],
      [4, 10],
      [5, 11],
    ] as [number, number][];
    await importInterchange(aDocument(documentOf(entry(KEY, [5, 9, 12], votes))), store);
    await change(KEY, (slashing) => slashing.prune(KEY, { slots: 4n, epochs: 2n }));
    await change(KEY, (slashing) => slashing.raise(KEY, { source: 5n, target: 7n }));
    const handed = JSON.stringify(await exported([KEY])).replaceAll(KEY, OTHER);
    await importInterchange(aDocument(handed), store);
    for (let source = 0n; source < 14n; source += 1n) {
      for (let target = source; target < 14n; target += 1n) {
        const root = aRoot(2);
        const here = await store.slashing.check(aVote({ source, target, root, key: KEY }), GENESIS);
        const there = await store.slashing.check(
          aVote({ source, target, root, key: OTHER }),
          GENESIS,
        );
        expect([source, target, there.kind]).toEqual([source, target, here.kind]);
      }
    }
    for (let slot = 0n; slot < 16n; slot += 1n) {
      const here = await store.slashing.check(aBlock({ slot, key: KEY }), GENESIS);
      const there = await store.slashing.check(aBlock({ slot, key: OTHER }), GENESIS);
      expect([slot, there.kind]).toEqual([slot, here.kind]);
    }
  });
});

test('a database of no chain exports a document without keys', async () => {
  const fresh = await openSqlite();
  try {
    let text = '';
    for await (const piece of exportInterchange(fresh.store)) text += piece;
    expect(JSON.parse(text)).toEqual({
      metadata: {
        interchange_format_version: '5',
        genesis_validators_root: `0x${'00'.repeat(32)}`,
      },
      data: [],
    });
  } finally {
    await fresh.dispose();
  }
});

/** What is remembered from duty to duty is what was committed, and nothing else. */
import { describe, expect, test } from '@jest/globals';

import { createSlashingMemory } from '../../../src/adapters/store/slashing-memory.ts';
import type { SlashingTables, Vote } from '../../../src/adapters/store/slashing-tables.ts';
import type { Transaction } from '../../../src/core/ports.ts';
import { slashingLane } from '../../../src/core/slashing.ts';
import { withTempStore } from '../../support/temp-store.ts';
import { aKey, aRoot, aVote, GENESIS, record } from './duties.ts';
import { aJob } from './records.ts';

const KEY = aKey(1);
const ROW = 7n;
const [OLD, NEW]: readonly [Vote, Vote] = [
  { source: 1n, target: 2n },
  { source: 3n, target: 4n },
];
const NOTHING = { keys: new Map(), votes: new Map(), hasSettings: () => false };

/** A memory of one key, and how often the tables behind it were asked for its newest vote. */
function remembering(): {
  readonly memory: ReturnType<typeof createSlashingMemory>;
  readonly stored: { vote: Vote | undefined };
  readonly asked: () => number;
} {
  const stored: { vote: Vote | undefined } = { vote: OLD };
  let asked = 0;
  const tables: Partial<SlashingTables> = {
    validator: (key) => ({ id: ROW, key, isEnabled: true, isOrderly: true, lowest: {}, floor: {} }),
    newestAttestation() {
      asked += 1;
      return stored.vote;
    },
  };
  // SAFETY: the memory of a vote needs no other table.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  const memory = createSlashingMemory(tables as SlashingTables);
  return { memory, stored, asked: () => asked };
}

describe('the memory of slashing protection', () => {
  test('asks for a newest vote once, also where there is none', () => {
    const { memory, stored, asked } = remembering();
    stored.vote = undefined;
    expect(memory.tables.newestAttestation(ROW)).toBeUndefined();
    expect(memory.tables.newestAttestation(ROW)).toBeUndefined();
    expect(asked()).toBe(1);
  });

  test('asks again after a commit of which nobody knows how it ended', () => {
    const { memory, stored } = remembering();
    expect(memory.tables.newestAttestation(ROW)).toBe(OLD);
    stored.vote = NEW;
    memory.forget({ ...NOTHING, votes: new Map([[ROW, NEW]]) });
    expect(memory.tables.newestAttestation(ROW)).toBe(NEW);
  });

  test('knows a vote that was committed', () => {
    const { memory, asked } = remembering();
    const changes = { ...NOTHING, votes: new Map([[ROW, NEW]]) };
    memory.forget(changes);
    memory.learn(changes);
    expect(memory.tables.newestAttestation(ROW)).toBe(NEW);
    expect(asked()).toBe(0);
  });

  test('learns no vote of a key that changed in other ways, too', () => {
    const { memory, stored } = remembering();
    const imported = { source: 10n, target: 20n };
    stored.vote = imported;
    const changes = { ...NOTHING, keys: new Map([[KEY, ROW]]), votes: new Map([[ROW, NEW]]) };
    memory.forget(changes);
    memory.learn(changes);
    expect(memory.tables.newestAttestation(ROW)).toBe(imported);
  });

  test('forgets the votes of a key that changed, although it forgot the key before', () => {
    const { memory, stored } = remembering();
    memory.tables.newestAttestation(ROW);
    stored.vote = NEW;
    memory.forget({ ...NOTHING, keys: new Map([[KEY, ROW]]) });
    expect(memory.tables.newestAttestation(ROW)).toBe(NEW);
  });
});

describe('a vote that was not committed', () => {
  const vote = (source: bigint, target: bigint) => aVote({ key: KEY, source, target });
  const surrounding = vote(2n, 10n);

  test.each<[string, (tx: Transaction) => void]>([
    [
      'because its transaction failed',
      () => {
        throw new Error('no');
      },
    ],
    [
      'because the database refused its transaction',
      (tx) => {
        tx.insertJob(aJob({ job: 'taken' }));
      },
    ],
  ])('%s, stands in no other’s way', (_, fail) =>
    withTempStore(async (store) => {
      await store.transact([slashingLane(KEY)], (tx) => tx.slashing.begin(KEY, {}));
      await store.transact([], (tx) => {
        tx.insertJob(aJob({ job: 'taken' }));
        return Promise.resolve();
      });
      expect(await record(store, vote(1n, 2n), GENESIS)).toBe('recorded');
      const failed = store.transact([slashingLane(KEY)], async (tx) => {
        await tx.slashing.record(vote(5n, 9n), GENESIS);
        fail(tx);
      });
      await expect(failed).rejects.toThrow();
      expect(await record(store, surrounding, GENESIS)).toBe('recorded');
      expect(await record(store, vote(5n, 9n), GENESIS)).toBe('surrounded');
    }),
  );

  test('is the only one that does not, of those that several lanes commit at once', () =>
    withTempStore(async (store) => {
      const keys = Array.from({ length: 20 }, (_, index) => aKey(index));
      for (const key of keys) {
        await store.transact([slashingLane(key)], (tx) => tx.slashing.begin(key, {}));
      }
      const votesOf = (index: number) =>
        keys.map((key) =>
          record(store, aVote({ key, source: 1n, target: 5n, root: aRoot(index) }), GENESIS),
        );
      const said = await Promise.all([...votesOf(1), ...votesOf(2)]);
      expect(said.slice(0, keys.length)).toEqual(keys.map(() => 'recorded'));
      expect(said.slice(keys.length)).toEqual(keys.map(() => 'double_vote'));
    }));

  test('is not missed where a history is imported after the last vote', () =>
    withTempStore(async (store) => {
      const lane = [slashingLane(KEY)];
      await store.transact(lane, (tx) => tx.slashing.begin(KEY, {}));
      expect(await record(store, vote(1n, 2n), GENESIS)).toBe('recorded');
      const attestations = [{ source: 12n, target: 20n, root: aRoot(1) }];
      await store.transact(lane, (tx) => tx.slashing.merge(KEY, { blocks: [], attestations }));
      expect(await record(store, vote(13n, 15n), GENESIS)).toBe('surrounded');
      expect(await record(store, vote(11n, 21n), GENESIS)).toBe('surrounds');
    }));
});

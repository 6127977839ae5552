/** Transactions that share one of the server's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import {
  openPostgresStore,
  type PostgresStoreOptions,
} from '../../../src/adapters/postgres/postgres-store.ts';
import type { Store } from '../../../src/core/ports.ts';
import { slashingLane } from '../../../src/core/slashing.ts';
import { wallClock } from '../../support/temp-store.ts';
import { aKey, aRoot, aVote, GENESIS, record, said } from '../store/duties.ts';
import { aJob, write } from '../store/records.ts';
import { describeWithPostgres } from './postgres-under-test.ts';

jest.setTimeout(60_000);

describeWithPostgres((server) => {
  let url: string;
  let folder: string;
  const opened: Store[] = [];
  const commits: number[] = [];
  const keys = Array.from({ length: 40 }, (_, index) => aKey(index));

  async function open(name: string, options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
    const { store } = await openPostgresStore({
      ...{ url, directory: join(folder, name), clock: wallClock, connections: 8 },
      onCommit: ({ batches }) => commits.push(batches),
      ...options,
    });
    opened.push(store);
    return store;
  }
  async function begin(store: Store): Promise<void> {
    await Promise.all(
      keys.map((key) => store.transact([slashingLane(key)], (tx) => tx.slashing.begin(key, {}))),
    );
    commits.length = 0;
  }

  beforeEach(async () => {
    url = await server().createDatabase();
    folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    await rm(folder, { recursive: true });
  });

  test('duties that arrive together share few commits, and each has its own verdict', async () => {
    const store = await open('a');
    await begin(store);
    const votes = keys.map((key, index) =>
      aVote({ key, source: index % 4 === 0 ? 3n : 1n, target: 2n }),
    );
    const ends = await Promise.all(votes.map((vote) => record(store, vote, GENESIS)));
    expect(ends).toEqual(
      keys.map((_, index) => (index % 4 === 0 ? 'source_after_target' : 'recorded')),
    );
    expect(commits.reduce((sum, batches) => sum + batches, 0)).toBe(keys.length);
    expect(commits.length).toBeLessThan(6);
  });

  test('duties of one transaction are recorded in the order asked', async () => {
    const store = await open('a');
    await begin(store);
    const [key, other] = [aKey(0), aKey(1)];
    const told = await store.transact([key, other].map(slashingLane), (tx) =>
      Promise.all(
        [
          aVote({ key, source: 1n, target: 2n, root: aRoot(1) }),
          aVote({ key: other, source: 1n, target: 2n }),
          aVote({ key, source: 1n, target: 2n, root: aRoot(2) }),
          aVote({ key, source: 1n, target: 2n, root: aRoot(1) }),
          aVote({ key, source: 0n, target: 3n }),
        ].map(async (vote) => said(await tx.slashing.record(vote, GENESIS))),
      ),
    );
    expect(told).toEqual([
      'recorded',
      'recorded',
      'double_vote',
      'repeated',
      'source_below_watermark',
    ]);
  });

  test('a call that names a key twice records nothing', async () => {
    const store = await open('a');
    await begin(store);
    const key = aKey(0);
    const name = new URL(url.replace('@/', '@host/')).pathname.slice(1);
    const call = `SELECT record_attestations(ARRAY['${key}', '${key}'], ARRAY[1, 2], ARRAY[4, 3],
      ARRAY['\\x${aRoot(1)}', '\\x${aRoot(2)}']::bytea[], '${GENESIS}')`;
    await expect(server().sql(name, call)).rejects.toThrow('a key is named twice');
    expect((await store.slashing.history(key)).attestations).toEqual([]);
  });

  test('work that fails by itself takes none of its neighbours down', async () => {
    const store = await open('a');
    await begin(store);
    const ends = await Promise.allSettled(
      keys.map((key, index) =>
        store.transact([slashingLane(key)], async (tx) => {
          await tx.slashing.record(aVote({ key, source: 1n, target: 2n }), GENESIS);
          tx.insertJob(aJob({ job: `j${String(index)}` }));
          if (index % 10 === 5) throw new Error(`planned ${String(index)}`);
        }),
      ),
    );
    const failed = keys.flatMap((_, index) => (index % 10 === 5 ? [index] : []));
    for (const [index, end] of ends.entries()) {
      if (failed.includes(index)) {
        expect(end).toMatchObject({ reason: new Error(`planned ${String(index)}`) });
      } else expect(end.status).toBe('fulfilled');
    }
    expect((await store.jobs({ limit: 99 })).length).toBe(keys.length - failed.length);
    const histories = await Promise.all(keys.map((key) => store.slashing.history(key)));
    expect(histories.map(({ attestations }) => attestations.length)).toEqual(
      keys.map((_, index) => (failed.includes(index) ? 0 : 1)),
    );
  });

  test('work that the database refuses takes none of its neighbours down', async () => {
    const store = await open('a');
    await write(store, (tx) => {
      tx.insertJob(aJob({ job: 'first', id: 'taken' }));
    });
    const ends = await Promise.allSettled(
      keys.map((_, index) =>
        write(store, (tx) => {
          tx.insertJob(
            aJob({ job: `j${String(index)}`, id: index === 20 ? 'taken' : `e${String(index)}` }),
          );
        }),
      ),
    );
    expect(ends.map(({ status }) => status)).toEqual(
      keys.map((_, index) => (index === 20 ? 'rejected' : 'fulfilled')),
    );
    expect(await store.jobs({ limit: 99 })).toHaveLength(keys.length);
  });

  test('a lane that another daemon is in holds nobody up but those who want it', async () => {
    const [a, b] = [await open('a'), await open('b')];
    let leave = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      leave = resolve;
    });
    let isIn = (): void => undefined;
    const entered = new Promise<void>((resolve) => {
      isIn = resolve;
    });
    const long = b.transact(['x'], async (tx) => {
      await tx.job('none');
      isIn();
      await held;
    });
    await entered;
    const events: string[] = [];
    const run = (name: string): Promise<number> =>
      a
        .transact([name], async (tx) => {
          tx.putState('w', new Map([[name, {}]]));
          await tx.state('w', [name]);
        })
        .then(() => events.push(name));
    const wanting = run('x');
    await Promise.all(['p', 'q', 'r', 's', 't'].map(run));
    expect(events.toSorted()).toEqual(['p', 'q', 'r', 's', 't']);
    leave();
    await Promise.all([long, wanting]);
    expect(events.at(-1)).toBe('x');
  });

  test('work that waits for something else holds up only what is under way with it', async () => {
    const store = await open('a');
    let leave = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const long = ['x', 'y'].map((lane) => store.transact([lane], () => held));
    await sleep(0);
    await Promise.all(['p', 'q', 'r'].map((lane) => store.transact([lane], (tx) => tx.job(lane))));
    leave();
    await Promise.all(long);
  });
});

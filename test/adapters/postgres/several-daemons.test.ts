/** Two daemons on one database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { openPostgresStore } from '../../../src/adapters/postgres/postgres-store.ts';
import type { Clock, Store } from '../../../src/core/ports.ts';
import { slashingLane } from '../../../src/core/slashing.ts';
import { until } from '../../support/daemon-home.ts';
import { wallClock } from '../../support/temp-store.ts';
import { aKey, aRoot, aVote, GENESIS, record } from '../store/duties.ts';
import { aJob, anOutboxRow, countIn, write } from '../store/records.ts';
import { describeWithPostgres } from './postgres-under-test.ts';

jest.setTimeout(60_000);

interface Daemon {
  readonly store: Store;
  readonly events: string[];
  /** Runs the sign of life that is due next, and lets it end. */
  readonly beat: () => Promise<void>;
  readonly directory: string;
}

describeWithPostgres((server) => {
  let url: string;
  let folder: string;
  const opened: Daemon[] = [];

  async function start(name: string): Promise<Daemon> {
    const events: string[] = [];
    const due: (() => void)[] = [];
    const clock: Clock = {
      ...wallClock,
      after(_, task) {
        due.push(task);
        return () => undefined;
      },
    };
    const directory = join(folder, name);
    const { store } = await openPostgresStore({
      ...{ url, directory, clock, connections: 8 },
      onBroken: ({ message }) => events.push(message),
      onAbandoned: () => events.push('abandoned'),
    });
    const beat = async (): Promise<void> => {
      const before = due.length;
      due.shift()?.();
      for (let wait = 0; due.length < before && wait < 200; wait += 1) {
        await new Promise((resolve) => {
          setTimeout(resolve, 10);
        });
      }
    };
    const daemon = { store, events, beat, directory };
    opened.push(daemon);
    return daemon;
  }
  const database = (): string => new URL(url.replace('@/', '@host/')).pathname.slice(1);
  const listening = async (): Promise<number> =>
    Number(
      await server().sql(
        'postgres',
        `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = '${database()}'`,
      ),
    );
  const listenersOf = (daemons: number): Promise<void> =>
    until(async () => (await listening()) === daemons);
  /** As if these daemons had been silent for too long. */
  const silence = (): Promise<string> =>
    server().sql(database(), `UPDATE daemons SET lease_until = now() - interval '1 second'`);

  beforeEach(async () => {
    url = await server().createDatabase();
    folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  });
  afterEach(async () => {
    for (const { store } of opened.splice(0)) await store.close();
    await rm(folder, { recursive: true });
  });

  test('sign one of two conflicting votes, whoever asks', async () => {
    const daemons = [await start('a'), await start('b')];
    const key = aKey(1);
    await daemons[0]?.store.transact([slashingLane(key)], (tx) => tx.slashing.begin(key, {}));
    for (let target = 1n; target <= 40n; target += 1n) {
      const ends = await Promise.all(
        daemons.flatMap(({ store }, daemon) =>
          [0, 1, 2].map((asked) => {
            const root = aRoot(daemon * 3 + asked);
            return record(store, aVote({ key, source: target - 1n, target, root }), GENESIS);
          }),
        ),
      );
      expect(ends.toSorted()).toEqual([...Array<string>(5).fill('double_vote'), 'recorded']);
    }
  });

  test('never run in one lane at once', async () => {
    const daemons = [await start('a'), await start('b')];
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const lanes = index % 3 === 0 ? ['x', 'y'] : index % 3 === 1 ? ['y', 'z'] : ['z', 'x'];
        await daemons[index % 2]?.store.transact(lanes, async (tx) => {
          const before = await tx.state('w', lanes);
          const after = lanes.map(
            (lane) => [lane, { count: countIn(before.get(lane)) + 1n }] as const,
          );
          tx.putState('w', new Map(after));
        });
      }),
    );
    const state = await daemons[0]?.store.state('w', ['x', 'y', 'z']);
    expect([...(state ?? [])].map(([, document]) => countIn(document))).toEqual([40n, 40n, 40n]);
  });

  test('leave each other the work that is under way', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await write(a.store, (tx) => {
      tx.insertJob(aJob({ job: 'j1' }));
      tx.putOutbox(anOutboxRow({ job: 'j1', nextAt: 5 }));
    });
    await a.beat();
    await b.beat();
    expect(await a.store.jobs({ unfinished: true, limit: 9 })).toHaveLength(1);
    expect(await b.store.jobs({ unfinished: true, limit: 9 })).toEqual([]);
    expect(await b.store.jobs({ limit: 9 })).toHaveLength(1);
    expect(await b.store.dueOutbox(10, 9)).toEqual([]);
    expect(await b.store.nextDue()).toBeUndefined();
    expect(await a.store.dueOutbox(10, 9)).toHaveLength(1);
  });

  test('take over from one that fell silent, which can commit nothing more', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await write(a.store, (tx) => {
      tx.insertJob(aJob({ job: 'j1' }));
      tx.putOutbox(anOutboxRow({ job: 'j1', nextAt: 5 }));
    });
    await silence();
    await b.beat();
    expect(b.events).toEqual(['abandoned']);
    expect(await b.store.jobs({ unfinished: true, limit: 9 })).toHaveLength(1);
    expect(await b.store.nextDue()).toBe(5);
    expect(await b.store.dueOutbox(10, 9)).toHaveLength(1);
    expect(await a.store.dueOutbox(10, 9)).toEqual([]);
    const late = write(a.store, (tx) => {
      tx.putState('w', new Map([['late', {}]]));
    });
    await expect(late).rejects.toThrow(/fenced|took over/);
    expect(a.events).toEqual([expect.stringContaining('restart the daemon')]);
    expect(await b.store.state('w', ['late'])).toEqual(new Map());
  });

  test('that is fenced notices it by itself', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await silence();
    await b.beat();
    await a.beat();
    expect(a.events).toEqual([expect.stringContaining('silent for too long')]);
  });

  test('take up at once what one leaves that stops', async () => {
    const [a, b] = [await start('a'), await start('b')];
    await write(a.store, (tx) => {
      tx.insertJob(aJob({ job: 'j1' }));
    });
    await listenersOf(2);
    await a.store.close();
    await until(() => b.events.length > 0);
    expect(b.events).toEqual(['abandoned']);
    expect(await b.store.jobs({ unfinished: true, limit: 9 })).toHaveLength(1);
  });

  test('find it by themselves where nobody wakes them, and are woken again later', async () => {
    const [a, b, c] = [await start('a'), await start('b'), await start('c')];
    await listenersOf(3);
    await server().sql(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`,
    );
    await listenersOf(0);
    await a.store.close();
    await b.beat();
    expect(b.events).toEqual(['abandoned']);
    // The connection is made anew when the clock says so.
    await until(async () => {
      await b.beat();
      return (await listening()) > 0;
    });
    await c.store.close();
    await until(() => b.events.length > 1);
    expect(b.events).toEqual(['abandoned', 'abandoned']);
  });

  test('that starts again has its work at once, and so have others when it stops', async () => {
    const a = await start('a');
    await write(a.store, (tx) => {
      tx.insertJob(aJob({ job: 'j1' }));
    });
    await a.store.close();
    const again = await start('a');
    expect(await again.store.jobs({ unfinished: true, limit: 9 })).toHaveLength(1);
    const b = await start('b');
    await write(again.store, (tx) => {
      tx.changeJob('j1', 2_000, { stage: 'claim' });
    });
    expect(await b.store.jobs({ unfinished: true, limit: 9 })).toEqual([]);
    await again.store.close();
    expect(await b.store.jobs({ unfinished: true, limit: 9 })).toHaveLength(1);
  });
});

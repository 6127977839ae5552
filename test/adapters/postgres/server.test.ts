/** What a server must be like, and what happens while it is away. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import {
  openPostgresStore,
  type PostgresStoreOptions,
} from '../../../src/adapters/postgres/postgres-store.ts';
import type { OpenedStore } from '../../../src/adapters/store/sqlite-store.ts';
import { CommitUnknown, type Store } from '../../../src/core/ports.ts';
import { slashingLane } from '../../../src/core/slashing.ts';
import { until } from '../../support/daemon-home.ts';
import { wallClock } from '../../support/temp-store.ts';
import { aBlock, aKey, GENESIS, record, type Said } from '../store/duties.ts';
import { aJob, write } from '../store/records.ts';
import { describeWithPostgres } from './postgres-under-test.ts';

jest.setTimeout(90_000);

describeWithPostgres((server) => {
  let url: string;
  let folder: string;
  const opened: OpenedStore[] = [];
  const database = (): string => new URL(url.replace('@/', '@host/')).pathname.slice(1);

  async function open(options: Partial<PostgresStoreOptions> = {}): Promise<OpenedStore> {
    const store = await openPostgresStore({
      ...{ url, directory: join(folder, 'data'), clock: wallClock, connections: 4 },
      ...options,
    });
    opened.push(store);
    return store;
  }

  beforeEach(async () => {
    url = await server().createDatabase();
    folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  });
  afterEach(async () => {
    for (const { store } of opened.splice(0)) await store.close();
    await rm(folder, { recursive: true });
  });

  test('what was committed is there after the server was killed, and work goes on by itself', async () => {
    const { store } = await open();
    const key = aKey(1);
    await store.transact([slashingLane(key)], (tx) => tx.slashing.begin(key, {}));
    const released: bigint[] = [];
    let slot = 0n;
    const failures: unknown[] = [];
    let enough = Infinity;
    const until = Date.now() + 40_000;
    const sign = (async () => {
      while (released.length < enough && Date.now() < until) {
        slot += 1n;
        try {
          const end = await record(store, aBlock({ key, slot }), GENESIS);
          if (end === 'recorded') released.push(slot);
        } catch (error) {
          failures.push(error);
          await sleep(20);
        }
      }
    })();
    while (released.length < 50) await sleep(10);
    await server().stop('immediate');
    await server().start();
    enough = released.length + 50;
    await sign;
    expect(failures.length).toBeGreaterThan(0);
    expect(released).toHaveLength(enough);
    const { blocks } = await store.slashing.history(key);
    const kept = new Set(blocks.map((block) => block.slot));
    expect(released.filter((one) => !kept.has(one))).toEqual([]);
  });

  test('a server that does not sync is refused, with what to set', async () => {
    await server().sql('postgres', 'ALTER SYSTEM SET fsync = off');
    await server().sql('postgres', 'SELECT pg_reload_conf()');
    try {
      await expect(open()).rejects.toThrow('`fsync` of the database is not on');
    } finally {
      await server().sql('postgres', 'ALTER SYSTEM RESET fsync');
      await server().sql('postgres', 'SELECT pg_reload_conf()');
    }
    await open();
  });

  test('commits are synchronous, whatever the database says', async () => {
    await server().sql('postgres', `ALTER DATABASE ${database()} SET synchronous_commit = off`);
    await open();
  });

  test('a database of a newer release, and one of another text, are refused', async () => {
    await open();
    await opened.pop()?.store.close();
    await server().sql(
      database(),
      `UPDATE migrations SET checksum = 'x' WHERE name = '0001-store'`,
    );
    await expect(open()).rejects.toThrow('migration `0001-store` is not the one');
    await server().sql(database(), `INSERT INTO migrations VALUES ('9999-later', 'x', 0)`);
    await expect(open()).rejects.toThrow('newer release');
  });

  test('daemons that start at once make the tables once', async () => {
    const together = await Promise.all(
      ['a', 'b', 'c'].map((name) => open({ directory: join(folder, name) })),
    );
    expect(new Set(together.map(({ store }) => store.storeId)).size).toBe(1);
  });

  test('a directory is one daemon’s alone', async () => {
    await open();
    await expect(open()).rejects.toThrow('in use by another process');
  });

  test.each([
    [
      'named by the query',
      (folder: string, name: string) => `postgres://signer@/${name}?host=${folder}`,
    ],
    [
      'as the host',
      (folder: string, name: string) => `postgres://signer@${encodeURIComponent(folder)}/${name}`,
    ],
  ])('is met at a Unix socket %s', async (_, written) => {
    const folder = new URL(url.replace('@/', '@host/')).searchParams.get('host') ?? '';
    const { store } = await open({ url: written(folder, database()) });
    expect(await store.job('none')).toBeUndefined();
  });

  test('while it is away callers are told so, without delay', async () => {
    const { store } = await open();
    await server().stop('fast');
    try {
      const start = performance.now();
      const attempt = write(store, (tx) => {
        tx.insertJob(aJob({ job: 'j1' }));
      });
      await expect(attempt).rejects.toThrow(/away|terminat|shutting down|closed/i);
      expect(performance.now() - start).toBeLessThan(5_000);
    } finally {
      await server().start();
    }
    await write(store, (tx) => {
      tx.insertJob(aJob({ job: 'j1' }));
    });
  });

  test('a connection that ends at the commit leaves its outcome unknown', async () => {
    const { store } = await open();
    const attempt = store.transact([], async (tx) => {
      await tx.job('none');
      tx.insertJob(aJob({ job: 'j1' }));
      await server().sql(
        'postgres',
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = '${database()}' AND state = 'idle in transaction'`,
      );
    });
    await expect(attempt).rejects.toThrow(CommitUnknown);
    expect(await store.job('j1')).toBeUndefined();
  });

  test('another history of the cluster raises the generation once', async () => {
    const first = await open();
    expect(first.restored).toBeUndefined();
    expect(first.store.generation).toBe(0n);
    await opened.pop()?.store.close();
    await server().sql(database(), 'UPDATE meta SET timeline = timeline + 1');
    const second = await open();
    expect(second.restored).toBeDefined();
    expect(second.store.generation).toBe(1n);
    await opened.pop()?.store.close();
    const third = await open();
    expect(third.restored).toBeUndefined();
    expect(third.store.generation).toBe(1n);
  });

  test('a database that is behind its marker raises the generation', async () => {
    const markerPath = join(folder, 'marker.json');
    const { store } = await open({ markerPath });
    for (let index = 0; index < 5; index += 1) {
      await write(store, (tx) => {
        tx.insertJob(aJob({ job: `j${String(index)}` }));
      });
    }
    await opened.pop()?.store.close();
    const same = await open({ markerPath });
    expect(same.restored).toBeUndefined();
    await opened.pop()?.store.close();
    await server().sql(database(), `UPDATE progress SET sequence = least(sequence, 2)`);
    const older = await open({ markerPath });
    expect(older.restored).toMatchObject({ seq: 2n, storeChanged: false });
    expect(older.store.generation).toBe(1n);
  });

  test('a database that was put back on disk is noticed by its marker, however little it lacks', async () => {
    const markerPath = join(folder, 'marker.json');
    const insert = (store: Store, job: string): Promise<void> =>
      write(store, (tx) => {
        tx.insertJob(aJob({ job }));
      });
    const { store } = await open({ markerPath });
    await insert(store, 'before');
    const restore = await server().backup();
    await insert(store, 'after');
    await opened.pop()?.store.close();
    await restore();
    const older = await open({ markerPath });
    expect(older.restored).toBeDefined();
    expect(await older.store.job('after')).toBeUndefined();
  });

  test('a database that is put back while a daemon runs is not used any more', async () => {
    const reasons: string[] = [];
    const { store } = await open({ onBroken: ({ message }) => reasons.push(message) });
    const restore = await server().backup();
    await record(store, aBlock({ slot: 1n }), GENESIS);
    await restore();
    await until(() =>
      record(store, aBlock({ slot: 2n }), GENESIS).then(
        () => {
          throw new Error('it was used');
        },
        (error: unknown) => error instanceof CommitUnknown,
      ),
    );
    expect(reasons).toEqual(['the database is older than it was; restart the daemon']);
  });

  test('every daemon is told once that the database is an older one, whichever noticed it', async () => {
    const daemons = ['a', 'b'].map((name) => ({ directory: join(folder, name) }));
    const restart = async (): Promise<readonly boolean[]> => {
      const told: boolean[] = [];
      for (const daemon of daemons) {
        const { store, restored } = await openPostgresStore({ url, clock: wallClock, ...daemon });
        told.push(restored !== undefined);
        await store.close();
      }
      return told;
    };
    expect(await restart()).toEqual([false, false]);
    await server().sql(database(), 'UPDATE meta SET timeline = timeline + 1');
    expect(await restart()).toEqual([true, true]);
    expect(await restart()).toEqual([false, false]);
  });

  test('duties are refused while a standby may lack them, unless that is accepted', async () => {
    const detach = await server().attachStandby();
    const key = aKey(1);
    const sign = (store: Store): Promise<Said> => record(store, aBlock({ key, slot: 5n }), GENESIS);
    try {
      const guarded = await open();
      expect(guarded.warnings).toMatchObject([{ code: 'store.standbys' }]);
      await guarded.store.transact([slashingLane(key)], (tx) => tx.slashing.begin(key, {}));
      await expect(sign(guarded.store)).rejects.toThrow('synchronous_standby_names');
      expect(await guarded.store.slashing.history(key)).toEqual({ blocks: [], attestations: [] });

      const trusting = await open({ directory: join(folder, 'trusting'), trustStandbys: true });
      expect(await sign(trusting.store)).toBe('recorded');
    } finally {
      await detach();
    }
  });
});

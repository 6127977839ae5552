/** Runs a store in a process of its own, for tests that end it. Acknowledged work is named on stdout. */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import process from 'node:process';
import type { Worker } from 'node:worker_threads';

import {
  openSqliteStore,
  type SqliteStoreOptions,
} from '../../../src/adapters/store/sqlite-store.ts';
import { CommitUnknown, type Store } from '../../../src/core/ports.ts';
import { toHex } from '../../../src/base/hex.ts';
import { slashingLane } from '../../../src/core/slashing.ts';
import { wallClock } from '../../support/temp-store.ts';
import { aBlock, aKey, aVote, GENESIS } from './duties.ts';
import { aJob, countIn, LANES, write } from './records.ts';

const TASKS = ['write-for-ever', 'vote-for-ever', 'forget-to-close', 'lose-the-writer'] as const;
type Task = (typeof TASKS)[number];

const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

/** One transaction of three rows: the job, its line of history, and the number of its lane's jobs. */
async function add(store: Store, lane: string): Promise<void> {
  const job = await store.transact([lane], async (tx) => {
    const count = countIn((await tx.state('lanes', [lane])).get(lane));
    const name = `${lane}-${String(count)}`;
    tx.insertJob(aJob({ job: name }));
    tx.putState('lanes', new Map([[lane, { count: count + 1n }]]));
    return name;
  });
  say(job);
}

/**
 * Asks for a block and a vote of one epoch, with roots that nobody asked for before, in one
 * transaction; names those that were released. The first epoch is the newest that was signed.
 */
async function vote(store: Store, number: number): Promise<never> {
  const key = aKey(number);
  await store.transact([slashingLane(key)], (tx) => tx.slashing.begin(key, {}));
  const { attestations } = await store.slashing.history(key);
  for (let target = attestations.at(-1)?.target ?? 1n; ; target += 1n) {
    const root = toHex(randomBytes(32));
    const duties = [
      aBlock({ key, slot: target, root }),
      aVote({ key, source: target - 1n, target, root }),
    ];
    const released = await store.transact([slashingLane(key)], async (tx) => {
      const lines: string[] = [];
      for (const duty of duties) {
        const { kind } = await tx.slashing.record(duty, GENESIS);
        if (kind === 'allowed')
          lines.push(`${duty.kind} ${String(number)} ${String(target)} ${root}`);
      }
      return lines;
    });
    for (const line of released) say(line);
  }
}

async function run(task: Task, options: Omit<SqliteStoreOptions, 'clock'>): Promise<void> {
  const workers: Worker[] = [];
  process.on('worker', (worker) => workers.push(worker));
  const { store } = await openSqliteStore({
    ...options,
    clock: wallClock,
    onBroken: ({ code }) => {
      say(code);
    },
  });
  say('open');
  switch (task) {
    case 'write-for-ever': {
      const forever = async (lane: string): Promise<never> => {
        for (;;) await add(store, lane);
      };
      await Promise.all(LANES.map(forever));
      return;
    }
    case 'vote-for-ever':
      await Promise.all(LANES.map((_, number) => vote(store, number)));
      return;
    case 'forget-to-close':
      await add(store, 'a');
      return;
    case 'lose-the-writer': {
      const pending = write(store, (tx) => {
        tx.insertJob(aJob({ job: 'pending' }));
        void workers[0]?.terminate();
      });
      for (const attempt of [pending, pending.catch(() => add(store, 'b'))]) {
        await attempt.catch((error: unknown) => {
          say(error instanceof CommitUnknown ? 'commit unknown' : String(error));
        });
      }
      await store.close();
    }
  }
}

const [task, options] = process.argv.slice(2);
const known = TASKS.find((name) => name === task);
if (known === undefined || options === undefined) throw new Error('usage: child <task> <options>');
// SAFETY: process-death.test.ts is the only caller.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
await run(known, JSON.parse(options) as Omit<SqliteStoreOptions, 'clock'>);

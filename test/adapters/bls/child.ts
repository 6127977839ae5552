/** Runs validator keys in a process of its own, for tests that end it or one of its threads. */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';

import { createBlsWorkers, type BlsWorkers } from '../../../src/adapters/bls/bls-workers.ts';
import { createKeySlots } from '../../../src/adapters/bls/key-slots.ts';
import {
  interopKey,
  interopKeystore,
  interopPassword,
  storeIn,
  word,
} from '../../support/validator-files.ts';

const threads: Worker[] = [];
process.on('worker', (worker) => threads.push(worker));

const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

async function workersOf(count: number): Promise<BlsWorkers> {
  const slots = createKeySlots(1);
  slots.put(interopKey(0).secret());
  const workers = await createBlsWorkers(
    { count, memory: slots.memory },
    {
      alarm({ message }) {
        say(`alarm: ${message}`);
      },
    },
  );
  if (!workers.ok) throw new Error(workers.error.message);
  return workers.value;
}

function root(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

const TASKS: Readonly<Record<string, (home: string) => Promise<void>>> = {
  async 'lose-a-thread'() {
    const workers = await workersOf(1);
    const attempts = Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => workers.sign(0, root(index))),
    );
    await threads[0]?.terminate();
    const alarmed = setImmediate();
    const settled = await attempts;
    await alarmed;
    const rejected = settled.find((result) => result.status === 'rejected');
    say(`some rejected: ${String(rejected !== undefined)}`);
    say(`why: ${String(rejected?.reason)}`);
    say(`some signed: ${String(settled.some(({ status }) => status === 'fulfilled'))}`);
    say(`signed again: ${String((await workers.sign(0, root(1))).length)}`);
    await workers.close();
  },

  async 'lose-every-thread'() {
    const workers = await workersOf(1);
    for (let death = 1; death <= 5; death += 1) {
      const next = death === 5 ? undefined : once(process, 'worker');
      await threads.at(-1)?.terminate();
      await next;
      if (next !== undefined) await once(newest(), 'message');
      await setImmediate();
    }
    say(`why: ${String(await workers.sign(0, root(1)).catch((error: unknown) => error))}`);
  },

  async 'forget-to-close'() {
    const workers = await workersOf(2);
    say(`signed: ${String((await workers.sign(0, root(1))).length)}`);
  },

  /** Imports and deletes the same keys for ever, and names each act once it is done. */
  async 'import-for-ever'(home) {
    const { store } = await storeIn(home);
    await store.reload();
    for (;;) {
      for (const index of [0, 2, 4]) {
        const { status } = await store.importKeystore(
          interopKeystore(index),
          word(interopPassword),
        );
        say(`${status} ${String(index)}`);
      }
      for (const index of [0, 2, 4]) {
        say(`deleting ${String(index)}`);
        const { status } = await store.remove(interopKey(index).pubkey);
        say(`${status} ${String(index)}`);
      }
    }
  },
};

function newest(): Worker {
  const thread = threads.at(-1);
  if (thread === undefined) throw new Error('no thread was started');
  return thread;
}

const [task = '', home = ''] = process.argv.slice(2);
const run = TASKS[task];
if (run === undefined) throw new Error('usage: child <task> [home]');
await run(home);

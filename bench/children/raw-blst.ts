/** What the machine can do: the bare library in two threads, with nothing else to care for. */
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import process from 'node:process';
import { Worker } from 'node:worker_threads';

import { required } from './environment.ts';
import type { Task } from './blst-thread.ts';

const secret = Buffer.from(required('SECRET'), 'hex');
const THREADS = 2;
const threads = Array.from(
  { length: THREADS },
  () => new Worker(new URL('./blst-thread.js', import.meta.url)),
);

process.on('message', (count) => {
  if (typeof count === 'number') void sign(count).then((took) => process.send?.(took));
});
process.once('SIGTERM', () => process.exit());
process.send?.('ready');

/** Resolves to the milliseconds that it took. */
async function sign(count: number): Promise<number> {
  const tasks = Array.from({ length: count / THREADS }, (_, index): Task => {
    const root = Buffer.alloc(32);
    root.writeUInt32BE(index);
    return [secret, root];
  });
  const start = performance.now();
  await Promise.all(
    threads.map(async (thread) => {
      thread.postMessage(tasks);
      await once(thread, 'message');
    }),
  );
  return performance.now() - start;
}

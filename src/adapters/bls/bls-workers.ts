/**
 * Signing threads, one for each core, behind one bounded queue.
 *
 * `sign` of the native library blocks its thread for about half a millisecond, and a message to a
 * thread and back costs a twentieth of that. So what is asked for in one turn, or had to wait, goes out
 * several at a time. Each thread has one batch in hand and one waiting, so that it never idles while the
 * main thread is busy.
 */
import { ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { Overload } from '../../core/ports.ts';
import { ROOT_SIZE } from './blst.ts';
import { startSignWorker, type SignRequest, type SignWorker } from './sign-worker.ts';

export interface BlsWorkersOptions {
  /** Number of threads, at least one; one for each core uses the machine whole. */
  readonly count: number;
  /** The shared memory that holds the keys. */
  readonly memory: SharedArrayBuffer;
  /** Requests that may wait for a thread; about three seconds of work for two cores if left out. */
  readonly queueLimit?: number;
}

export interface BlsWorkersDeps {
  /** Told of a thread that died, and of one that cannot be replaced. */
  readonly alarm: (reason: Reason) => void;
}

export interface BlsWorkers {
  /**
   * The 96-byte signature of a 32-byte signing root with the key in `slot`. Rejects with
   * `Overload` when the queue is full, and when the thread died or the slot holds no key;
   * then nothing was signed and the request may be made again.
   */
  readonly sign: (slot: number, root: Uint8Array) => Promise<Uint8Array>;
  /** Each request by itself, in order; one that fails does not stop the others. */
  readonly signMany: (
    requests: readonly { readonly slot: number; readonly root: Uint8Array }[],
  ) => Promise<readonly PromiseSettledResult<Uint8Array>[]>;
  /** Resolves when every thread has answered what it was given of this slot. */
  readonly released: (slot: number) => Promise<void>;
  /** Requests that wait or are being signed. */
  readonly pending: () => number;
  /** Lets accepted requests end, then ends the threads. */
  readonly close: () => Promise<void>;
}

const QUEUE_LIMIT = 16_384;
/** More would make the first of a batch wait for the last without making a message cheaper. */
const MAX_BATCH = 8;
const BATCHES_PER_WORKER = 2;
/** Deaths in a row, without a signature between them, after which a thread is not replaced. */
const MAX_DEATHS = 5;

/** Fails where the library has no binary for this machine or does not pass its self-test. */
export async function createBlsWorkers(
  { count, memory, queueLimit = QUEUE_LIMIT }: BlsWorkersOptions,
  { alarm }: BlsWorkersDeps,
): Promise<Result<BlsWorkers, Reason>> {
  const workers = new Set<SignWorker>();
  const queue: SignRequest[] = [];
  const usesOf = new Map<number, number>();
  const waitingFor = new Map<number, (() => void)[]>();
  let pending = 0;
  let deaths = 0;
  let starting = 0;
  let closing: Promise<void> | undefined;
  let onIdle: (() => void) | undefined;
  let isClosed = false;

  const starts = await Promise.all(Array.from({ length: Math.max(1, count) }, start));
  const failure = starts.find((result) => !result.ok);
  if (failure !== undefined) {
    await Promise.all([...workers].map((worker) => worker.terminate()));
    return failure;
  }

  async function start(): Promise<Result<void, Reason>> {
    starting += 1;
    const started = await startSignWorker({ memory }, { onAnswer, onEnd });
    starting -= 1;
    if (!started.ok) return started;
    const worker = started.value;
    if (isClosed) await worker.terminate();
    else workers.add(worker);
    return ok(undefined);

    function onAnswer(): void {
      deaths = 0;
      feed(worker);
    }

    function onEnd(cause: string): void {
      workers.delete(worker);
      deaths += 1;
      void replace(cause);
    }
  }

  async function replace(cause: string): Promise<void> {
    const dead = `a BLS signing thread died: ${cause}`;
    if (deaths >= MAX_DEATHS) {
      alarm({
        code: 'bls.worker',
        message: `${dead}; it is not replaced again, restart the daemon`,
      });
    } else {
      alarm({ code: 'bls.worker', message: `${dead}; another takes its place` });
      const started = await start();
      if (!started.ok) alarm(started.error);
    }
    if (workers.size === 0 && starting === 0) {
      for (const { reject } of queue.splice(0)) reject(noThreads());
    }
    for (const worker of workers) feed(worker);
  }

  function sign(slot: number, root: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (root.length !== ROOT_SIZE) throw new Error('a signing root has 32 bytes');
      if (closing !== undefined || (workers.size === 0 && starting === 0)) {
        reject(noThreads());
        return;
      }
      if (queue.length >= queueLimit) {
        const message = `more than ${String(queueLimit)} requests wait for a signature; try again in a second`;
        reject(new Overload(message));
        return;
      }
      take(slot);
      queue.push({
        slot,
        root,
        resolve(signature) {
          resolve(signature);
          give(slot);
        },
        reject(error) {
          reject(error);
          give(slot);
        },
      });
      // What is asked for in one turn, after one commit, goes out together.
      if (queue.length === 1) setImmediate(feedAll);
    });
  }

  function feedAll(): void {
    const size = share();
    for (let free = mostIdle(workers); free !== undefined; free = mostIdle(workers)) {
      if (queue.length === 0) return;
      free.send(queue.splice(0, size));
    }
  }

  function feed(worker: SignWorker): void {
    while (queue.length > 0 && worker.batches() < BATCHES_PER_WORKER) {
      worker.send(queue.splice(0, share()));
    }
  }

  /** Of what waits, what one thread should take. */
  function share(): number {
    return Math.min(MAX_BATCH, Math.ceil(queue.length / Math.max(1, workers.size)));
  }

  function take(slot: number): void {
    pending += 1;
    usesOf.set(slot, (usesOf.get(slot) ?? 0) + 1);
  }

  function give(slot: number): void {
    pending -= 1;
    const left = (usesOf.get(slot) ?? 1) - 1;
    if (left > 0) usesOf.set(slot, left);
    else {
      usesOf.delete(slot);
      for (const tell of waitingFor.get(slot) ?? []) tell();
      waitingFor.delete(slot);
    }
    if (pending === 0) onIdle?.();
  }

  function released(slot: number): Promise<void> {
    if (!usesOf.has(slot)) return Promise.resolve();
    return new Promise((resolve) => {
      waitingFor.set(slot, [...(waitingFor.get(slot) ?? []), resolve]);
    });
  }

  async function end(): Promise<void> {
    if (pending > 0) {
      await new Promise<void>((resolve) => {
        onIdle = resolve;
      });
    }
    isClosed = true;
    await Promise.all([...workers].map((worker) => worker.terminate()));
    workers.clear();
  }

  return ok(
    Object.freeze({
      sign,
      signMany: (requests: readonly { readonly slot: number; readonly root: Uint8Array }[]) =>
        Promise.allSettled(requests.map(({ slot, root }) => sign(slot, root))),
      released,
      pending: () => pending,
      close: () => (closing ??= end()),
    }),
  );
}

/** The thread that is done first, if any can take more. */
function mostIdle(workers: ReadonlySet<SignWorker>): SignWorker | undefined {
  let best: SignWorker | undefined;
  for (const worker of workers) {
    if (worker.batches() >= BATCHES_PER_WORKER) continue;
    if (best === undefined || worker.requests() < best.requests()) best = worker;
  }
  return best;
}

function noThreads(): Error {
  return new Error('there is no signing thread; nothing was signed, restart the daemon');
}

/** The main thread's end of the writer: batches go out together, promises settle as they come back. */
import { unreachable } from '../../base/unreachable.ts';
import { CommitUnknown } from '../../core/ports.ts';
import { startWorker } from '../start-worker.ts';
import type { KillAt } from './kill-point.ts';
import type { Batch, Failure, Settled } from './writer.ts';

/** What the thread is started with. */
export interface WriterData {
  readonly path: string;
  readonly killAt: KillAt | undefined;
}

export type ToWriter =
  { readonly kind: 'batches'; readonly batches: readonly Batch[] } | { readonly kind: 'close' };

export interface WriterEvents {
  readonly onSettled: (settled: Settled) => void;
  /** The thread ended by itself; nothing can be committed any more. */
  readonly onBroken: (cause: string) => void;
}

export interface WriterClient {
  /** Resolves when the batch is durable; rejects with `CommitUnknown` when that is not known. */
  readonly commit: (batch: Batch) => Promise<void>;
  /** Lets everything handed over so far be committed, then ends the thread. */
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** So many batches do not wait for the end of the turn: the thread may begin with them. */
const FULL = 64;

export async function startWriter(data: WriterData, events: WriterEvents): Promise<WriterClient> {
  const worker = startWorker('./writer-thread', import.meta.url, {
    name: 'store-writer',
    workerData: data,
  });
  /** In the order in which the batches went out, which is the order in which they come back. */
  let waiting: Waiting[] = [];
  let outgoing: Batch[] = [];
  let broken: string | undefined;
  let closing = false;

  const ended = new Promise<number>((resolve) => {
    worker.once('exit', resolve);
  });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => {
      resolve();
    });
    worker.once('error', reject);
  });
  worker.on('error', (error) => {
    breakDown(error.message);
  });
  worker.on('message', (settled: Settled) => {
    events.onSettled(settled);
    settle(settled);
    if (waiting.length === 0 && !closing) worker.unref();
  });
  void ended.then((code) => {
    if (!closing) breakDown(`the writer thread ended with code ${String(code)}`);
  });
  // An idle writer does not keep the process alive.
  worker.unref();

  return Object.freeze({
    commit: (batch: Batch) =>
      new Promise<void>((resolve, reject) => {
        if (broken !== undefined) {
          reject(new CommitUnknown(`the store is broken: ${broken}; restart the daemon`));
          return;
        }
        waiting.push({ resolve, reject });
        outgoing.push(batch);
        if (outgoing.length === 1) setImmediate(send);
        if (outgoing.length === FULL) send();
      }),
    async close() {
      send();
      closing = true;
      if (broken === undefined) post({ kind: 'close' });
      worker.ref();
      await ended;
    },
  });

  function send(): void {
    if (outgoing.length === 0 || broken !== undefined) return;
    post({ kind: 'batches', batches: outgoing });
    outgoing = [];
    worker.ref();
  }

  function post(message: ToWriter): void {
    worker.postMessage(message);
  }

  function settle({ batches, failures }: Settled): void {
    const failed = new Map(failures.map((failure) => [failure.index, failure]));
    for (const [index, { resolve, reject }] of waiting.splice(0, batches).entries()) {
      const failure = failed.get(index);
      if (failure === undefined) resolve();
      else reject(errorOf(failure));
    }
  }

  function breakDown(cause: string): void {
    if (broken !== undefined) return;
    broken = cause;
    for (const { reject } of waiting) reject(new CommitUnknown(cause));
    waiting = [];
    events.onBroken(cause);
  }
}

function errorOf({ kind, message }: Failure): Error {
  switch (kind) {
    case 'refused':
      return new Error(`the store refused a transaction: ${message}`);
    case 'unknown':
      return new CommitUnknown(`the commit failed: ${message}`);
    default:
      return unreachable(kind);
  }
}

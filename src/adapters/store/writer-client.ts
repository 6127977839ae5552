/** The main thread's end of the writer: batches go out together, promises settle as they come back. */
import { CommitUnknown } from '../../core/ports.ts';
import { startWorker } from '../start-worker.ts';
import type { KillAt } from './kill-point.ts';
import type { Batch, Settled, Settlement } from './writer.ts';
import type { Write } from './writes.ts';

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
  /** Resolves when the writes are durable; rejects with `CommitUnknown` when that is not known. */
  readonly commit: (writes: readonly Write[]) => Promise<void>;
  /** Lets everything handed over so far be committed, then ends the thread. */
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export async function startWriter(data: WriterData, events: WriterEvents): Promise<WriterClient> {
  const worker = startWorker('./writer-thread', import.meta.url, {
    name: 'store-writer',
    workerData: data,
  });
  const waiting = new Map<number, Waiting>();
  let outgoing: Batch[] = [];
  let lastId = 0;
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
    settled.batches.forEach(settle);
    rest();
  });
  void ended.then((code) => {
    if (!closing) breakDown(`the writer thread ended with code ${String(code)}`);
  });
  rest();

  return Object.freeze({
    commit: (writes: readonly Write[]) =>
      new Promise<void>((resolve, reject) => {
        if (broken !== undefined) {
          reject(new CommitUnknown(`the store is broken: ${broken}; restart the daemon`));
          return;
        }
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        if (outgoing.length === 0) setImmediate(send);
        outgoing.push({ id: lastId, writes });
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

  /** An idle writer does not keep the process alive. */
  function rest(): void {
    if (waiting.size === 0 && !closing) worker.unref();
  }

  function settle({ id, kind, message }: Settlement): void {
    const batch = waiting.get(id);
    waiting.delete(id);
    switch (kind) {
      case 'committed':
        batch?.resolve();
        return;
      case 'refused':
        batch?.reject(new Error(`the store refused a transaction: ${message ?? ''}`));
        return;
      case 'unknown':
        batch?.reject(new CommitUnknown(`the commit failed: ${message ?? ''}`));
        return;
    }
  }

  function breakDown(cause: string): void {
    if (broken !== undefined) return;
    broken = cause;
    for (const batch of waiting.values()) batch.reject(new CommitUnknown(cause));
    waiting.clear();
    events.onBroken(cause);
  }
}

/** The main thread's end of one signing thread. */
import type { Worker } from 'node:worker_threads';

import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { startWorker } from '../start-worker.ts';
import { ROOT_SIZE, SIGNATURE_SIZE } from './blst.ts';

/** What a thread is started with. */
export interface SignerData {
  readonly memory: SharedArrayBuffer;
}

/** One batch: roots lie one after another, 32 bytes for each slot. */
export interface ToSigner {
  readonly slots: Uint32Array;
  readonly roots: Uint8Array;
}

export type FromSigner =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unfit'; readonly reason: Reason }
  /** Signatures in the order of the batch, 96 bytes each; `failed` ones are not signed. */
  | {
      readonly kind: 'signed';
      readonly signatures: Uint8Array;
      readonly failed: readonly number[];
    };

/** One request and who waits for it. */
export interface SignRequest {
  readonly slot: number;
  readonly root: Uint8Array;
  readonly resolve: (signature: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

export interface SignWorker {
  readonly send: (batch: readonly SignRequest[]) => void;
  /** Batches sent and not answered. */
  readonly batches: () => number;
  /** Requests sent and not answered. */
  readonly requests: () => number;
  readonly terminate: () => Promise<void>;
}

export interface SignWorkerEvents {
  /** A batch was answered; the thread can take another. */
  readonly onAnswer: () => void;
  /** The thread ended by itself. What it had been sent is rejected before. */
  readonly onEnd: (cause: string) => void;
}

/** Resolves once the thread has passed its self-test. */
export async function startSignWorker(
  data: SignerData,
  { onAnswer, onEnd }: SignWorkerEvents,
): Promise<Result<SignWorker, Reason>> {
  const worker = startWorker('./sign-thread', import.meta.url, {
    name: 'bls-signer',
    workerData: data,
  });
  /** In the order in which the batches went out, which is the order in which they come back. */
  const sent: (readonly SignRequest[])[] = [];
  let inFlight = 0;
  let terminating = false;
  let cause: string | undefined;

  const started = await ready(worker);
  if (!started.ok) {
    await worker.terminate();
    return started;
  }
  worker.on('message', (message: FromSigner) => {
    if (message.kind !== 'signed') return;
    const batch = sent.shift() ?? [];
    inFlight -= batch.length;
    settle(batch, message.signatures, message.failed);
    if (sent.length === 0) worker.unref();
    onAnswer();
  });
  worker.on('error', (error) => {
    cause = error.message;
  });
  worker.on('exit', (code) => {
    const why = cause ?? `it ended with code ${String(code)}`;
    for (const { reject } of sent.splice(0).flat()) {
      reject(new Error(`the signing thread died (${why}); nothing was signed`));
    }
    inFlight = 0;
    if (!terminating) onEnd(why);
  });
  // An idle signer does not keep the process alive.
  worker.unref();

  return ok(
    Object.freeze({
      send(batch: readonly SignRequest[]) {
        worker.ref();
        sent.push(batch);
        inFlight += batch.length;
        worker.postMessage(packed(batch));
      },
      batches: () => sent.length,
      requests: () => inFlight,
      async terminate() {
        terminating = true;
        await worker.terminate();
      },
    }),
  );
}

function ready(worker: Worker): Promise<Result<void, Reason>> {
  return new Promise((resolve) => {
    const refuse = (why: string): void => {
      const message = `a signing thread did not start (${why}); see the messages before this one`;
      resolve(err({ code: 'bls.worker', message }));
    };
    worker.once('message', (message: FromSigner) => {
      resolve(message.kind === 'unfit' ? err(message.reason) : ok(undefined));
    });
    worker.once('error', (error) => {
      refuse(error.message);
    });
    worker.once('exit', (code) => {
      refuse(`it ended with code ${String(code)}`);
    });
  });
}

function packed(batch: readonly SignRequest[]): ToSigner {
  const slots = new Uint32Array(batch.length);
  const roots = new Uint8Array(batch.length * ROOT_SIZE);
  for (const [index, { slot, root }] of batch.entries()) {
    slots[index] = slot;
    roots.set(root, index * ROOT_SIZE);
  }
  return { slots, roots };
}

function settle(
  batch: readonly SignRequest[],
  signatures: Uint8Array,
  failed: readonly number[],
): void {
  for (const [index, { resolve, reject }] of batch.entries()) {
    if (failed.includes(index)) {
      reject(new Error('nothing was signed: there is no usable key in this slot'));
    } else {
      resolve(signatures.slice(index * SIGNATURE_SIZE, (index + 1) * SIGNATURE_SIZE));
    }
  }
}

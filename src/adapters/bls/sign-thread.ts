/** A signing thread: proves that it can sign, then signs what it is sent, in order. */
import { parentPort, workerData } from 'node:worker_threads';

import { loadBlst, ROOT_SIZE, SIGNATURE_SIZE, type Blst } from './blst.ts';
import { slotOf } from './key-slots.ts';
import { selfTest } from './self-test.ts';
import type { FromSigner, SignerData, ToSigner } from './sign-worker.ts';

if (parentPort === null) throw new Error('the BLS signer runs only as a worker thread');
const port = parentPort;
// SAFETY: sign-worker.ts starts this thread and is the only one to do so.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const { memory } = workerData as SignerData;

const library = await loadBlst();
const fit = library.ok ? selfTest(library.value) : library;
if (library.ok && fit.ok) serve(library.value);
else if (!fit.ok) say({ kind: 'unfit', reason: fit.error });

function serve(blst: Blst): void {
  port.on('message', (batch: ToSigner) => {
    say(signAll(blst, batch));
  });
  say({ kind: 'ready' });
}

function signAll({ SecretKey }: Blst, { slots, roots }: ToSigner): FromSigner {
  const signatures = new Uint8Array(slots.length * SIGNATURE_SIZE);
  const failed: number[] = [];
  for (const [index, slot] of slots.entries()) {
    try {
      const root = roots.subarray(index * ROOT_SIZE, (index + 1) * ROOT_SIZE);
      // Made anew each time: it costs a hundredth of a signature, and nothing has to be forgotten.
      const key = SecretKey.fromBytes(slotOf(memory, slot));
      signatures.set(key.sign(root).toBytes(), index * SIGNATURE_SIZE);
    } catch {
      failed.push(index);
    }
  }
  return { kind: 'signed', signatures, failed };
}

function say(message: FromSigner): void {
  port.postMessage(message);
}

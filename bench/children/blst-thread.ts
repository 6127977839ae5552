/** The bare library in a thread: signs what it is sent, in order. */
import { Buffer } from 'node:buffer';
import { parentPort } from 'node:worker_threads';

import { SecretKey } from '@chainsafe/blst';

/** A secret key and a root, 32 bytes each. */
export type Task = readonly [secret: Uint8Array, root: Uint8Array];

const keys = new Map<string, SecretKey>();

parentPort?.on('message', (tasks: readonly Task[]) => {
  parentPort?.postMessage(tasks.map(([secret, root]) => keyOf(secret).sign(root).toHex()));
});

function keyOf(secret: Uint8Array): SecretKey {
  const name = Buffer.from(secret).toString('latin1');
  const key = keys.get(name) ?? SecretKey.fromBytes(secret);
  keys.set(name, key);
  return key;
}

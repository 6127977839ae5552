import process from 'node:process';

import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { bls12_381 } from '@noble/curves/bls12-381.js';

import { createBlsWorkers, type BlsWorkers } from '../../../src/adapters/bls/bls-workers.ts';
import { loadBlst } from '../../../src/adapters/bls/blst.ts';
import { createKeySlots, slotOf } from '../../../src/adapters/bls/key-slots.ts';
import { selfTest } from '../../../src/adapters/bls/self-test.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { Overload } from '../../../src/core/ports.ts';
import { blst, interopKey } from '../../support/validator-files.ts';
import { runChild } from './run-child.ts';

// Threads and processes that start from sources take seconds on a busy machine.
jest.setTimeout(60_000);

const open: BlsWorkers[] = [];
afterAll(async () => {
  await Promise.all(open.map((workers) => workers.close()));
});

async function start(options: { count?: number; queueLimit?: number } = {}) {
  const { count = 1, ...rest } = options;
  const slots = createKeySlots(16);
  for (let index = 0; index < 4; index += 1) slots.put(interopKey(index).secret());
  const workers = await createBlsWorkers(
    { count, memory: slots.memory, ...rest },
    {
      alarm({ message }) {
        throw new Error(message);
      },
    },
  );
  if (!workers.ok) throw new Error(workers.error.message);
  open.push(workers.value);
  return { slots, workers: workers.value };
}

/** Threads take a while to start, so most tests share these. */
const shared = start({ count: 2 });

function root(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

/** An implementation that shares nothing with the one under test. */
function isValid(signature: Uint8Array, message: Uint8Array, index: number): boolean {
  const { longSignatures } = bls12_381;
  const domain = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
  const publicKey = longSignatures.Signature.fromBytes(signature);
  return longSignatures.verify(
    publicKey,
    longSignatures.hash(message, domain),
    fromHex(interopKey(index).pubkey),
  );
}

describe('signing threads', () => {
  test('sign with the key of each slot, as another implementation verifies', async () => {
    const { workers } = await shared;
    const signatures = await Promise.all(
      [0, 1, 2, 3].map((slot) => workers.sign(slot, root(slot))),
    );
    for (const [index, signature] of signatures.entries()) {
      expect(signature).toHaveLength(96);
      expect(isValid(signature, root(index), index)).toBe(true);
    }
  });

  test('give each of many requests its own answer', async () => {
    const { workers } = await shared;
    const { SecretKey } = await blst();
    const requests = Array.from({ length: 120 }, (_, index) => ({
      slot: index % 4,
      root: root(index),
    }));
    const answers = await workers.signMany(requests);
    for (const [index, answer] of answers.entries()) {
      const key = SecretKey.fromBytes(fromHex(interopKey(index % 4).secretHex));
      const expected = toHex(key.sign(root(index)).toBytes());
      expect(answer.status === 'fulfilled' && toHex(answer.value)).toBe(expected);
    }
    expect(workers.pending()).toBe(0);
  });

  test('see a key that is added later, and refuse a slot without one', async () => {
    const { slots, workers } = await shared;
    const [empty, good] = await workers.signMany([
      { slot: 5, root: root(1) },
      { slot: 0, root: root(1) },
    ]);
    expect(empty).toMatchObject({ status: 'rejected' });
    expect(String(empty?.status === 'rejected' && empty.reason)).toContain('no usable key');
    expect(good?.status).toBe('fulfilled');
    expect(slots.put(interopKey(4).secret())).toEqual({ ok: true, value: 4 });
    expect(isValid(await workers.sign(4, root(2)), root(2), 4)).toBe(true);
  });

  test('refuse what is no signing root', async () => {
    const { workers } = await shared;
    await expect(workers.sign(0, new Uint8Array(31))).rejects.toThrow('32 bytes');
    expect(workers.pending()).toBe(0);
  });

  test('a full queue refuses more, and what was accepted is signed', async () => {
    const { workers } = await start({ queueLimit: 3 });
    const attempts = Array.from({ length: 12 }, (_, index) => workers.sign(0, root(index)));
    const settled = await Promise.allSettled(attempts);
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const result of refused) {
      expect(result).toMatchObject({ reason: expect.any(Overload) });
    }
    expect(settled.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(3);
    expect((await workers.sign(0, root(1))).length).toBe(96);
  });

  test('closing lets accepted requests end and takes no more', async () => {
    const { workers } = await start();
    const accepted = Array.from({ length: 20 }, (_, index) => workers.sign(0, root(index)));
    const closed = workers.close();
    await expect(workers.sign(0, root(1))).rejects.toThrow('no signing thread');
    await closed;
    expect(await Promise.all(accepted)).toHaveLength(20);
  });

  test('a slot is released when the last signature with it is made', async () => {
    const { workers } = await shared;
    const order: string[] = [];
    const signed = Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await workers.sign(index % 2, root(index));
        order.push(`signed ${String(index % 2)}`);
      }),
    );
    const released = workers.released(1).then(() => order.push('released'));
    await Promise.all([signed, released]);
    expect(order.filter((word) => word === 'signed 1')).toHaveLength(10);
    expect(order.indexOf('released')).toBeGreaterThan(order.lastIndexOf('signed 1'));
    await workers.released(3);
  });
});

describe('a signing thread that dies', () => {
  test('is replaced; its requests are rejected and may be made again', async () => {
    expect(await runChild('lose-a-thread')).toEqual([
      'alarm: a BLS signing thread died: it ended with code 1; another takes its place',
      'some rejected: true',
      'why: Error: the signing thread died (it ended with code 1); nothing was signed',
      // What waited in the queue was signed by the next thread.
      'some signed: true',
      'signed again: 96',
    ]);
  });

  test('again and again without a signature in between is given up with an alarm', async () => {
    const lines = await runChild('lose-every-thread');
    expect(lines).toHaveLength(6);
    expect(lines.at(-2)).toBe(
      'alarm: a BLS signing thread died: it ended with code 1; it is not replaced again, restart the daemon',
    );
    expect(lines.at(-1)).toBe(
      'why: Error: there is no signing thread; nothing was signed, restart the daemon',
    );
  });

  test('idle threads do not keep a process alive', async () => {
    expect(await runChild('forget-to-close')).toEqual(['signed: 96']);
  });
});

describe('the library', () => {
  test('that is missing is named with the machine and what to do', async () => {
    const loaded = await loadBlst(() =>
      Promise.reject(new Error('Cannot find module /secret/path')),
    );
    const message = loaded.ok ? '' : loaded.error.message;
    expect(message).toContain('cannot load the BLS library `@chainsafe/blst` on ');
    expect(message).toContain(process.platform);
    expect(message).not.toContain('/secret/path');
  });

  test('passes the self-test; one that signs or verifies wrongly does not', async () => {
    const good = await blst();
    expect(selfTest(good)).toEqual({ ok: true, value: undefined });
    expect(selfTest({ ...good, verify: () => false })).toMatchObject({
      error: { code: 'bls.self-test' },
    });
    const wrong = {
      ...good,
      SecretKey: { fromBytes: () => good.SecretKey.fromBytes(root(3)) },
    };
    // SAFETY: the self-test makes its key with `fromBytes` alone.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    expect(selfTest(wrong as unknown as typeof good)).toMatchObject({
      error: { code: 'bls.self-test' },
    });
  });
});

describe('key slots', () => {
  test('are overwritten when wiped, and used again', () => {
    const slots = createKeySlots(2);
    slots.put(interopKey(0).secret());
    slots.put(interopKey(1).secret());
    expect(slots.put(interopKey(2).secret())).toMatchObject({ error: { code: 'bls.capacity' } });
    slots.wipe(0);
    expect(toHex(slotOf(slots.memory, 0))).toBe('00'.repeat(32));
    expect(slots.put(interopKey(2).secret())).toEqual({ ok: true, value: 0 });
    expect(toHex(slotOf(slots.memory, 0))).toBe(interopKey(2).secretHex);
    slots.wipeAll();
    expect(new Uint8Array(slots.memory).every((byte) => byte === 0)).toBe(true);
  });
});

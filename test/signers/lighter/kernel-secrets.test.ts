/** What the shipped kernel lets others see of a key: nothing in its memory, nothing in its path. */
import { randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { equalBytes } from '../../../src/base/bytes.ts';
import { TRACED_SECRETS } from '../../support/lighter-cases.ts';
import { ORDER } from '../../support/lighter-reference/curve.ts';
import { toInteger, toScalarBytes } from '../../support/lighter-reference/schnorr.ts';
import {
  createWorkbench,
  type KernelExports,
  openKernel,
  openWatchedKernel,
} from '../../support/lighter-workbench.ts';

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size));

function randomKey(): Uint8Array {
  const key = random(40);
  return key.with(39, (key[39] ?? 0) & 0x3f);
}

/** Keys whose digits, carries and borrows are all alike, and the first and the last key. */
const extremeKeys = [
  ...[1n, 2n, 16n, 17n, 2n ** 318n, 2n ** 318n - 1n, ORDER - 2n, ORDER - 1n],
  ...[0x0f, 0x10, 0x11, 0x55].map((byte) => toInteger(new Uint8Array(40).fill(byte))),
].map(toScalarBytes);

/** An operation that sees a secret, on that secret; all else that it reads is random. */
interface SecretOperation {
  readonly draw: () => Uint8Array;
  readonly extremes: readonly Uint8Array[];
  readonly run: (kernel: KernelExports, secret: Uint8Array) => void;
}

const operations: Readonly<Record<string, SecretOperation>> = {
  sign: {
    draw: randomKey,
    extremes: extremeKeys,
    run(kernel, key) {
      const { fill } = createWorkbench(kernel);
      fill(kernel.PRIVATE_KEY, key);
      fill(kernel.MESSAGE, random(40));
      fill(kernel.ENTROPY, random(64));
      kernel.sign();
    },
  },
  /** The nonce is as secret as the key. */
  signWithNonce: {
    draw: randomKey,
    extremes: extremeKeys,
    run(kernel, nonce) {
      createWorkbench(kernel).compute(kernel.signWithNonce, 80, random(40), randomKey(), nonce);
    },
  },
  publicKey: {
    draw: randomKey,
    extremes: extremeKeys,
    run(kernel, key) {
      createWorkbench(kernel).fill(kernel.PRIVATE_KEY, key);
      kernel.publicKey();
    },
  },
  derivePrivateKey: {
    draw: () => random(64),
    extremes: [0x00, 0x7f, 0xff].map((byte) => new Uint8Array(64).fill(byte)),
    run(kernel, wide) {
      createWorkbench(kernel).fill(kernel.ENTROPY, wide);
      kernel.derivePrivateKey();
    },
  },
  isPrivateKey: {
    draw: () => random(40),
    extremes: [0n, 1n, ORDER - 1n, ORDER, 2n ** 320n - 1n].map(toScalarBytes),
    run(kernel, key) {
      createWorkbench(kernel).fill(kernel.PRIVATE_KEY, key);
      kernel.isPrivateKey();
    },
  },
};

function runOnRandomSecret(name: keyof typeof operations, kernel: KernelExports): void {
  const operation = operations[name];
  if (operation === undefined) throw new Error('no such operation');
  operation.run(kernel, operation.draw());
}

describe('memory', () => {
  /** The memory with the areas of results blanked, which are the caller's to overwrite. */
  function remains(kernel: KernelExports): Uint8Array {
    const memory = new Uint8Array(kernel.memory.buffer.slice(0));
    memory.fill(0, kernel.MESSAGE.value, kernel.MESSAGE.value + 40);
    memory.fill(0, kernel.SIGNATURE.value, kernel.SIGNATURE.value + 80);
    memory.fill(0, kernel.PUBLIC_KEY.value, kernel.PUBLIC_KEY.value + 40);
    return memory;
  }

  test.each(['sign', 'publicKey', 'isPrivateKey'])(
    '%s leaves it as it was, but for its result',
    (name) => {
      const kernel = openKernel();
      const before = remains(kernel);
      runOnRandomSecret(name, kernel);
      expect(equalBytes(remains(kernel), before)).toBe(true);
    },
  );

  test('derivePrivateKey leaves nothing but the key, and the check of the key removes it', () => {
    const kernel = openKernel();
    const before = remains(kernel);
    runOnRandomSecret('derivePrivateKey', kernel);
    expect(equalBytes(remains(kernel), before)).toBe(false);
    expect(kernel.isPrivateKey()).toBe(1);
    expect(equalBytes(remains(kernel), before)).toBe(true);
  });
});

describe('the path of execution', () => {
  /** The number of conditions, addresses and lengths, and two rolling hashes of them. */
  let events = 0;
  let first = 0;
  let second = 0;
  // Taken out of the global scope, whose look-ups are slow in a test.
  const { imul } = Math;
  const kernel = openWatchedKernel((value, site) => {
    events += 1;
    first = (imul(first ^ value, 0x01000193) + site) | 0;
    second = imul(second + site, 0x85ebca6b) ^ value;
    return value;
  });

  function pathOf(run: () => void): string {
    events = first = second = 0;
    run();
    return [events, first, second].join(' ');
  }

  test.each(Object.entries(operations))(
    `%s takes one path through branches and memory for ${String(TRACED_SECRETS)} random secrets`,
    (_, { draw, extremes, run }) => {
      const drawn = Array.from({ length: TRACED_SECRETS }, draw);
      const paths = [...extremes, ...drawn].map((secret) =>
        pathOf(() => {
          run(kernel, secret);
        }),
      );
      expect(new Set(paths).size).toBe(1);
      expect(events).toBeGreaterThan(50);
    },
    600_000,
  );

  test('the watch does see a branch, an address and a length that follow a value', () => {
    const { put } = createWorkbench(kernel);
    const paths = [1, 2, 3].map((digit) =>
      pathOf(() => {
        const scalar = new Uint8Array(40).fill(digit);
        kernel.curveMultiply(
          put(0, new Uint8Array(160)),
          put(1, new Uint8Array(160)),
          put(2, scalar),
        );
      }),
    );
    const lengths = [3, 4].map((length) =>
      pathOf(() => kernel.sha512(put(0, new Uint8Array(64)), put(1, new Uint8Array(8)), length)),
    );
    expect(new Set([...paths, ...lengths]).size).toBe(5);
  });
});

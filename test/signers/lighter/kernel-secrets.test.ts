/** What the shipped kernel lets others see of a key: nothing in its memory, nothing in its path. */
import { randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { equalBytes } from '../../../src/base/bytes.ts';
import {
  createWorkbench,
  type KernelExports,
  openKernel,
  openWatchedKernel,
} from '../../support/lighter-workbench.ts';

const randomKey = (): Uint8Array => {
  const key = new Uint8Array(randomBytes(40));
  key[39] = (key[39] ?? 0) & 0x3f;
  return key;
};

/** Every operation that sees a secret, on random arguments. */
const operations: Readonly<Record<string, (kernel: KernelExports) => void>> = {
  sign(kernel) {
    const { fill } = createWorkbench(kernel);
    fill(kernel.PRIVATE_KEY, randomKey());
    fill(kernel.MESSAGE, new Uint8Array(randomBytes(40)));
    fill(kernel.ENTROPY, new Uint8Array(randomBytes(64)));
    kernel.sign();
  },
  publicKey(kernel) {
    createWorkbench(kernel).fill(kernel.PRIVATE_KEY, randomKey());
    kernel.publicKey();
  },
  derivePrivateKey(kernel) {
    createWorkbench(kernel).fill(kernel.ENTROPY, new Uint8Array(randomBytes(64)));
    kernel.derivePrivateKey();
  },
  isPrivateKey(kernel) {
    createWorkbench(kernel).fill(kernel.PRIVATE_KEY, new Uint8Array(randomBytes(40)));
    kernel.isPrivateKey();
  },
};

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
      operations[name]?.(kernel);
      expect(equalBytes(remains(kernel), before)).toBe(true);
    },
  );

  test('derivePrivateKey leaves nothing but the key, and the check of the key removes it', () => {
    const kernel = openKernel();
    const before = remains(kernel);
    operations['derivePrivateKey']?.(kernel);
    expect(equalBytes(remains(kernel), before)).toBe(false);
    expect(kernel.isPrivateKey()).toBe(1);
    expect(equalBytes(remains(kernel), before)).toBe(true);
  });
});

describe('the path of execution', () => {
  const KEYS = 1000;
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
    '%s takes one path through branches and memory for 1,000 random secrets',
    (_, operation) => {
      const paths = new Set<string>();
      for (let count = 0; count < KEYS; count += 1) {
        paths.add(
          pathOf(() => {
            operation(kernel);
          }),
        );
      }
      expect(paths.size).toBe(1);
      expect(events).toBeGreaterThan(50);
    },
    60_000,
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

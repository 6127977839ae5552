import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createLighterKernel } from '../../../signers/lighter/index.ts';
import { limbsOf } from '../../../signers/lighter/limbs.ts';
import { check } from '../../support/lighter-cases.ts';
import { P } from '../../support/lighter-reference/goldilocks.ts';
import { hash, permute } from '../../support/lighter-reference/poseidon2.ts';
import { vectors } from '../../support/lighter-vectors.ts';

const kernel = createLighterKernel();
const h5 = (elements: readonly bigint[]): readonly bigint[] => limbsOf(kernel.hash(elements));

test('the reference reproduces the permutation of the official implementation', () => {
  const { input, output } = vectors.primitives.permutation;
  expect(permute(input.map(BigInt))).toEqual(output.map(BigInt));
});

test.each(vectors.primitives.poseidon2)('the hash of $input', ({ input, out5, out4 }) => {
  const elements = input.map(BigInt);
  expect(h5(elements)).toEqual(out5.map(BigInt));
  expect(h5(elements).slice(0, 4)).toEqual(out4.map(BigInt));
  expect(hash(elements, 5)).toEqual(out5.map(BigInt));
});

test('the hash of any elements is that of the reference', () => {
  const edges = [0n, 1n, P - 1n, P, P + 1n, 2n ** 64n - 1n, -1n, -(2n ** 63n)];
  const element = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.constantFrom(...edges),
  );
  check(
    fc.property(fc.array(element, { maxLength: 24 }), (elements) => {
      expect(h5(elements)).toEqual(hash(elements, 5));
    }),
  );
});

describe('the sponge', () => {
  test('a negative integer is hashed as its 64-bit two’s complement, mod p', () => {
    expect(h5([-1n])).toEqual(h5([2n ** 32n - 2n]));
    expect(h5([2n ** 64n - 1n])).toEqual(h5([2n ** 32n - 2n]));
  });

  test('a short last block leaves the rest of the state as it was, and nothing is padded', () => {
    const eight = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];
    expect(h5([...eight, 9n])).not.toEqual(h5([...eight, 9n, 0n]));
    expect(h5([1n])).toEqual(h5([1n, 0n, 0n]));
  });

  test('no elements hash to zero', () => {
    expect(h5([])).toEqual([0n, 0n, 0n, 0n, 0n]);
  });

  test('more than 64 elements throw and are not cut off', () => {
    expect(() => kernel.hash(new Array<bigint>(65).fill(1n))).toThrow(RangeError);
  });
});

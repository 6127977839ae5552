import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  commitmentSeed,
  createCommitmentSecrets,
  deriveSecret,
  FIRST_COMMITMENT_INDEX,
  generateFromSeed,
  isCommitmentIndex,
} from '../../../signers/lightning/per-commitment.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';

const file = new URL('../../vectors/bolt3/per-commitment-secrets.json', import.meta.url);
// SAFETY: the file is pinned in this repository.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const { generation } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly generation: readonly {
    readonly name: string;
    readonly seed: Hex;
    readonly index: string;
    readonly output: Hex;
  }[];
};

const indices = fc.bigInt({ min: 0n, max: FIRST_COMMITMENT_INDEX });
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('BOLT 3 appendix D, generation tests', () => {
  test.each(generation)('$name', ({ seed, index, output }) => {
    expect(toHex(generateFromSeed(fromHex(seed), BigInt(index)))).toBe(output);
  });
});

test('an index above 48 bits throws and does not wrap to the secret of index 0', () => {
  const seed = new Uint8Array(32);
  expect(() => generateFromSeed(seed, 2n ** 48n)).toThrow('48 bits');
  expect(() => generateFromSeed(seed, 2n ** 64n - 1n)).toThrow('48 bits');
  expect(() => generateFromSeed(seed, -1n)).toThrow('48 bits');
  expect(() => createCommitmentSecrets(seed).at(2n ** 48n)).toThrow('48 bits');
  expect([0n, FIRST_COMMITMENT_INDEX].map(isCommitmentIndex)).toEqual([true, true]);
  expect([-1n, 2n ** 48n].map(isCommitmentIndex)).toEqual([false, false]);
});

test('index 0 is the seed itself, as a copy', () => {
  const seed = new Uint8Array(32).fill(7);
  const secret = generateFromSeed(seed, 0n);
  expect(secret).toEqual(seed);
  secret.fill(0);
  expect(seed).toEqual(new Uint8Array(32).fill(7));
});

test('the secret of a prefix yields every secret below it', () => {
  fc.assert(
    fc.property(seeds, indices, fc.nat({ max: 48 }), (seed, index, bits) => {
      const prefix = (index >> BigInt(bits)) << BigInt(bits);
      expect(deriveSecret(generateFromSeed(seed, prefix), bits, index)).toEqual(
        generateFromSeed(seed, index),
      );
    }),
  );
});

test('a remembered node never changes an answer, in whatever order indices are asked', () => {
  fc.assert(
    fc.property(seeds, fc.array(indices, { minLength: 1, maxLength: 8 }), (key, asked) => {
      const secrets = createCommitmentSecrets(key);
      const seed = commitmentSeed(key);
      for (const index of asked.flatMap((base) => [base, base ^ 3n, base ^ 256n, base])) {
        expect(secrets.at(index)).toEqual(generateFromSeed(seed, index));
      }
    }),
  );
});

test('answers are copies: overwriting one does not harm the next', () => {
  const secrets = createCommitmentSecrets(new Uint8Array(32).fill(1));
  const expected = secrets.at(256n).slice();
  secrets.at(256n).fill(0);
  expect(secrets.at(256n)).toEqual(expected);
});

import { SecretKey } from '@chainsafe/blst';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { deriveKey, signingKeyPath } from '../../../signers/bls12381/index.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { isJsonObject } from '../../../src/base/json.ts';
import { Secret } from '../../../src/base/secret.ts';
import { readVectors, textIn } from '../../support/bls-vectors.ts';
import { hex } from '../../support/hex.ts';

/** The key in hex, or what is wrong. */
function derived(seed: Uint8Array, path: string): string {
  using secret = new Secret(seed.slice());
  const key = deriveKey(secret, path);
  return key.ok ? key.value.reveal(toHex) : key.error.message;
}

const seed = Uint8Array.from({ length: 32 }, (_byte, index) => index);

describe('EIP-2333', () => {
  const document = readVectors('eip2333/test-vectors.json');
  const cases = isJsonObject(document) ? document['kdf_tests'] : undefined;
  const vectors = Array.isArray(cases) ? cases.filter(isJsonObject) : [];

  test('has vectors', () => {
    expect(vectors).toHaveLength(4);
  });

  test.each(vectors.map((vector) => [textIn(vector, 'seed'), vector] as const))(
    'derives the master key and a child of %s',
    (text, vector) => {
      const bytes = fromHex(hex(text.slice(2).toLowerCase()));
      expect(BigInt(`0x${derived(bytes, 'm')}`)).toBe(BigInt(textIn(vector, 'master_SK')));
      const index = vector['child_index'];
      if (typeof index !== 'bigint') throw new Error('an index is no integer');
      const child = derived(bytes, `m/${String(index)}`);
      expect(BigInt(`0x${child}`)).toBe(BigInt(textIn(vector, 'child_SK')));
    },
  );

  test('derives the keys that blst derives', () => {
    const index = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 70 }),
        fc.array(index, { maxLength: 3 }),
        (bytes, indices) => {
          const expected = indices.reduce(
            (key, each) => key.deriveChildEip2333(each),
            SecretKey.deriveMasterEip2333(bytes),
          );
          expect(derived(bytes, ['m', ...indices].join('/'))).toBe(toHex(expected.toBytes()));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('EIP-2334', () => {
  test('tells the path of the key that signs duties', () => {
    expect(signingKeyPath(7)).toBe('m/12381/3600/7/0/0');
    expect(derived(seed, signingKeyPath(0))).toMatch(/^[0-9a-f]{64}$/);
    expect(derived(seed, signingKeyPath(0))).not.toBe(derived(seed, signingKeyPath(1)));
  });

  test.each([
    '',
    'M/0',
    'm/',
    '0/1',
    'm/01',
    'm/-1',
    'm/+1',
    "m/0'",
    'm/0h',
    'm/4294967296',
    'm/1.0',
    'm//0',
    'm/0/',
    'm/0 ',
    'm/12381/3600/0/0/0\n',
  ])('`%s` is no path', (path) => {
    expect(derived(seed, path)).toMatch(/derivation path must be/);
  });

  test('needs a seed of 32 bytes', () => {
    expect(derived(seed.subarray(1), 'm')).toMatch(/seed must have 32 bytes/);
  });

  test('leaves the seed as it was', () => {
    const secret = new Secret(seed.slice());
    deriveKey(secret, signingKeyPath(3));
    expect(secret.reveal((bytes) => bytes.slice())).toEqual(seed);
  });
});

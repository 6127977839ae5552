import { describe, expect, test } from '@jest/globals';
import { HDKey } from '@scure/bip32';
import fc from 'fast-check';

import { nobleCurve, parsePath } from '../../../signers/lightning/index.ts';
import { createKeyTree } from '../../../signers/lightning/key-tree.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';

const MAINNET = 0x0488b21e;
const zeros = (length: number): Uint8Array => new Uint8Array(length);

function treeOf(seed: Uint8Array | Hex, capacity?: number): ReturnType<typeof createKeyTree> {
  const bytes = typeof seed === 'string' ? fromHex(seed) : seed.slice();
  return createKeyTree(new Secret(bytes), nobleCurve, capacity);
}

test.each(lightsparkVectors.derived_keys)('derives $path of seed $seed', (vector) => {
  const parsed = parsePath(vector.path);
  const path = parsed.ok ? parsed.value.text : '';
  const tree = treeOf(vector.seed);
  expect(toHex(tree.privateKey(path))).toBe(vector.private_key);
  expect(toHex(tree.publicKey(path))).toBe(vector.public_key);
  const { publicKey } = HDKey.fromExtendedKey(vector.xpub_mainnet);
  expect(tree.publicKey(path)).toEqual(publicKey);
});

test('derives what an independent implementation derives, hardened or not', () => {
  const levels = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.constantFrom('', "'")),
    { maxLength: 5 },
  );
  const seeds = fc.uint8Array({ minLength: 16, maxLength: 64 });
  fc.assert(
    fc.property(seeds, levels, (seed, path) => {
      const text = ['m', ...path.map(([index, mark]) => `${String(index)}${mark}`)].join('/');
      const tree = treeOf(seed);
      const node = HDKey.fromMasterSeed(seed).derive(text);
      expect(tree.privateKey(text)).toEqual(node.privateKey);
      expect(tree.publicKey(text)).toEqual(node.publicKey);
    }),
    { numRuns: 30 },
  );
});

test('gives the same keys when its cache holds almost nothing', () => {
  const small = treeOf(zeros(32), 1);
  const large = treeOf(zeros(32));
  for (const path of ['m/3/7/0', 'm/3/7/1', "m/84'/0'/0'/1/5", 'm/3/7/0', 'm/3/8']) {
    expect(small.publicKey(path)).toEqual(large.publicKey(path));
  }
});

test.each(['', 'm/', '0/1', 'm/01', 'm/+1', 'm/4h', 'M/0', 'm/2147483648', 'm//0'])(
  'throws on `%s`: one key has one name',
  (path) => {
    expect(() => treeOf(zeros(32)).privateKey(path)).toThrow('not canonical');
  },
);

test.each([0, 15, 65, 128])('refuses a seed of %i bytes', (length) => {
  expect(() => treeOf(zeros(length))).toThrow(
    `seed must have 16 to 64 bytes, not ${String(length)}`,
  );
});

test.each([16, 32, 64])('takes a seed of %i bytes', (length) => {
  const { publicExtendedKey } = HDKey.fromMasterSeed(zeros(length));
  expect(treeOf(zeros(length)).masterExtendedPublicKey(MAINNET)).toBe(publicExtendedKey);
});

describe('secrets', () => {
  test('a key that leaves the cache is overwritten', () => {
    const tree = treeOf(zeros(32), 2);
    const lent = tree.privateKey('m/1/1');
    expect(lent).not.toEqual(zeros(32));
    tree.privateKey('m/3/7/4');
    expect(lent).toEqual(zeros(32));
  });

  test('disposing overwrites every key, the master key included', () => {
    const tree = treeOf(zeros(32));
    const lent = ['m', 'm/0', 'm/3/7/4'].map((path) => tree.privateKey(path));
    tree[Symbol.dispose]();
    for (const key of lent) expect(key).toEqual(zeros(32));
  });

  test('the seed may be disposed of once the tree stands', () => {
    const seed = new Secret(new Uint8Array(32).fill(9));
    const tree = createKeyTree(seed, nobleCurve);
    seed[Symbol.dispose]();
    expect(tree.publicKey('m/0')).toEqual(treeOf(new Uint8Array(32).fill(9)).publicKey('m/0'));
  });
});

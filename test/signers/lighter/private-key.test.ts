import { describe, expect, test } from '@jest/globals';

import {
  createLighterKernel,
  importPrivateKey,
  parsePrivateKey,
  privateKeyFromSeed,
} from '../../../signers/lighter/index.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { ORDER } from '../../support/lighter-reference/curve.ts';
import { toScalarBytes } from '../../support/lighter-reference/schnorr.ts';
import { vectors } from '../../support/lighter-vectors.ts';

const kernel = createLighterKernel();
const hexOf = (key: Secret): string => key.reveal(toHex);
const textOf = (scalar: bigint): string => toHex(toScalarBytes(scalar));

/** 0, which everybody has, and integers that are another key's when they are reduced. */
const noKeys = [0n, ORDER, ORDER + 1n, 2n * ORDER, 2n ** 319n, 2n ** 320n - 1n];

describe('a private key as text', () => {
  test.each(vectors.keys)('is read: $privateKey', ({ privateKey, publicKey }) => {
    for (const text of [privateKey, `0x${privateKey}`, `0x${privateKey.toUpperCase()}`]) {
      const key = parsePrivateKey(kernel, text);
      if (!key.ok) throw new Error(key.error.message);
      expect(hexOf(key.value)).toBe(privateKey);
      expect(toHex(kernel.publicKey(key.value))).toBe(publicKey);
    }
  });

  test.each([1n, ORDER - 1n])('is read at the bounds of the group: %s', (scalar) => {
    expect(parsePrivateKey(kernel, textOf(scalar)).ok).toBe(true);
  });

  test.each(noKeys)('is refused where it is not between 0 and n: %s', (scalar) => {
    const message = 'private key is zero or not below the group order; generate another';
    const refusal = { ok: false, error: { code: 'lighter.private-key', message } };
    expect(parsePrivateKey(kernel, textOf(scalar))).toEqual(refusal);
  });

  const [text] = vectors.keys.map(({ privateKey }) => privateKey);
  test.each([
    '',
    '0x',
    'no hex',
    `${text ?? ''}00`,
    (text ?? '').slice(2),
    `0x0x${text ?? ''}`,
    ` ${text ?? ''}`,
    `${(text ?? '').slice(1)}g`,
  ])('is refused where it is not 80 digits, and not repeated: `%s`', (given) => {
    const found = parsePrivateKey(kernel, given);
    expect(found).toMatchObject({ ok: false, error: { code: 'lighter.private-key' } });
    expect(JSON.stringify(found)).not.toContain((text ?? '').slice(4, 20));
  });
});

describe('a private key as bytes', () => {
  test('is the same secret when it is one', () => {
    const key = new Secret(toScalarBytes(5n));
    const imported = importPrivateKey(kernel, key);
    expect(imported.ok && imported.value).toBe(key);
  });

  test.each(noKeys)('is refused where it is not between 0 and n: %s', (scalar) => {
    expect(importPrivateKey(kernel, new Secret(toScalarBytes(scalar))).ok).toBe(false);
  });

  test.each([0, 32, 39, 41, 64])('is refused where it has %i bytes', (length) => {
    expect(importPrivateKey(kernel, new Secret(new Uint8Array(length).fill(1))).ok).toBe(false);
  });
});

describe('a private key from a seed', () => {
  test.each(vectors.seedKeys)('$seedHex', ({ seedHex, privateKey, publicKey }) => {
    const key = privateKeyFromSeed(kernel, new Secret(fromHex(seedHex)));
    if (!key.ok) throw new Error(key.error.message);
    expect(hexOf(key.value)).toBe(privateKey);
    expect(toHex(kernel.publicKey(key.value))).toBe(publicKey);
  });

  test('depends on every byte, those beyond 32 as well', () => {
    const seed = new Uint8Array(40).fill(7);
    const seeds = [seed, ...Array.from(seed, (_, index) => seed.with(index, 8))];
    const keys = seeds.map((bytes) => {
      const key = privateKeyFromSeed(kernel, new Secret(bytes));
      return key.ok ? hexOf(key.value) : '';
    });
    expect(new Set(keys).size).toBe(41);
  });

  test('is refused where the seed is shorter than 32 bytes', () => {
    const message = 'seed is shorter than 32 bytes; give 32 random bytes or more';
    const refusal = { ok: false, error: { code: 'lighter.seed', message } };
    expect(privateKeyFromSeed(kernel, new Secret(new Uint8Array(31).fill(7)))).toEqual(refusal);
  });

  test('leaves the seed as it was', () => {
    const seed = new Secret(new Uint8Array(32).fill(7));
    privateKeyFromSeed(kernel, seed);
    expect(hexOf(seed)).toBe('07'.repeat(32));
  });
});

describe('a private key from 64 random bytes', () => {
  test('is the integer mod n', () => {
    const wide = new Uint8Array(64);
    wide.set(toScalarBytes(ORDER + 9n));
    expect(hexOf(kernel.derivePrivateKey(new Secret(wide)))).toBe(textOf(9n));
  });

  test('throws where they are a multiple of n, as those of a dead generator are', () => {
    const multiple = new Uint8Array(64);
    multiple.set(toScalarBytes(ORDER));
    for (const bytes of [new Uint8Array(64), multiple]) {
      expect(() => kernel.derivePrivateKey(new Secret(bytes))).toThrow('draw others');
    }
  });
});

import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import {
  areValidTweaks,
  commitmentTweak,
  revocationTweaks,
} from '../../../signers/lightning/index.ts';
import { tweakPrivateKey } from '../../../signers/lightning/key-tweaks.ts';
import { fromHex, type Hex, isHex, toHex } from '../../../src/base/hex.ts';
import { describeOnEachCurve } from '../../support/curves.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';

type AppendixE =
  | 'base_secret'
  | 'per_commitment_secret'
  | 'base_point'
  | 'per_commitment_point'
  | 'tweak'
  | 'localpubkey'
  | 'localprivkey'
  | 'revocation_mul_tweak'
  | 'revocation_mul_product'
  | 'revocation_add_tweak'
  | 'revocation_mul_point'
  | 'revocation_add_point'
  | 'revocationpubkey'
  | 'revocationprivkey';

const file = new URL('../../vectors/bolt3/key-derivation.json', import.meta.url);
// SAFETY: the file is pinned in this repository.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const appendixE = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<AppendixE, Hex>>;

function hex(text: string): Uint8Array {
  if (!isHex(text)) throw new Error('not hex');
  return fromHex(text);
}

const baseSecret = fromHex(appendixE.base_secret);
const basePoint = fromHex(appendixE.base_point);
const secret = fromHex(appendixE.per_commitment_secret);
const point = fromHex(appendixE.per_commitment_point);
const zero = new Uint8Array(32);
const order = hex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
const minusOne = hex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140');
const one = hex('01'.padStart(64, '0'));

describeOnEachCurve('tweaks', (curve) => {
  describe('BOLT 3 appendix E', () => {
    test('the points are those of the secrets', () => {
      expect(curve.publicKey(baseSecret)).toEqual(basePoint);
      expect(curve.publicKey(secret)).toEqual(point);
    });

    test('derivation of the key pair of one commitment', () => {
      const add = commitmentTweak(point, basePoint);
      expect(toHex(add)).toBe(appendixE.tweak);
      const key = tweakPrivateKey(curve, baseSecret, { add });
      expect(toHex(key)).toBe(appendixE.localprivkey);
      expect(toHex(curve.publicKey(key))).toBe(appendixE.localpubkey);
    });

    test('derivation of the revocation key pair', () => {
      const { mul, add } = revocationTweaks(curve, basePoint, secret);
      expect(toHex(mul)).toBe(appendixE.revocation_mul_tweak);
      expect(toHex(add)).toBe(appendixE.revocation_add_tweak);
      expect(toHex(tweakPrivateKey(curve, baseSecret, { mul }))).toBe(
        appendixE.revocation_mul_product,
      );
      expect(toHex(curve.multiplyPoint(basePoint, mul))).toBe(appendixE.revocation_mul_point);
      expect(toHex(curve.publicKey(add))).toBe(appendixE.revocation_add_point);
      const key = tweakPrivateKey(curve, baseSecret, { mul, add });
      expect(toHex(key)).toBe(appendixE.revocationprivkey);
      expect(toHex(curve.publicKey(key))).toBe(appendixE.revocationpubkey);
    });
  });

  test.each(lightsparkVectors.tweak)('multiplies first, then adds', (vector) => {
    const mul = fromHex(vector.mul_tweak);
    const add = fromHex(vector.add_tweak);
    const key = tweakPrivateKey(curve, fromHex(vector.base_private_key), { mul, add });
    expect(toHex(key)).toBe(vector.result_private_key);
    expect(
      revocationTweaks(
        curve,
        fromHex(vector.revocation_basepoint),
        fromHex(vector.per_commitment_secret),
      ),
    ).toEqual({ mul, add });
  });

  test('adding 0 is allowed and changes nothing', () => {
    expect(tweakPrivateKey(curve, baseSecret, { add: zero })).toEqual(baseSecret);
  });

  test('no tweaks give a copy', () => {
    const copy = tweakPrivateKey(curve, baseSecret, {});
    expect(copy).toEqual(baseSecret);
    expect(copy).not.toBe(baseSecret);
  });

  test.each([
    ['an add tweak of other than 32 bytes', one, { add: one.subarray(1) }],
    ['an empty add tweak', one, { add: new Uint8Array() }],
    ['an add tweak of n', one, { add: order }],
    ['an add tweak that leaves 0', one, { add: minusOne }],
    ['a product and sum that leave 0', one, { mul: one, add: minusOne }],
    ['a mul tweak of 0', one, { mul: zero }],
    ['a mul tweak of n', one, { mul: order }],
    ['a mul tweak of other than 32 bytes', one, { mul: one.subarray(1) }],
  ])('refuses %s', (_, key, tweaks) => {
    expect(() => tweakPrivateKey(curve, key, tweaks)).toThrow();
  });
});

describe('tweaks from outside', () => {
  test.each([
    ['none', {}],
    ['an add tweak of 0', { add: zero }],
    ['the largest scalars', { add: minusOne, mul: minusOne }],
    ['a mul tweak of 1', { mul: one }],
  ])('are valid: %s', (_, tweaks) => {
    expect(areValidTweaks(tweaks)).toBe(true);
  });

  test.each([
    ['an add tweak of n', { add: order }],
    ['a mul tweak of 0', { mul: zero }],
    ['a mul tweak of n', { mul: order }],
    ['a short add tweak', { add: one.subarray(1) }],
    ['a long mul tweak', { mul: new Uint8Array(33).fill(1) }],
    ['an empty tweak', { add: new Uint8Array() }],
    ['one good, one bad', { add: one, mul: order }],
  ])('are invalid: %s', (_, tweaks) => {
    expect(areValidTweaks(tweaks)).toBe(false);
  });
});

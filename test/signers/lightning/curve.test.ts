import { randomBytes } from 'node:crypto';

import { expect, test } from '@jest/globals';

import type { Curve } from '../../../signers/lightning/index.ts';
import { multiplyScalars } from '../../../signers/lightning/scalar.ts';
import { concatBytes } from '../../../src/base/bytes.ts';
import { fromHex, isHex, toHex } from '../../../src/base/hex.ts';
import { describeOnEachCurve } from '../../support/curves.ts';

function hex(text: string): Uint8Array {
  if (!isHex(text)) throw new Error('not hex');
  return fromHex(text);
}

const order = hex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
const minusOne = hex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140');
const halfOrder = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0';
const zero = new Uint8Array(32);
const one = hex('01'.padStart(64, '0'));
const key = hex('74635f5fd91222bf36242de9595dc158defd5f38343a9d7a2903c464e44cb5d3');
const digest = hex('476bdd1db5d91897d00d75300eef50c0da7e0b2dada06dde93cbb5903b7e16b2');

describeOnEachCurve('operations', (curve) => {
  test('signs the digest itself and does not hash it once more', () => {
    expect(curve.sign(digest, key)).toEqual(
      hex(
        '0e4ba754a6c8413ba15cda950e256ac8c13f033c9e592649129b5c29b6125895' +
          '4694761ab296c53e2a92b75d9dd63d965cd0f6f5d3eced3079d15eb0f0b9dcfb',
      ),
    );
  });

  test('draws the nonce from a digest of n and above modulo n, as RFC 6979 does', () => {
    expect(curve.sign(order, key)).toEqual(curve.sign(zero, key));
    expect(curve.sign(new Uint8Array(32).fill(0xff), key)).toEqual(
      hex(
        '488695e87ea49a37ce27b80e09d7088ab343bd9f25a05ef005c19cbf6c2ab42d' +
          '1855665094ff67fe689fbf100dd2a5feba2e7a22ac030466dde7d0f0b3993869',
      ),
    );
  });

  test('has low S always, and high R as often as not: no grinding', () => {
    const signatures = Array.from({ length: 16 }, (_, index) =>
      curve.sign(new Uint8Array(32).fill(index), key),
    );
    const limit = hex(halfOrder);
    for (const signature of signatures) {
      expect(compare(signature.subarray(32), limit)).toBeLessThanOrEqual(0);
      expect(
        curve.verify(
          signature,
          new Uint8Array(32).fill(signatures.indexOf(signature)),
          curve.publicKey(key),
        ),
      ).toBe(true);
    }
    expect(signatures.some(([first = 0]) => first >= 0x80)).toBe(true);
  });

  test('recovers with the id of the low-S signature', () => {
    const { signature, recoveryId } = curve.signRecoverable(digest, key);
    expect(signature).toEqual(curve.sign(digest, key));
    expect(signature).toHaveLength(64);
    expect([0, 1]).toContain(recoveryId);
  });

  test.each([
    ['a digest that is too short', (curve: Curve) => curve.sign(digest.subarray(1), key)],
    ['a digest that is too long', (curve: Curve) => curve.sign(concatBytes(digest, one), key)],
    [
      'a short digest, recoverably',
      (curve: Curve) => curve.signRecoverable(digest.subarray(1), key),
    ],
    ['the key 0', (curve: Curve) => curve.sign(digest, zero)],
    ['the key n', (curve: Curve) => curve.sign(digest, order)],
    ['a public key of 0', (curve: Curve) => curve.publicKey(zero)],
    ['adding n', (curve: Curve) => curve.addToPrivateKey(key, order)],
    ['adding to the key 0', (curve: Curve) => curve.addToPrivateKey(zero, one)],
    ['a sum of 0', (curve: Curve) => curve.addToPrivateKey(minusOne, one)],
    ['multiplying by 0', (curve: Curve) => curve.multiplyPoint(curve.publicKey(key), zero)],
    ['multiplying by n', (curve: Curve) => curve.multiplyPoint(curve.publicKey(key), order)],
    [
      'a bare x coordinate',
      (curve: Curve) => curve.multiplyPoint(curve.publicKey(key).subarray(1), key),
    ],
    [
      'a point off the curve',
      (curve: Curve) => curve.multiplyPoint(concatBytes(Uint8Array.of(2), zero), key),
    ],
  ])('refuses %s', (_, run) => {
    expect(() => run(curve)).toThrow();
  });

  const sevens = new Uint8Array(32).fill(7);
  const buffer = randomBytes(32).fill(7);
  test.each([
    ['a view of a larger array', new Uint8Array(80).fill(7, 5, 37).subarray(5, 37)],
    ["Node's own kind of array", buffer],
  ])('takes %s for what it shows, and leaves it as it was', (_, bytes) => {
    const around = new Uint8Array(bytes.buffer.slice(0));
    const sum = curve.addToPrivateKey(bytes, bytes);
    expect(toHex(sum)).toBe('0e'.repeat(32));
    expect(curve.sign(bytes, bytes)).toEqual(curve.sign(sevens, sevens));
    expect(curve.publicKey(bytes)).toEqual(curve.publicKey(sevens));
    const point = curve.publicKey(sevens);
    expect(curve.multiplyPoint(point, bytes)).toEqual(curve.multiplyPoint(point, sevens));
    expect(new Uint8Array(bytes.buffer)).toEqual(around);
  });

  test('takes adding 0 as adding nothing', () => {
    expect(curve.addToPrivateKey(key, zero)).toEqual(key);
  });

  test('agrees on a shared point from both sides', () => {
    expect(curve.multiplyPoint(curve.publicKey(key), digest)).toEqual(
      curve.multiplyPoint(curve.publicKey(digest), key),
    );
  });

  test('knows a compressed point from anything else', () => {
    const point = curve.publicKey(key);
    expect(curve.isPoint(point)).toBe(true);
    expect(curve.isPoint(concatBytes(Uint8Array.of(2), zero))).toBe(false);
    expect(curve.isPoint(concatBytes(Uint8Array.of(4), point.subarray(1)))).toBe(false);
    expect(curve.isPoint(point.subarray(1))).toBe(false);
    expect(curve.isPoint(new Uint8Array())).toBe(false);
  });

  test('verifies a low-S signature of this digest and this key only', () => {
    const point = curve.publicKey(key);
    const signature = curve.sign(digest, key);
    const highS = concatBytes(
      signature.subarray(0, 32),
      multiplyScalars(signature.subarray(32), minusOne),
    );
    expect(curve.verify(signature, digest, point)).toBe(true);
    expect(curve.verify(signature, one, point)).toBe(false);
    expect(curve.verify(signature, digest, curve.publicKey(one))).toBe(false);
    expect(curve.verify(highS, digest, point)).toBe(false);
    expect(curve.verify(new Uint8Array(64), digest, point)).toBe(false);
    expect(curve.verify(signature.subarray(1), digest, point)).toBe(false);
    expect(curve.verify(new Uint8Array(64).fill(0xff), digest, point)).toBe(false);
  });
});

function compare(left: Uint8Array, right: Uint8Array): number {
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

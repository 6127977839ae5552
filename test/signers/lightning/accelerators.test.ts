/** Every operation answers, or refuses, as the reference does: on random inputs, and around every border. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type Curve, nobleCurve } from '../../../signers/lightning/index.ts';
import { multiplyScalars } from '../../../signers/lightning/scalar.ts';
import { concatBytes } from '../../../src/base/bytes.ts';
import { describeOnEachAccelerator } from '../../support/curves.ts';

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const prime = 2n ** 256n - 2n ** 32n - 977n;
const minusOne = bytesOf(order - 1n);

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const near = (border: bigint) =>
  fc
    .bigInt({ min: border - 3n, max: border + 3n })
    .filter((value) => value >= 0n && value < 2n ** 256n)
    .map(bytesOf);
const scalars = fc.oneof(
  { weight: 8, arbitrary: bytes(32) },
  ...[0n, order / 2n, order, prime, 2n ** 256n].map(near),
  fc.uint8Array({ maxLength: 40 }),
);
const points = fc.oneof(
  bytes(32)
    .filter((key) => (key[0] ?? 0) > 0 && (key[0] ?? 0) < 0xff)
    .map(nobleCurve.publicKey),
  fc
    .tuple(fc.integer({ min: 0, max: 7 }), scalars)
    .map(([first, x]) => concatBytes(Uint8Array.of(first), x)),
  bytes(65),
);

describeOnEachAccelerator('agreement with the reference', (curve) => {
  function check<Given extends [Uint8Array, ...Uint8Array[]]>(
    given: readonly [...{ [Index in keyof Given]: fc.Arbitrary<Given[Index]> }],
    operation: (curve: Curve, ...given: Given) => unknown,
  ): void {
    fc.assert(
      fc.property(...given, (...values) => {
        const copies = structuredClone(values);
        expect(answer(() => operation(curve, ...values))).toEqual(
          answer(() => operation(nobleCurve, ...values)),
        );
        expect(values).toEqual(copies);
      }),
      { numRuns: 150 },
    );
  }

  test('in signatures', () => {
    check([scalars, scalars], (on, digest, key) => on.sign(digest, key));
  });

  test('in recoverable signatures', () => {
    check([scalars, scalars], (on, digest, key) => on.signRecoverable(digest, key));
  });

  test('in public keys', () => {
    check([scalars], (on, key) => on.publicKey(key));
  });

  test('in products', () => {
    check([points, scalars], (on, point, scalar) => on.multiplyPoint(point, scalar));
  });

  test('in sums', () => {
    check([scalars, scalars], (on, key, scalar) => on.addToPrivateKey(key, scalar));
  });

  test('in sums that cancel or nearly do', () => {
    const keys = bytes(32).filter((key) => (key[0] ?? 0) > 0 && (key[0] ?? 0) < 0xff);
    check([keys, near(order)], (on, key, factor) =>
      on.addToPrivateKey(key, multiplyScalars(key, factor)),
    );
  });

  test('in what is a point', () => {
    check([points], (on, point) => on.isPoint(point));
  });

  test('in what is a signature, of either S, of another digest, by another key', () => {
    check([scalars, scalars, scalars], (on, digest, key, other) => {
      const signature = nobleCurve.sign(digest, key);
      const highS = concatBytes(
        signature.subarray(0, 32),
        multiplyScalars(signature.subarray(32), minusOne),
      );
      const publicKey = nobleCurve.publicKey(key);
      return [
        on.verify(signature, digest, publicKey),
        on.verify(highS, digest, publicKey),
        on.verify(signature, other, publicKey),
        on.verify(signature, digest, nobleCurve.publicKey(minusOne)),
        on.verify(concatBytes(signature.subarray(0, 32), other), digest, publicKey),
        on.verify(concatBytes(other, signature.subarray(32)), digest, publicKey),
      ];
    });
  });
});

/** What comes out, or that nothing does: the sentences of refusals are the libraries' own. */
function answer(ask: () => unknown): unknown {
  try {
    return ask();
  } catch {
    return 'refused';
  }
}

function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) =>
    Number((value >> BigInt(8 * (31 - index))) & 0xffn),
  );
}

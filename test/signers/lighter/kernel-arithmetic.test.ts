/** Every part of the shipped kernel against arithmetic on integers. */
import { createHash } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { toHex } from '../../../src/base/hex.ts';
import { check, SLOW_CASES } from '../../support/lighter-cases.ts';
import * as curve from '../../support/lighter-reference/curve.ts';
import { mod, P } from '../../support/lighter-reference/goldilocks.ts';
import * as extension from '../../support/lighter-reference/quintic-extension.ts';
import * as schnorr from '../../support/lighter-reference/schnorr.ts';
import { createWorkbench, openKernel } from '../../support/lighter-workbench.ts';

const kernel = openKernel();
const { compute, put, take } = createWorkbench(kernel);

/** Where carries, borrows and reductions turn. */
const edges = [
  ...[0n, 1n, 2n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n, 2n ** 64n - 2n ** 31n],
  ...[P - 1n, P, P + 1n, 2n ** 64n - 2n ** 32n, 2n ** 64n - 2n, 2n ** 64n - 1n],
];
/** Any 64 bits: limbs need not be below p inside the kernel. */
const limb = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(...edges));
const element = fc.array(limb, { minLength: 5, maxLength: 5 });

const { ORDER } = curve;
const scalarEdges = [1n, 2n, 15n, 16n, 17n, 31n, 32n, 2n ** 160n - 1n, 2n ** 318n, ORDER - 2n];
const scalar = fc.oneof(
  fc.bigInt({ min: 0n, max: ORDER - 1n }),
  fc.constantFrom(0n, ...scalarEdges, ORDER - 1n),
);

const canonical = (limbs: extension.Element): extension.Element => limbs.map(mod);
const bytesOf = extension.toBytes;
const elementOf = (bytes: Uint8Array): extension.Element => canonical(extension.limbsOf(bytes));

describe('GF(p^5)', () => {
  const operations = [
    { name: 'extensionAdd', reference: extension.add },
    { name: 'extensionSubtract', reference: extension.subtract },
    { name: 'extensionMultiply', reference: extension.multiply },
  ] as const;

  test.each(operations)('$name is that of polynomials', ({ name, reference }) => {
    check(
      fc.property(element, element, (a, b) => {
        const result = compute(kernel[name], 40, bytesOf(a), bytesOf(b));
        expect(elementOf(result)).toEqual(reference(canonical(a), canonical(b)));
      }),
    );
  });

  test.each(operations)('$name may overwrite an operand', ({ name, reference }) => {
    check(
      fc.property(element, (a) => {
        const place = put(0, bytesOf(a));
        kernel[name](place, place, place);
        expect(elementOf(take(0, 40))).toEqual(reference(canonical(a), canonical(a)));
      }),
    );
  });

  test('an inverse times its element is one, and the inverse of zero is zero', () => {
    check(
      fc.property(element, (a) => {
        const inverse = elementOf(compute(kernel.extensionInvert, 40, bytesOf(a)));
        expect(inverse).toEqual(extension.inverse(canonical(a)));
        const isZero = extension.equal(canonical(a), extension.zero);
        const product = extension.multiply(inverse, canonical(a));
        expect(product).toEqual(isZero ? extension.zero : extension.one);
      }),
    );
    expect(elementOf(compute(kernel.extensionInvert, 40, bytesOf([P, 0n, 0n, P, 0n])))).toEqual(
      extension.zero,
    );
  });

  test('squares have roots, others are told apart', () => {
    check(
      fc.property(element, (a) => {
        const square = extension.multiply(canonical(a), canonical(a));
        expect(kernel.extensionIsSquare(put(1, bytesOf(square)))).toBe(1);
        const root = elementOf(compute(kernel.extensionSquareRoot, 40, bytesOf(square)));
        expect(extension.multiply(root, root)).toEqual(square);
        const other = kernel.extensionIsSquare(put(1, bytesOf(a)));
        expect(other).toBe(extension.isSquare(canonical(a)) ? 1 : 0);
      }),
      SLOW_CASES,
    );
  });

  test('the canonical form is the residue below p', () => {
    check(
      fc.property(element, (a) => {
        const place = put(0, bytesOf(a));
        kernel.extensionMakeCanonical(place);
        expect(extension.limbsOf(take(0, 40))).toEqual(canonical(a));
      }),
    );
  });
});

describe('integers mod n', () => {
  const bytes40 = fc.uint8Array({ minLength: 40, maxLength: 40 });
  const bytes64 = fc.uint8Array({ minLength: 64, maxLength: 64 });
  const integerOf = schnorr.toInteger;
  const scalarBytes = schnorr.toScalarBytes;

  test('products and differences', () => {
    check(
      fc.property(scalar, scalar, (a, b) => {
        const [left, right] = [scalarBytes(a), scalarBytes(b)];
        const product = integerOf(compute(kernel.scalarMultiply, 40, left, right));
        expect(product).toBe((a * b) % ORDER);
        const difference = integerOf(compute(kernel.scalarSubtract, 40, left, right));
        expect(difference).toBe((a - b + ORDER) % ORDER);
      }),
    );
  });

  test('320 bits and 512 bits are reduced, the largest as well', () => {
    check(
      fc.property(bytes40, bytes64, (narrow, wide) => {
        const reduced = integerOf(compute(kernel.scalarReduce, 40, narrow));
        expect(reduced).toBe(integerOf(narrow) % ORDER);
        const widely = integerOf(compute(kernel.scalarReduceWide, 40, wide));
        expect(widely).toBe(integerOf(wide) % ORDER);
      }),
    );
    for (const value of [0n, ORDER - 1n, ORDER, ORDER + 1n, 2n * ORDER, 2n ** 320n - 1n]) {
      const reduced = compute(kernel.scalarReduce, 40, scalarBytes(value));
      expect(integerOf(reduced)).toBe(value % ORDER);
    }
    const ones = new Uint8Array(64).fill(0xff);
    expect(integerOf(compute(kernel.scalarReduceWide, 40, ones))).toBe((2n ** 512n - 1n) % ORDER);
  });

  test.each([0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 320n - 1n])(
    '%s is a private key if it is between 0 and n',
    (value) => {
      const memory = createWorkbench(kernel);
      memory.fill(kernel.PRIVATE_KEY, scalarBytes(value));
      expect(kernel.isPrivateKey()).toBe(value > 0n && value < ORDER ? 1 : 0);
    },
  );
});

describe('ecGFp5', () => {
  const encodingOf = (point: Uint8Array): extension.Element =>
    elementOf(compute(kernel.curveEncode, 40, point));
  const multipleOf = (k: bigint): Uint8Array =>
    compute(kernel.curveMultiplyGenerator, 160, schnorr.toScalarBytes(k));

  test('the generator is the element that 4 encodes', () => {
    expect(encodingOf(multipleOf(1n))).toEqual(extension.element([4n]));
  });

  test('multiples of the generator, the neutral one and the last included', () => {
    check(
      fc.property(scalar, (k) => {
        expect(encodingOf(multipleOf(k))).toEqual(curve.encode(curve.multiplyGenerator(k)));
      }),
      SLOW_CASES,
    );
    for (const k of [0n, ...scalarEdges, ORDER - 1n]) {
      expect(encodingOf(multipleOf(k))).toEqual(curve.encode(curve.multiplyGenerator(k)));
    }
  });

  test('sums and doubles, of equal, opposite and neutral elements as well', () => {
    const sum = (a: bigint, b: bigint): extension.Element =>
      encodingOf(compute(kernel.curveAdd, 160, multipleOf(a), multipleOf(b)));
    const expected = (k: bigint): extension.Element =>
      curve.encode(curve.multiplyGenerator(k % ORDER));
    check(
      fc.property(scalar, scalar, (a, b) => {
        expect(sum(a, b)).toEqual(expected(a + b));
        const doubled = encodingOf(compute(kernel.curveDouble, 160, multipleOf(a)));
        expect(doubled).toEqual(expected(2n * a));
      }),
      SLOW_CASES,
    );
    const one = 5n;
    expect(sum(one, one)).toEqual(expected(10n));
    expect(sum(one, ORDER - one)).toEqual(extension.zero);
    expect(sum(one, 0n)).toEqual(expected(one));
    expect(sum(0n, 0n)).toEqual(extension.zero);
  });

  test('multiples of any element', () => {
    check(
      fc.property(scalar, scalar, (a, b) => {
        const product = compute(kernel.curveMultiply, 160, multipleOf(a), schnorr.toScalarBytes(b));
        expect(encodingOf(product)).toEqual(curve.encode(curve.multiplyGenerator((a * b) % ORDER)));
      }),
      SLOW_CASES,
    );
  });

  test('texts that encode an element are decoded, all others refused', () => {
    check(
      fc.property(element, (w) => {
        const decoded = curve.decode(canonical(w));
        const isEncoding = decoded !== undefined && w.every((limb) => limb < P);
        const [target, source] = [put(0, new Uint8Array(160)), put(1, bytesOf(w))];
        expect(kernel.curveDecode(target, source)).toBe(isEncoding ? 1 : 0);
        if (isEncoding) expect(encodingOf(take(0, 160))).toEqual(w);
      }),
      SLOW_CASES,
    );
  });
});

test('SHA-512 is that of Node, at every length around its blocks', () => {
  const lengths = [0, 1, 111, 112, 113, 127, 128, 129, 160, 239, 240, 255, 256, 300];
  for (const length of lengths) {
    const message = Uint8Array.from({ length }, (_, index) => index * 7 + length);
    const target = put(0, new Uint8Array(64));
    kernel.sha512(target, put(1, message), length);
    expect(toHex(take(0, 64))).toBe(createHash('sha512').update(message).digest('hex'));
  }
});

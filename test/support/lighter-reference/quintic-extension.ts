/** GF(p^5) = GF(p)[z] / (z^5 − 3): polynomials, multiplied and reduced as on paper. */
import { inverse as baseInverse, mod, P, power as basePower } from './goldilocks.ts';

export type Element = readonly bigint[];

const DEGREE = 5;
const W = 3n;
/** Order of the multiplicative group. */
const GROUP_ORDER = P ** 5n - 1n;

export const zero = element([0n]);
export const one = element([1n]);

/** The element of the given lowest coefficients. */
export function element(coefficients: readonly bigint[]): Element {
  return Array.from({ length: DEGREE }, (_, index) => mod(coefficients[index] ?? 0n));
}

export function equal(a: Element, b: Element): boolean {
  return a.every((limb, index) => limb === b[index]);
}

export function add(a: Element, b: Element): Element {
  return a.map((limb, index) => mod(limb + at(b, index)));
}

export function negate(a: Element): Element {
  return a.map((limb) => mod(-limb));
}

export function subtract(a: Element, b: Element): Element {
  return add(a, negate(b));
}

export function scale(a: Element, factor: bigint): Element {
  return a.map((limb) => mod(limb * factor));
}

export function multiply(a: Element, b: Element): Element {
  const product = new Array<bigint>(DEGREE).fill(0n);
  for (const [i, left] of a.entries()) {
    for (const [j, right] of b.entries()) {
      const weight = i + j < DEGREE ? 1n : W;
      const index = (i + j) % DEGREE;
      product[index] = at(product, index) + weight * left * right;
    }
  }
  return product.map(mod);
}

function power(base: Element, exponent: bigint): Element {
  let result = one;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
}

/** z^(p − 1). */
const FIFTH_ROOT_OF_UNITY = basePower(W, (P - 1n) / 5n);

/** x^(p^times). */
function frobenius(x: Element, times: number): Element {
  return x.map((limb, index) =>
    mod(limb * basePower(FIFTH_ROOT_OF_UNITY, BigInt((index * times) % DEGREE))),
  );
}

/** The other conjugates over the norm; 0 for 0. */
export function inverse(x: Element): Element {
  const others = [1, 2, 3, 4].map((times) => frobenius(x, times)).reduce(multiply);
  return scale(others, baseInverse(at(multiply(x, others), 0)));
}

/** Euler's criterion, with 0 among the squares. */
export function isSquare(x: Element): boolean {
  return equal(x, zero) || equal(power(x, GROUP_ORDER / 2n), one);
}

/** p^5 − 1 = 2^32 · odd, and 2^32 divides p − 1 already: the root of unity is one of GF(p). */
const TWO_ADICITY = 32n;
const ROOT_OF_UNITY = element([7277203076849721926n]);

/** A square root by Tonelli and Shanks; `undefined` of a non-square. */
export function squareRoot(x: Element): Element | undefined {
  if (equal(x, zero)) return zero;
  if (!isSquare(x)) return undefined;
  const odd = GROUP_ORDER >> TWO_ADICITY;
  let root = power(x, (odd + 1n) / 2n);
  let error = power(x, odd);
  let generator = ROOT_OF_UNITY;
  let order = TWO_ADICITY;
  while (!equal(error, one)) {
    let errorOrder = 0n;
    for (let p = error; !equal(p, one); p = multiply(p, p)) errorOrder += 1n;
    const correction = power(generator, 2n ** (order - errorOrder - 1n));
    generator = multiply(correction, correction);
    root = multiply(root, correction);
    error = multiply(error, generator);
    order = errorOrder;
  }
  return root;
}

/** 40 bytes, five limbs of 64 bits, little endian. */
export function toBytes(x: Element): Uint8Array {
  const bytes = new Uint8Array(8 * DEGREE);
  const view = new DataView(bytes.buffer);
  for (const [index, limb] of x.entries()) view.setBigUint64(8 * index, limb, true);
  return bytes;
}

/** Limbs as they are; not all need be below p. */
export function limbsOf(bytes: Uint8Array): Element {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: DEGREE }, (_, index) => view.getBigUint64(8 * index, true));
}

function at(x: readonly bigint[], index: number): bigint {
  const limb = x[index];
  if (limb === undefined) throw new Error('element has five limbs');
  return limb;
}

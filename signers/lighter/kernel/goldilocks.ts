/**
 * The Goldilocks field: integers modulo p = 2^64 − 2^32 + 1.
 *
 *   2^64 ≡ 2^32 − 1        2^96 ≡ −1        (mod p)
 *
 * An element is any u64 and stands for its residue; `canonical` yields the residue below p. What
 * overflows 64 bits is put back by arithmetic on the carry. Nothing here but `squareRoot` branches
 * on a value, and nothing uses one as an address.
 */

export const P: u64 = 0xffffffff00000001;

/** 2^64 mod p. */
const EPSILON: u64 = 0xffffffff;
const LOW_HALF: u64 = 0xffffffff;

/** low + middle · 2^64 + top · 2^96, for middle < 2^32 and top < 2^63. */
@inline
function reduce(low: u64, middle: u64, top: u64): u64 {
  const difference = low - top - u64(low < top) * EPSILON;
  const sum = difference + middle * EPSILON;
  return sum + u64(sum < difference) * EPSILON;
}

/**
 * first + second · 2^32 + third · 2^64 + fourth · 2^96, each below 2^62: columns of 32 bits that
 * were summed without looking at carries.
 */
@inline
export function fromColumns(first: u64, second: u64, third: u64, fourth: u64): u64 {
  second += first >>> 32;
  third += second >>> 32;
  fourth += third >>> 32;
  return reduce((second << 32) | (first & LOW_HALF), third & LOW_HALF, fourth);
}

/** low + high · 2^32, each below 2^62. */
@inline
export function fromHalves(low: u64, high: u64): u64 {
  return fromColumns(low, high, 0, 0);
}

/** The bits of an element below 2^32. */
@inline
export function lowHalf(x: u64): u64 {
  return x & LOW_HALF;
}

/** The bits of an element from 2^32 on. */
@inline
export function highHalf(x: u64): u64 {
  return x >>> 32;
}

@inline
export function add(a: u64, b: u64): u64 {
  const sum = a + b;
  const carried = sum + u64(sum < a) * EPSILON;
  return carried + u64(carried < sum) * EPSILON;
}

@inline
export function subtract(a: u64, b: u64): u64 {
  const difference = a - b;
  const borrowed = difference - u64(a < b) * EPSILON;
  return borrowed - u64(borrowed > difference) * EPSILON;
}

/** a · b + c: the 128-bit product of the integers cannot overflow by adding one more word. */
@inline
export function multiplyAdd(a: u64, b: u64, c: u64): u64 {
  const lowLow = lowHalf(a) * lowHalf(b);
  const lowHigh = lowHalf(a) * highHalf(b);
  const highLow = highHalf(a) * lowHalf(b);
  const middle = highHalf(lowLow) + lowHalf(lowHigh) + lowHalf(highLow);
  const low = a * b + c;
  const high =
    highHalf(a) * highHalf(b) +
    highHalf(lowHigh) +
    highHalf(highLow) +
    highHalf(middle) +
    u64(low < c);
  return reduce(low, lowHalf(high), highHalf(high));
}

@inline
export function multiply(a: u64, b: u64): u64 {
  return multiplyAdd(a, b, 0);
}

/** x · factor, for factor < 2^31. */
@inline
export function multiplySmall(x: u64, factor: u64): u64 {
  return fromHalves(lowHalf(x) * factor, highHalf(x) * factor);
}

@inline
export function canonical(x: u64): u64 {
  return x - u64(x >= P) * P;
}

/** x^(2^count), for a public count. */
function squareTimes(x: u64, count: i32): u64 {
  for (let i = 0; i < count; i++) x = multiply(x, x);
  return x;
}

/** x^(2^31 − 1), by doubling the run of ones: 2, 3, 6, 12, 24, 30, 31. */
function power31Ones(x: u64): u64 {
  const x2 = multiply(squareTimes(x, 1), x);
  const x3 = multiply(squareTimes(x2, 1), x);
  const x6 = multiply(squareTimes(x3, 3), x3);
  const x12 = multiply(squareTimes(x6, 6), x6);
  const x24 = multiply(squareTimes(x12, 12), x12);
  const x30 = multiply(squareTimes(x24, 6), x6);
  return multiply(squareTimes(x30, 1), x);
}

/** x^−1 = x^(p − 2), p − 2 being 31 ones, a zero and 32 ones in binary; 0 for 0. */
export function invert(x: u64): u64 {
  const x31 = power31Ones(x);
  const x63 = multiply(squareTimes(x31, 32), x31);
  return multiply(squareTimes(x63, 1), x);
}

/** x^((p − 1) / 2): 1 for a square, p − 1 for a non-square, 0 for 0; (p − 1) / 2 = 2^63 − 2^31. */
export function legendre(x: u64): u64 {
  const x31 = power31Ones(x);
  return canonical(squareTimes(multiply(squareTimes(x31, 1), x), 31));
}

/** A root of unity of order 2^32, the largest power of two that divides p − 1. */
const ROOT_OF_UNITY: u64 = 7277203076849721926;
const TWO_ADICITY: i32 = 32;

/**
 * A square root of a square, by Tonelli and Shanks; for public values, since its branches follow
 * the value.
 *
 *   p − 1 = 2^32 · t, t = 2^32 − 1;  root = x^((t + 1) / 2), error = x^t, root² = x · error.
 * While the error is not 1, a power of the root of unity is multiplied in that lowers its order.
 */
export function squareRoot(x: u64): u64 {
  if (canonical(x) == 0) return 0;
  const half = power31Ones(x);
  let root = multiply(half, x);
  let error = canonical(multiply(root, half));
  let generator = ROOT_OF_UNITY;
  let order = TWO_ADICITY;
  while (error != 1) {
    let errorOrder = 0;
    for (let power = error; power != 1; power = canonical(multiply(power, power))) errorOrder++;
    const correction = squareTimes(generator, order - errorOrder - 1);
    generator = multiply(correction, correction);
    order = errorOrder;
    root = multiply(root, correction);
    error = canonical(multiply(error, generator));
  }
  return root;
}

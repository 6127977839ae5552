/**
 * The extension field GF(p^5) = GF(p)[z] / (z^5 − 3) of the Goldilocks field.
 *
 * An element is five limbs of eight bytes, little endian, lowest power of z first. Functions write
 * to `target`, which may be one of the operands.
 */
import * as field from './goldilocks';

export const SIZE: i32 = 40;
const LIMB: i32 = 8;

/** 2^−1 mod p. */
const HALF: u64 = 0x7fffffff80000001;

/** z^5. */
const W: u64 = 3;

const SCRATCH_SIZE: i32 = 7 * SIZE;
const scratch: usize = memory.data(SCRATCH_SIZE, 16);
const product: usize = scratch;
const frobenius1: usize = scratch + SIZE;
const frobenius2: usize = scratch + 2 * SIZE;
const conjugates: usize = scratch + 3 * SIZE;
const norm: usize = scratch + 4 * SIZE;
const d: usize = scratch + 5 * SIZE;
const e: usize = scratch + 6 * SIZE;

export function wipe(): void {
  memory.fill(scratch, 0, SCRATCH_SIZE);
}

@inline
export function copy(target: usize, x: usize): void {
  for (let i = 0; i < SIZE; i += LIMB) store<u64>(target + i, load<u64>(x + i));
}

@inline
export function setSmall(target: usize, value: u64): void {
  memory.fill(target, 0, SIZE);
  store<u64>(target, value);
}

@inline
export function add(target: usize, a: usize, b: usize): void {
  for (let i = 0; i < SIZE; i += LIMB) {
    store<u64>(target + i, field.add(load<u64>(a + i), load<u64>(b + i)));
  }
}

@inline
export function subtract(target: usize, a: usize, b: usize): void {
  for (let i = 0; i < SIZE; i += LIMB) {
    store<u64>(target + i, field.subtract(load<u64>(a + i), load<u64>(b + i)));
  }
}

@inline
export function double(target: usize, x: usize): void {
  add(target, x, x);
}

/** x · factor, for factor < 2^31. */
export function multiplySmall(target: usize, x: usize, factor: u64): void {
  for (let i = 0; i < SIZE; i += LIMB) {
    store<u64>(target + i, field.multiplySmall(load<u64>(x + i), factor));
  }
}

/** x · factor · z, for 3 · factor < 2^31: limbs move up by one, the highest wraps with weight 3. */
export function multiplySmallZ(target: usize, x: usize, factor: u64): void {
  const wrapped = field.multiplySmall(load<u64>(x, 4 * LIMB), W * factor);
  for (let i = 4 * LIMB; i > 0; i -= LIMB) {
    store<u64>(target + i, field.multiplySmall(load<u64>(x + i - LIMB), factor));
  }
  store<u64>(target, wrapped);
}

/** x · factor, for any element of GF(p). */
function multiplyBase(target: usize, x: usize, factor: u64): void {
  for (let i = 0; i < SIZE; i += LIMB) {
    store<u64>(target + i, field.multiply(load<u64>(x + i), factor));
  }
}

/**
 * Coefficient k of a product is Σ a_(k−j) b_j for j ≤ k, plus 3 Σ a_(k+5−j) b_j for j > k. Halves of
 * limbs are multiplied in pairs of lanes, the halves of their products are summed in columns of 32
 * bits, and each coefficient is reduced once.
 */
export function multiply(target: usize, a: usize, b: usize): void {
  for (let k = 0; k < SIZE; k += LIMB) {
    let columns01 = i64x2.splat(0);
    let columns12 = i64x2.splat(0);
    let columns23 = i64x2.splat(0);
    let aLimb = a + k + LIMB;
    for (let j = SIZE - LIMB; j >= 0; j -= LIMB) {
      if (j == k) {
        columns01 = timesW(columns01);
        columns12 = timesW(columns12);
        columns23 = timesW(columns23);
        aLimb = a;
      }
      const halves = v128.load64_zero(aLimb);
      const byLow = i64x2.extmul_low_i32x4_u(halves, v128.load32_splat(b + j, 0));
      const byHigh = i64x2.extmul_low_i32x4_u(halves, v128.load32_splat(b + j, 4));
      columns01 = i64x2.add(columns01, lowHalves(byLow));
      columns12 = i64x2.add(columns12, i64x2.add(highHalves(byLow), lowHalves(byHigh)));
      columns23 = i64x2.add(columns23, highHalves(byHigh));
      aLimb += LIMB;
    }
    const coefficient = field.fromColumns(
      i64x2.extract_lane(columns01, 0),
      i64x2.extract_lane(columns01, 1) + i64x2.extract_lane(columns12, 0),
      i64x2.extract_lane(columns12, 1) + i64x2.extract_lane(columns23, 0),
      i64x2.extract_lane(columns23, 1),
    );
    store<u64>(product + k, coefficient);
  }
  copy(target, product);
}

@inline
function lowHalves(lanes: v128): v128 {
  return v128.and(lanes, i64x2.splat(0xffffffff));
}

@inline
function highHalves(lanes: v128): v128 {
  return i64x2.shr_u(lanes, 32);
}

/** Both lanes times z^5 = 3. */
@inline
function timesW(lanes: v128): v128 {
  return i64x2.add(i64x2.add(lanes, lanes), lanes);
}

@inline
export function square(target: usize, x: usize): void {
  multiply(target, x, x);
}

/** x^(2^count). */
function squareTimes(target: usize, x: usize, count: i32): void {
  copy(target, x);
  for (let i = 0; i < count; i++) square(target, target);
}

/** Powers of D = 3^((p − 1) / 5), a fifth root of unity. */
const ROOTS_OF_UNITY: usize = memory.data<u64>([
  1, 1041288259238279555, 15820824984080659046, 211587555138949697, 1373043270956696022,
]);

/** x^(p^times): z^p = D z, so limb i is multiplied by D^(i · times). */
function frobenius(target: usize, x: usize, times: i32): void {
  for (let i = 0; i < 5; i++) {
    const root = load<u64>(ROOTS_OF_UNITY + ((i * times) % 5) * LIMB);
    store<u64>(target + i * LIMB, field.multiply(load<u64>(x + i * LIMB), root));
  }
}

/** The product of the four conjugates of x other than x: x^(p + p² + p³ + p⁴). */
function multiplyConjugates(target: usize, x: usize): void {
  frobenius(frobenius1, x, 1);
  frobenius(frobenius2, x, 2);
  multiply(frobenius1, frobenius1, frobenius2);
  frobenius(frobenius2, frobenius1, 2);
  multiply(target, frobenius1, frobenius2);
}

/** The norm of x, an element of GF(p): x^(1 + p + p² + p³ + p⁴). */
function normOf(x: usize): u64 {
  multiplyConjugates(conjugates, x);
  multiply(norm, x, conjugates);
  return load<u64>(norm);
}

/** x^−1, by Itoh and Tsujii: the product of the other conjugates over the norm; 0 for 0. */
export function invert(target: usize, x: usize): void {
  const inverse = field.invert(normOf(x));
  multiplyBase(target, conjugates, inverse);
}

/** Whether x is 0, for public values. */
export function isZero(x: usize): bool {
  let bits: u64 = 0;
  for (let i = 0; i < SIZE; i += LIMB) bits |= field.canonical(load<u64>(x + i));
  return bits == 0;
}

/** Whether x is a square, as its norm is in GF(p). */
export function isSquare(x: usize): bool {
  return field.legendre(normOf(x)) <= 1;
}

/**
 * A square root of a square, for public values; 0 for 0.
 *
 *   d = x^((p + 1) / 2) = x · x^(2^63) / x^(2^31)
 *   e = d^(p + p³), hence e² = x^(p + p² + p³ + p⁴) and x · e² = norm(x)
 *   root = √norm(x) / e, a root in GF(p) over an element of GF(p^5)
 */
export function squareRoot(target: usize, x: usize): void {
  squareTimes(d, x, 31);
  squareTimes(e, d, 32);
  multiply(e, e, x);
  invert(d, d);
  multiply(d, d, e);
  frobenius(e, d, 2);
  multiply(e, e, d);
  frobenius(e, e, 1);
  square(d, e);
  multiply(d, d, x);
  const root = field.squareRoot(load<u64>(d));
  invert(e, e);
  multiplyBase(target, e, root);
}

/** Half of x: 2^−1 mod p = (p + 1) / 2. */
export function halve(target: usize, x: usize): void {
  multiplyBase(target, x, HALF);
}

/** Writes the residues below p. */
export function makeCanonical(x: usize): void {
  for (let i = 0; i < SIZE; i += LIMB) {
    store<u64>(x + i, field.canonical(load<u64>(x + i)));
  }
}

/** Whether every limb is below p. */
export function isCanonical(x: usize): bool {
  for (let i = 0; i < SIZE; i += LIMB) {
    if (load<u64>(x + i) >= field.P) return false;
  }
  return true;
}

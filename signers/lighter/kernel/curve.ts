/**
 * ecGFp5: the curve y² = x (x² + 2x + b), b = 263 z, over GF(p^5), after Thomas Pornin, "EcGFp5: a
 * Specialized Elliptic Curve" (ePrint 2022/274).
 *
 * The group has prime order n. Its elements are the points that are not doubles of a point, up to
 * the point of order two, written in fractional coordinates
 *
 *   x = X / Z    u = x / y = U / T
 *
 * as X, Z, U, T of 40 bytes each. The neutral element is X = 0, Z = 1, U = 0, T = 1. The formulas
 * are complete: they hold for every pair of elements, so that nothing needs to branch.
 */
import * as f from './quintic-extension';

export const SIZE: i32 = 4 * f.SIZE;
/** x and u of an element whose Z and T are 1. */
export const AFFINE_SIZE: i32 = 2 * f.SIZE;
const Z: i32 = f.SIZE;
const U: i32 = 2 * f.SIZE;
const T: i32 = 3 * f.SIZE;

/** b = B z. */
const B: u64 = 263;

const SCRATCH_SIZE: i32 = 12 * f.SIZE;
const scratch: usize = memory.data(SCRATCH_SIZE, 16);
const t1: usize = scratch;
const t2: usize = scratch + f.SIZE;
const t3: usize = scratch + 2 * f.SIZE;
const t4: usize = scratch + 3 * f.SIZE;
const t5: usize = scratch + 4 * f.SIZE;
const t6: usize = scratch + 5 * f.SIZE;
const t7: usize = scratch + 6 * f.SIZE;
const t8: usize = scratch + 7 * f.SIZE;
const t9: usize = scratch + 8 * f.SIZE;
const t10: usize = scratch + 9 * f.SIZE;
const left: usize = scratch + 10 * f.SIZE;
const right: usize = scratch + 11 * f.SIZE;

export function wipe(): void {
  memory.fill(scratch, 0, SCRATCH_SIZE);
}

export function setNeutral(point: usize): void {
  f.setSmall(point, 0);
  f.setSmall(point + Z, 1);
  f.setSmall(point + U, 0);
  f.setSmall(point + T, 1);
}

/** The generator of the group: the element whose encoding is w = 4. */
export function setGenerator(point: usize): void {
  store<u64>(point, 12883135586176881569);
  store<u64>(point, 4356519642755055268, 8);
  store<u64>(point, 5248930565894896907, 16);
  store<u64>(point, 2165973894480315022, 24);
  store<u64>(point, 2448410071095648785, 32);
  f.setSmall(point + Z, 1);
  f.setSmall(point + U, 1);
  f.setSmall(point + T, 4);
}

/** The sum of two elements, 10M. */
export function add(target: usize, p: usize, q: usize): void {
  f.multiply(t1, p, q);
  f.multiply(t2, p + Z, q + Z);
  f.multiply(t3, p + U, q + U);
  f.multiply(t4, p + T, q + T);
  // t5 = X1 Z2 + X2 Z1
  f.add(left, p, p + Z);
  f.add(right, q, q + Z);
  f.multiply(t5, left, right);
  f.subtract(t5, t5, t1);
  f.subtract(t5, t5, t2);
  // t6 = U1 T2 + U2 T1
  f.add(left, p + U, p + T);
  f.add(right, q + U, q + T);
  f.multiply(t6, left, right);
  f.subtract(t6, t6, t3);
  f.subtract(t6, t6, t4);
  finishSum(target);
}

/** The sum of an element and one in affine coordinates (Z2 = T2 = 1), 8M. */
export function addAffine(target: usize, p: usize, affine: usize): void {
  f.multiply(t1, p, affine);
  f.copy(t2, p + Z);
  f.multiply(t3, p + U, affine + f.SIZE);
  f.copy(t4, p + T);
  // t5 = X1 Z2 + X2 Z1
  f.multiply(t5, p + Z, affine);
  f.add(t5, t5, p);
  // t6 = U1 T2 + U2 T1
  f.multiply(t6, p + T, affine + f.SIZE);
  f.add(t6, t6, p + U);
  finishSum(target);
}

/**
 * The common end of both sums, from t1 = X1 X2, t2 = Z1 Z2, t3 = U1 U2, t4 = T1 T2, t5 and t6.
 *
 *   t7 = t1 + b t2      t8 = t4 t7      t9 = t3 (2b t5 + 2 t7)      t10 = (t4 + 2 t3) (t5 + t7)
 *   X = b (t10 − t8)    Z = t8 − t9     U = t6 (b t2 − t1)          T = t8 + t9
 */
function finishSum(target: usize): void {
  f.multiplySmallZ(t2, t2, B);
  f.add(t7, t1, t2);
  f.multiply(t8, t4, t7);
  f.multiplySmallZ(left, t5, B);
  f.add(left, left, t7);
  f.double(left, left);
  f.multiply(t9, t3, left);
  f.double(left, t3);
  f.add(left, left, t4);
  f.add(right, t5, t7);
  f.multiply(t10, left, right);
  f.subtract(left, t10, t8);
  f.multiplySmallZ(target, left, B);
  f.subtract(target + Z, t8, t9);
  f.subtract(left, t2, t1);
  f.multiply(target + U, t6, left);
  f.add(target + T, t8, t9);
}

/**
 * Twice an element, 4M + 5S.
 *
 *   t1 = Z T      t2 = t1 T     t3 = U²     x = t2²     z = t1 U     w = t2 − 2 (X + Z) t3
 *   X = 4b z²     Z = w²        U = (w + z)² − z² − w²              T = 2x − 4 z² − w²
 */
export function double(target: usize, p: usize): void {
  f.multiply(t1, p + Z, p + T);
  f.multiply(t2, t1, p + T);
  f.square(t3, p + U);
  f.square(t4, t2);
  f.multiply(t5, t1, p + U);
  f.add(left, p, p + Z);
  f.double(left, left);
  f.multiply(left, left, t3);
  f.subtract(t6, t2, left);
  f.square(t7, t5);
  f.square(t8, t6);
  f.multiplySmallZ(target, t7, 4 * B);
  f.copy(target + Z, t8);
  f.add(left, t6, t5);
  f.square(left, left);
  f.subtract(left, left, t7);
  f.subtract(target + U, left, t8);
  f.double(t4, t4);
  f.multiplySmall(t7, t7, 4);
  f.subtract(t4, t4, t7);
  f.subtract(target + T, t4, t8);
}

/** x and u of an element, in canonical limbs. */
export function toAffine(target: usize, p: usize): void {
  f.multiply(t1, p + Z, p + T);
  f.invert(t1, t1);
  f.multiply(t2, t1, p + T);
  f.multiply(t3, t1, p + Z);
  f.multiply(target, p, t2);
  f.multiply(target + f.SIZE, p + U, t3);
  f.makeCanonical(target);
  f.makeCanonical(target + f.SIZE);
}

/** The encoding w = 1 / u = T / U, in canonical limbs; 0 for the neutral element, whose U is 0. */
export function encode(target: usize, p: usize): void {
  f.invert(t1, p + U);
  f.multiply(target, p + T, t1);
  f.makeCanonical(target);
}

/**
 * The element that w encodes; `false` where w is no encoding. For public values.
 *
 *   e = w² − 2,  x = (e ± √(e² − 4b)) / 2,  of which the non-square one is taken;  u = 1 / w
 */
export function decode(target: usize, w: usize): bool {
  if (!f.isCanonical(w)) return false;
  if (f.isZero(w)) {
    setNeutral(target);
    return true;
  }
  f.setSmall(left, 2);
  f.square(t1, w);
  f.subtract(t1, t1, left);
  f.square(t2, t1);
  f.setSmall(left, 1);
  f.multiplySmallZ(left, left, 4 * B);
  f.subtract(t2, t2, left);
  if (!f.isSquare(t2)) return false;
  f.squareRoot(t2, t2);
  f.add(t3, t1, t2);
  f.subtract(t4, t1, t2);
  f.halve(t3, t3);
  f.halve(t4, t4);
  f.copy(target, f.isSquare(t3) ? t4 : t3);
  f.setSmall(target + Z, 1);
  f.setSmall(target + U, 1);
  f.copy(target + T, w);
  return true;
}

/**
 * Multiples of the generator G, in time and memory access that do not depend on the scalar.
 *
 * A scalar of 320 bits is read as 64 digits of 5 bits, −15 … 16 each. Row i of the table holds
 * j · 32^i · G for j = 1 … 16 in affine coordinates, and k · G is the sum of one entry per row. An entry
 * is taken by reading the whole row under masks.
 */
import * as curve from './curve';
import * as extension from './quintic-extension';
import * as field from './goldilocks';

const DIGIT_BITS: i32 = 5;
const RADIX: u64 = 32;
const ROWS: i32 = 64;
const ENTRIES: i32 = 16;
const ROW_SIZE: i32 = ENTRIES * curve.AFFINE_SIZE;

const table: usize = memory.data(ROWS * ROW_SIZE, 16);

const SCRATCH_SIZE: i32 = curve.AFFINE_SIZE + 2 * curve.SIZE;
const scratch: usize = memory.data(SCRATCH_SIZE, 16);
const entry: usize = scratch;
const multiple: usize = scratch + curve.AFFINE_SIZE;
const step: usize = multiple + curve.SIZE;

export function wipe(): void {
  memory.fill(scratch, 0, SCRATCH_SIZE);
}

/** Fills the table; once, before anything else. */
export function initialize(): void {
  curve.setGenerator(step);
  for (let row = 0; row < ROWS; row++) {
    memory.copy(multiple, step, curve.SIZE);
    for (let j = 0; j < ENTRIES; j++) {
      curve.toAffine(table + row * ROW_SIZE + j * curve.AFFINE_SIZE, multiple);
      curve.add(multiple, multiple, step);
    }
    for (let i = 0; i < DIGIT_BITS; i++) curve.double(step, step);
  }
}

/** Copies the entry for `magnitude` · 32^i · G of a row, or x = u = 0, the neutral element, for 0. */
function select(row: usize, magnitude: u64): void {
  const wanted = i64x2.splat(magnitude);
  let v0 = i64x2.splat(0);
  let v1 = i64x2.splat(0);
  let v2 = i64x2.splat(0);
  let v3 = i64x2.splat(0);
  let v4 = i64x2.splat(0);
  for (let j = 1; j <= ENTRIES; j++) {
    const mask = i64x2.eq(i64x2.splat(j), wanted);
    v0 = v128.or(v0, v128.and(mask, v128.load(row, 0)));
    v1 = v128.or(v1, v128.and(mask, v128.load(row, 16)));
    v2 = v128.or(v2, v128.and(mask, v128.load(row, 32)));
    v3 = v128.or(v3, v128.and(mask, v128.load(row, 48)));
    v4 = v128.or(v4, v128.and(mask, v128.load(row, 64)));
    row += curve.AFFINE_SIZE;
  }
  v128.store(entry, v0, 0);
  v128.store(entry, v1, 16);
  v128.store(entry, v2, 32);
  v128.store(entry, v3, 48);
  v128.store(entry, v4, 64);
}

/** Negates the entry, u ← −u, where all bits of `mask` are set. */
function negateEntry(mask: u64): void {
  for (let i = extension.SIZE; i < curve.AFFINE_SIZE; i += 8) {
    const u = load<u64>(entry + i);
    store<u64>(entry + i, (u & ~mask) | ((field.P - u) & mask));
  }
}

/** The five bits of row `row`; a digit may reach over the end of a 64-bit word. */
@inline
function digitOf(scalar: usize, row: i32): u64 {
  const bit = row * DIGIT_BITS;
  const shift = u64(bit & 63);
  const word = scalar + ((bit >>> 6) << 3);
  let bits = load<u64>(word) >>> shift;
  if (shift > 64 - DIGIT_BITS) bits |= load<u64>(word, 8) << (64 - shift);
  return bits & (RADIX - 1);
}

/** scalar · G, for a scalar below n < 2^319: the highest digit never carries. */
export function multiplyGenerator(target: usize, scalar: usize): void {
  curve.setNeutral(target);
  let carry: u64 = 0;
  for (let row = 0; row < ROWS; row++) {
    const digit = digitOf(scalar, row) + carry;
    carry = (u64(ENTRIES) - digit) >>> 63;
    const negative = 0 - carry;
    // digit − 32 where the digit exceeds 16, in absolute value
    const magnitude = (digit & ~negative) | ((RADIX - digit) & negative);
    select(table + row * ROW_SIZE, magnitude);
    negateEntry(negative);
    curve.addAffine(target, target, entry);
  }
}

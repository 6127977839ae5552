/**
 * Scalars: integers modulo the order n of the group, as 40 bytes, little endian.
 *
 * Arithmetic is on ten limbs of 32 bits, and products are Montgomery's with R = 2^320. Nothing here
 * branches on a scalar or uses one as an address.
 */

export const SIZE: i32 = 40;
/** An integer of 512 bits, such as a SHA-512 digest, that is still to be reduced. */
export const WIDE_SIZE: i32 = 64;
const LIMB: i32 = 4;
const LIMB_MASK: u64 = 0xffffffff;

/** n, a prime just below 2^319. */
const ORDER: usize = memory.data<u32>([
  0x948bffe1, 0xe80fd996, 0xd724a09c, 0xe8885c39, 0xcfb80639, 0x7fffffe6, 0x00000016, 0x7ffffff1,
  0x80000007, 0x7ffffffd,
]);
/** −n^−1 mod 2^32. */
const ORDER_INVERSE: u64 = 0x57b7bdf;
/** R^2 mod n. */
const R2: usize = memory.data<u32>([
  0xe33dc739, 0xa01001dc, 0x3f62accf, 0x6c3228d3, 0x91cf8525, 0xd1d796cc, 0x1574c1d8, 0xaadfff5d,
  0x8ca251f5, 0x4aca13b2,
]);
/** R^3 mod n. */
const R3: usize = memory.data<u32>([
  0x658f5329, 0xa2291018, 0xd6eaccbc, 0x7515cbb5, 0xfc111296, 0xf80e69c4, 0x67bf0320, 0xaebd3248,
  0xedf92843, 0x3163d62a,
]);
const ONE: usize = memory.data<u32>([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

const SCRATCH_SIZE: i32 = 5 * SIZE;
const scratch: usize = memory.data(SCRATCH_SIZE, 16);
const accumulator: usize = scratch;
const difference: usize = scratch + SIZE;
const high: usize = scratch + 2 * SIZE;
const first: usize = scratch + 3 * SIZE;
const second: usize = scratch + 4 * SIZE;

export function wipe(): void {
  memory.fill(scratch, 0, SCRATCH_SIZE);
}

@inline
function limb(x: usize, offset: i32): u64 {
  return u64(load<u32>(x + offset));
}

/** Writes a − b mod 2^320 and returns the borrow, 0 or 1. */
function subtractLimbs(target: usize, a: usize, b: usize): u64 {
  let borrow: u64 = 0;
  for (let i = 0; i < SIZE; i += LIMB) {
    const t = limb(a, i) - limb(b, i) - borrow;
    store<u32>(target + i, u32(t));
    borrow = t >>> 63;
  }
  return borrow;
}

/** Writes x − n where x ≥ n, else x, for x < 2n. */
function subtractOrderOnce(target: usize, x: usize): void {
  const keep = 0 - u32(subtractLimbs(difference, x, ORDER));
  for (let i = 0; i < SIZE; i += LIMB) {
    store<u32>(target + i, (load<u32>(x + i) & keep) | (load<u32>(difference + i) & ~keep));
  }
}

/**
 * a · b / R mod n, for a < n and any b of 320 bits.
 *
 * With a < n < 2^319 the accumulator stays below 2n, so it needs no limb beyond its ten.
 */
function montgomery(target: usize, a: usize, b: usize): void {
  memory.fill(accumulator, 0, SIZE);
  for (let i = 0; i < SIZE; i += LIMB) {
    const factor = limb(b, i);
    let carry: u64 = 0;
    for (let j = 0; j < SIZE; j += LIMB) {
      const t = limb(accumulator, j) + limb(a, j) * factor + carry;
      store<u32>(accumulator + j, u32(t));
      carry = t >>> 32;
    }
    const top = carry;
    const quotient = (limb(accumulator, 0) * ORDER_INVERSE) & LIMB_MASK;
    carry = (limb(accumulator, 0) + quotient * limb(ORDER, 0)) >>> 32;
    for (let j = LIMB; j < SIZE; j += LIMB) {
      const t = limb(accumulator, j) + quotient * limb(ORDER, j) + carry;
      store<u32>(accumulator + j - LIMB, u32(t));
      carry = t >>> 32;
    }
    store<u32>(accumulator + SIZE - LIMB, u32(top + carry));
  }
  subtractOrderOnce(target, accumulator);
}

/** Any 320-bit integer mod n. */
export function reduce(target: usize, x: usize): void {
  montgomery(first, R2, x);
  montgomery(target, first, ONE);
}

/** A 512-bit integer mod n: low + high · R. */
export function reduceWide(target: usize, wide: usize): void {
  memory.fill(high, 0, SIZE);
  memory.copy(high, wide + SIZE, WIDE_SIZE - SIZE);
  montgomery(first, R2, wide);
  montgomery(second, R3, high);
  add(first, first, second);
  montgomery(target, first, ONE);
}

/** a · b mod n, for a, b < n. */
export function multiply(target: usize, a: usize, b: usize): void {
  montgomery(first, a, R2);
  montgomery(target, first, b);
}

/** a + b mod n, for a, b < n; the sum stays below 2^320. */
function add(target: usize, a: usize, b: usize): void {
  let carry: u64 = 0;
  for (let i = 0; i < SIZE; i += LIMB) {
    const t = limb(a, i) + limb(b, i) + carry;
    store<u32>(accumulator + i, u32(t));
    carry = t >>> 32;
  }
  subtractOrderOnce(target, accumulator);
}

/** a − b mod n, for a, b < n. */
export function subtract(target: usize, a: usize, b: usize): void {
  const mask = 0 - subtractLimbs(difference, a, b);
  let carry: u64 = 0;
  for (let i = 0; i < SIZE; i += LIMB) {
    const t = limb(difference, i) + (limb(ORDER, i) & mask) + carry;
    store<u32>(target + i, u32(t));
    carry = t >>> 32;
  }
}

/** 1 where x < n, else 0. */
export function isBelowOrder(x: usize): u64 {
  return subtractLimbs(difference, x, ORDER);
}

/** 1 where x is not 0, else 0. */
export function isNonZero(x: usize): u64 {
  let bits: u64 = 0;
  for (let i = 0; i < SIZE; i += LIMB) bits |= limb(x, i);
  return (0 - bits) >>> 63;
}

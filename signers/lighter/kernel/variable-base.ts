/** Multiples of any element, for verification: scalar and element are public, and time follows them. */
import * as curve from './curve';
import * as scalars from './scalar';

const DIGIT_BITS: i32 = 4;
const DIGITS: i32 = scalars.SIZE * 2;

const multiples: usize = memory.data(16 * 160, 16);

/** scalar · element, from the highest digit of four bits down. */
export function multiply(target: usize, element: usize, scalar: usize): void {
  curve.setNeutral(multiples);
  for (let i = 1; i < 16; i++) {
    curve.add(multiples + i * curve.SIZE, multiples + (i - 1) * curve.SIZE, element);
  }
  curve.setNeutral(target);
  for (let i = DIGITS - 1; i >= 0; i--) {
    for (let j = 0; j < DIGIT_BITS; j++) curve.double(target, target);
    const digit = (u32(load<u8>(scalar + (i >>> 1))) >>> ((i & 1) << 2)) & 15;
    if (digit != 0) curve.add(target, target, multiples + digit * curve.SIZE);
  }
}

export function wipe(): void {
  memory.fill(multiples, 0, 16 * 160);
}

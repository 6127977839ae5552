/**
 * Poseidon2 over the Goldilocks field (Grassi, Khovratovich, Schofnegger, ePrint 2023/323) as Lighter
 * uses it: width 12, x^7, four full rounds, 22 partial rounds, four full rounds; rate 8.
 *
 * In the linear layers an element is a vector of its two halves of 32 bits. Many of them can be summed
 * before a lane overflows, and each result is reduced once.
 */
import * as field from './goldilocks';
import { DIAGONAL, EXTERNAL, INTERNAL } from './poseidon2-constants';

const WIDTH: i32 = 12;
const RATE: i32 = 8;
const FULL_ROUNDS: i32 = 4;
const PARTIAL_ROUNDS: i32 = 22;
const WORD: i32 = 8;
const STATE_SIZE: i32 = WIDTH * WORD;

/** The halves of four elements. */
const MIXED_SIZE: i32 = 4 * 16;

const SCRATCH_SIZE: i32 = STATE_SIZE + 3 * MIXED_SIZE;
const scratch: usize = memory.data(SCRATCH_SIZE, 16);
const state: usize = scratch;
const mixed: usize = scratch + STATE_SIZE;

export function wipe(): void {
  memory.fill(scratch, 0, SCRATCH_SIZE);
}

@inline
function power7(x: u64): u64 {
  const x2 = field.multiply(x, x);
  const x3 = field.multiply(x2, x);
  return field.multiply(field.multiply(x3, x3), x);
}

/** The two halves of an element, as integers in the lanes of a vector. */
@inline
function halves(element: usize): v128 {
  return v128.load32x2_u(element);
}

@inline
function fromHalves(sum: v128): u64 {
  return field.fromHalves(i64x2.extract_lane(sum, 0), i64x2.extract_lane(sum, 1));
}

/** The matrix of rows (2 3 1 1), (1 2 3 1), (1 1 2 3), (3 1 1 2) on a group of four elements. */
@inline
function mixGroup(target: usize, group: usize): void {
  const a = halves(group);
  const b = halves(group + WORD);
  const c = halves(group + 2 * WORD);
  const d = halves(group + 3 * WORD);
  const sum = i64x2.add(i64x2.add(a, b), i64x2.add(c, d));
  v128.store(target, i64x2.add(i64x2.add(sum, a), i64x2.add(b, b)), 0);
  v128.store(target, i64x2.add(i64x2.add(sum, b), i64x2.add(c, c)), 16);
  v128.store(target, i64x2.add(i64x2.add(sum, c), i64x2.add(d, d)), 32);
  v128.store(target, i64x2.add(i64x2.add(sum, d), i64x2.add(a, a)), 48);
}

/** The external matrix: each group of four is mixed, and to each the sum of all groups is added. */
function mixExternal(): void {
  mixGroup(mixed, state);
  mixGroup(mixed + MIXED_SIZE, state + 4 * WORD);
  mixGroup(mixed + 2 * MIXED_SIZE, state + 8 * WORD);
  for (let i = 0; i < 4; i++) {
    const first = v128.load(mixed + i * 16, 0);
    const second = v128.load(mixed + i * 16, MIXED_SIZE);
    const third = v128.load(mixed + i * 16, 2 * MIXED_SIZE);
    const sum = i64x2.add(i64x2.add(first, second), third);
    store<u64>(state + i * WORD, fromHalves(i64x2.add(sum, first)), 0);
    store<u64>(state + i * WORD, fromHalves(i64x2.add(sum, second)), 4 * WORD);
    store<u64>(state + i * WORD, fromHalves(i64x2.add(sum, third)), 8 * WORD);
  }
}

function fullRounds(constants: usize): void {
  for (let round = 0; round < FULL_ROUNDS; round++) {
    for (let i = 0; i < STATE_SIZE; i += WORD) {
      const x = field.add(load<u64>(state + i), load<u64>(constants + i));
      store<u64>(state + i, power7(x));
    }
    mixExternal();
    constants += STATE_SIZE;
  }
}

/** In a partial round only the first element passes x^7; then s_i ← s_i · diagonal_i + Σ s. */
function partialRounds(): void {
  for (let round = 0; round < PARTIAL_ROUNDS; round++) {
    const x = field.add(load<u64>(state), load<u64>(INTERNAL + round * WORD));
    store<u64>(state, power7(x));
    let total = i64x2.splat(0);
    for (let i = 0; i < STATE_SIZE; i += WORD) total = i64x2.add(total, halves(state + i));
    const sum = fromHalves(total);
    for (let i = 0; i < STATE_SIZE; i += WORD) {
      const element = load<u64>(state + i);
      store<u64>(state + i, field.multiplyAdd(element, load<u64>(DIAGONAL + i), sum));
    }
  }
}

function permute(): void {
  mixExternal();
  fullRounds(EXTERNAL);
  partialRounds();
  fullRounds(EXTERNAL + FULL_ROUNDS * STATE_SIZE);
}

/**
 * The first five elements, canonical, of the sponge over `count` elements. Each block of eight overwrites
 * the head of the state, a shorter last one only as much as it has; nothing is padded, and of no
 * elements the hash is 0.
 */
export function hash(target: usize, elements: usize, count: i32): void {
  memory.fill(state, 0, STATE_SIZE);
  for (let read = 0; read < count; read += RATE) {
    memory.copy(state, elements + read * WORD, min(RATE, count - read) * WORD);
    permute();
  }
  for (let i = 0; i < 5 * WORD; i += WORD) {
    store<u64>(target + i, field.canonical(load<u64>(state + i)));
  }
}

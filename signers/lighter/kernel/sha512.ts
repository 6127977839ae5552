/**
 * SHA-512 (FIPS 180-4, section 6.4), for nonces: in here neither the private key nor the nonce touches
 * the memory of the host.
 */
import { INITIAL, ROUND } from './sha512-constants';

export const DIGEST_SIZE: i32 = 64;
const BLOCK_SIZE: i32 = 128;
const LENGTH_SIZE: i32 = 16;
const ROUNDS: i32 = 80;
const WORD: i32 = 8;

const SCRATCH_SIZE: i32 = BLOCK_SIZE + ROUNDS * WORD + DIGEST_SIZE;
const scratch: usize = memory.data(SCRATCH_SIZE, 16);
const block: usize = scratch;
const schedule: usize = block + BLOCK_SIZE;
const state: usize = schedule + ROUNDS * WORD;

export function wipe(): void {
  memory.fill(scratch, 0, SCRATCH_SIZE);
}

@inline
function scheduled(t: i32): u64 {
  return load<u64>(schedule + t * WORD);
}

function compress(input: usize): void {
  for (let t = 0; t < 16; t++) {
    store<u64>(schedule + t * WORD, bswap<u64>(load<u64>(input + t * WORD)));
  }
  for (let t = 16; t < ROUNDS; t++) {
    const w15 = scheduled(t - 15);
    const w2 = scheduled(t - 2);
    const sigma0 = rotr<u64>(w15, 1) ^ rotr<u64>(w15, 8) ^ (w15 >>> 7);
    const sigma1 = rotr<u64>(w2, 19) ^ rotr<u64>(w2, 61) ^ (w2 >>> 6);
    store<u64>(schedule + t * WORD, sigma1 + scheduled(t - 7) + sigma0 + scheduled(t - 16));
  }
  let a = load<u64>(state, 0);
  let b = load<u64>(state, 8);
  let c = load<u64>(state, 16);
  let d = load<u64>(state, 24);
  let e = load<u64>(state, 32);
  let f = load<u64>(state, 40);
  let g = load<u64>(state, 48);
  let h = load<u64>(state, 56);
  for (let t = 0; t < ROUNDS; t++) {
    const sum1 = rotr<u64>(e, 14) ^ rotr<u64>(e, 18) ^ rotr<u64>(e, 41);
    const choice = (e & f) ^ (~e & g);
    const t1 = h + sum1 + choice + load<u64>(ROUND + t * WORD) + scheduled(t);
    const sum0 = rotr<u64>(a, 28) ^ rotr<u64>(a, 34) ^ rotr<u64>(a, 39);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + sum0 + majority;
  }
  addToState(0, a);
  addToState(8, b);
  addToState(16, c);
  addToState(24, d);
  addToState(32, e);
  addToState(40, f);
  addToState(48, g);
  addToState(56, h);
}

@inline
function addToState(offset: i32, word: u64): void {
  store<u64>(state + offset, load<u64>(state + offset) + word);
}

/** The digest of `length` bytes. */
export function digest(target: usize, message: usize, length: i32): void {
  memory.copy(state, INITIAL, DIGEST_SIZE);
  let read = 0;
  for (; read + BLOCK_SIZE <= length; read += BLOCK_SIZE) compress(message + read);
  const rest = length - read;
  memory.fill(block, 0, BLOCK_SIZE);
  memory.copy(block, message + read, rest);
  store<u8>(block + rest, 0x80);
  if (rest >= BLOCK_SIZE - LENGTH_SIZE) {
    compress(block);
    memory.fill(block, 0, BLOCK_SIZE);
  }
  store<u64>(block + BLOCK_SIZE - WORD, bswap<u64>(u64(length) << 3));
  compress(block);
  for (let i = 0; i < DIGEST_SIZE; i += WORD) {
    store<u64>(target + i, bswap<u64>(load<u64>(state + i)));
  }
}

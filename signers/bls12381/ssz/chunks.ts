/**
 * Binary Merkle trees over chunks of 32 bytes (consensus-specs, `ssz/simple-serialize.md`, section
 * Merkleization), and progressive ones (EIP-7916).
 */
import { hash } from 'node:crypto';

import type { Hex } from '../../../src/base/hex.ts';

export const CHUNK_SIZE = 32;
const PAIR_SIZE = 2 * CHUNK_SIZE;

/** Leaves of a tree, to be filled and then hashed in place. */
export interface Chunks {
  readonly bytes: Uint8Array;
  /** Views of two chunks each, made when they are first hashed. */
  readonly pairs: Uint8Array[];
}

/** Zero chunks, with room for the padding of an odd number. */
export function createChunks(count: number): Chunks {
  return { bytes: new Uint8Array(Math.ceil(count / 2) * PAIR_SIZE), pairs: [] };
}

/** Chunks that hold so many bytes. */
export function chunksFor(length: number): number {
  return Math.ceil(length / CHUNK_SIZE);
}

/** Levels above the leaves of a tree for up to `limit` of them. */
export function depthOf(limit: number): number {
  return limit <= 1 ? 0 : 32 - Math.clz32(limit - 1);
}

/** Hashes two chunks into one, which may lie in either of them. */
export function hashPair(pair: Uint8Array, into: Uint8Array, at: number): void {
  // The digest as a text of bytes: half the time of a buffer, which would have to be allocated.
  const digest = hash('sha256', pair, 'binary');
  for (let index = 0; index < CHUNK_SIZE; index += 1) into[at + index] = digest.charCodeAt(index);
}

/** Hashes two chunks into hex. */
export function hashPairToHex(pair: Uint8Array): Hex {
  // SAFETY: the digest is written in lower-case hex.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return hash('sha256', pair, 'hex') as Hex;
}

/** Roots of trees of zeros, by their depth. */
const zeroHashes: Uint8Array[] = [new Uint8Array(CHUNK_SIZE)];

function zeroHash(depth: number): Uint8Array {
  const known = zeroHashes[depth];
  if (known !== undefined) return known;
  const below = zeroHash(depth - 1);
  const pair = new Uint8Array(PAIR_SIZE);
  pair.set(below);
  pair.set(below, CHUNK_SIZE);
  const root = new Uint8Array(CHUNK_SIZE);
  hashPair(pair, root, 0);
  zeroHashes[depth] = root;
  return root;
}

/** Writes the root of the first `count` chunks in a tree of that depth; the chunks are used up. */
export function merkleize(
  chunks: Chunks,
  { count, depth }: { readonly count: number; readonly depth: number },
  into: Uint8Array,
  at: number,
): void {
  if (count === 0) {
    into.set(zeroHash(depth), at);
    return;
  }
  const { bytes } = chunks;
  if (depth === 0) {
    into.set(bytes.subarray(0, CHUNK_SIZE), at);
    return;
  }
  let width = count;
  for (let level = 0; ; level += 1) {
    if (width % 2 === 1) bytes.set(zeroHash(level), width * CHUNK_SIZE);
    if (level === depth - 1) break;
    width = Math.ceil(width / 2);
    for (let index = 0; index < width; index += 1) {
      hashPair(pairAt(chunks, index), bytes, index * CHUNK_SIZE);
    }
  }
  hashPair(pairAt(chunks, 0), into, at);
}

function pairAt({ bytes, pairs }: Chunks, index: number): Uint8Array {
  return (pairs[index] ??= bytes.subarray(index * PAIR_SIZE, (index + 1) * PAIR_SIZE));
}

/**
 * Writes the root of a progressive tree (EIP-7916): subtrees of 1, 4, 16, … leaves, each the left
 * child beside all that follows, ended by a zero chunk.
 */
export function merkleizeProgressively(
  { bytes }: Chunks,
  count: number,
  into: Uint8Array,
  at: number,
): void {
  const subtrees: Uint8Array[] = [];
  for (let start = 0, depth = 0; start < count; depth += 2) {
    const size = Math.min(2 ** depth, count - start);
    const subtree = createChunks(size);
    subtree.bytes.set(bytes.subarray(start * CHUNK_SIZE, (start + size) * CHUNK_SIZE));
    const root = new Uint8Array(CHUNK_SIZE);
    merkleize(subtree, { count: size, depth }, root, 0);
    subtrees.push(root);
    start += size;
  }
  const pair = new Uint8Array(PAIR_SIZE);
  for (const subtree of subtrees.reverse()) {
    pair.set(subtree);
    hashPair(pair, pair, CHUNK_SIZE);
  }
  into.set(pair.subarray(CHUNK_SIZE), at);
}

/** Hashes the root at `at` with a number after it: the length of a list. */
export function mixInLength(length: number, into: Uint8Array, at: number): void {
  const chunk = new Uint8Array(CHUNK_SIZE);
  new DataView(chunk.buffer).setUint32(0, length, true);
  mixIn(chunk, into, at);
}

/** Hashes the root at `at` with a chunk after it. */
export function mixIn(chunk: Uint8Array, into: Uint8Array, at: number): void {
  const pair = new Uint8Array(PAIR_SIZE);
  pair.set(into.subarray(at, at + CHUNK_SIZE));
  pair.set(chunk, CHUNK_SIZE);
  hashPair(pair, into, at);
}

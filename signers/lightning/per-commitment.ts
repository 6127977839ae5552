/**
 * Per-commitment secrets (BOLT 3, Per-commitment Secret Requirements and Appendix D).
 *
 * A 48-bit index I names one node of a binary tree of hashes:
 *   P = seed; for b = 47 … 0: if bit b of I is set, flip bit (b mod 8) of byte (b div 8) of P and
 *   P = SHA256(P)
 * Indices count down from 2^48 − 1; commitment number N has index 2^48 − 1 − N. The seed of a
 * Lightspark channel is SHA256(SHA256(k) ‖ "commitment seed"), k being the private key at `m/3/C`.
 */
import { sha256 } from '@noble/hashes/sha2.js';

import { concatBytes, utf8 } from '../../src/base/bytes.ts';

const INDEX_BITS = 48;

/** Index of the first commitment of a channel. */
export const FIRST_COMMITMENT_INDEX = 2n ** 48n - 1n;

export function isCommitmentIndex(index: bigint): boolean {
  return index >= 0n && index <= FIRST_COMMITMENT_INDEX;
}

export function assertCommitmentIndex(index: bigint): void {
  if (!isCommitmentIndex(index)) throw new RangeError('per-commitment index is not within 48 bits');
}

/** Seed of a channel's secrets, from the private key at `m/3/C`. */
export function commitmentSeed(channelKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(sha256(channelKey), utf8('commitment seed')));
}

/** `generate_from_seed` of BOLT 3. */
export function generateFromSeed(seed: Uint8Array, index: bigint): Uint8Array {
  return deriveSecret(seed, INDEX_BITS, index);
}

/**
 * `derive_secret` of BOLT 3: from the secret of an index whose lowest `bits` bits are 0, the secret
 * of `index`, which shares the other bits. An index beyond 48 bits throws; the official library
 * silently drops its high bits and answers for another index.
 */
export function deriveSecret(base: Uint8Array, bits: number, index: bigint): Uint8Array {
  assertCommitmentIndex(index);
  let secret = base.slice();
  for (let bit = bits - 1; bit >= 0; bit -= 1) {
    if (((index >> BigInt(bit)) & 1n) === 0n) continue;
    const byte = bit >> 3;
    secret[byte] = (secret[byte] ?? 0) ^ (1 << (bit & 7));
    const hashed = sha256(secret);
    secret.fill(0);
    secret = hashed;
  }
  return secret;
}

/** The secrets of one channel. */
export interface CommitmentSecrets extends Disposable {
  readonly at: (index: bigint) => Uint8Array;
}

/**
 * Low bits of an index within which neighbours share a remembered node: about four hashes per
 * secret instead of about forty, since a channel asks for neighbouring indices.
 */
const SHARED_BITS = 8;

export function createCommitmentSecrets(channelKey: Uint8Array): CommitmentSecrets {
  const seed = commitmentSeed(channelKey);
  let nodeIndex = 0n;
  let node = generateFromSeed(seed, nodeIndex);

  return Object.freeze({
    at(index) {
      const wanted = (index >> BigInt(SHARED_BITS)) << BigInt(SHARED_BITS);
      if (wanted !== nodeIndex) {
        const found = generateFromSeed(seed, wanted);
        node.fill(0);
        node = found;
        nodeIndex = wanted;
      }
      return deriveSecret(node, SHARED_BITS, index);
    },
    [Symbol.dispose]() {
      seed.fill(0);
      node.fill(0);
    },
  } satisfies CommitmentSecrets);
}

/**
 * Private keys: integers 0 < sk < n, as 40 bytes, little endian, or 80 hex digits.
 *
 * The reference takes any 40 bytes and reduces them; then several texts would be one key, and zeros a
 * key that everybody has, so other texts are refused here.
 */
import { sha256 } from '@noble/hashes/sha2.js';

import { fromHex, isHexOf } from '../../src/base/hex.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import { ENTROPY_SIZE, type LighterKernel, PRIVATE_KEY_SIZE } from './lighter-kernel.ts';

export interface PrivateKeyProblem {
  readonly code: 'lighter.private-key' | 'lighter.seed';
  /** Never contains the key. */
  readonly message: string;
}

/** Reads 80 hex digits of either case, with or without `0x`. */
export function parsePrivateKey(
  kernel: LighterKernel,
  text: string,
): Result<Secret, PrivateKeyProblem> {
  const digits = text.replace(/^0x/, '').toLowerCase();
  if (!isHexOf(PRIVATE_KEY_SIZE, digits)) {
    return refuse('lighter.private-key', 'private key is not 80 hex digits; give 40 bytes in hex');
  }
  return importPrivateKey(kernel, new Secret(fromHex(digits)));
}

/** Takes 40 bytes that are a private key. */
export function importPrivateKey(
  kernel: LighterKernel,
  key: Secret,
): Result<Secret, PrivateKeyProblem> {
  if (key.length === PRIVATE_KEY_SIZE && kernel.isPrivateKey(key)) return ok(key);
  const message = 'private key is zero or not below the group order; generate another';
  return refuse('lighter.private-key', message);
}

const MIN_SEED_SIZE = 32;

/**
 * The key of a seed of 32 bytes or more, as Lighter's web client derives it:
 * SHA-256(1 ‖ seed) ‖ the first eight bytes of SHA-256(2 ‖ seed), big endian, mod n.
 */
export function privateKeyFromSeed(
  kernel: LighterKernel,
  seed: Secret,
): Result<Secret, PrivateKeyProblem> {
  if (seed.length < MIN_SEED_SIZE) {
    return refuse('lighter.seed', 'seed is shorter than 32 bytes; give 32 random bytes or more');
  }
  const head = digest(1, seed);
  const tail = digest(2, seed);
  const wide = new Secret(new Uint8Array(ENTROPY_SIZE));
  try {
    wide.reveal((bytes) => {
      bytes.set(tail.subarray(0, 8).reverse());
      bytes.set(head.reverse(), 8);
    });
    return ok(kernel.derivePrivateKey(wide));
  } finally {
    wide[Symbol.dispose]();
    head.fill(0);
    tail.fill(0);
  }
}

/** SHA-256 of a byte and the seed. */
function digest(domain: number, seed: Secret): Uint8Array {
  return seed.reveal((bytes) =>
    sha256.create().update(Uint8Array.of(domain)).update(bytes).digest(),
  );
}

function refuse(
  code: PrivateKeyProblem['code'],
  message: string,
): Result<never, PrivateKeyProblem> {
  return err({ code, message });
}

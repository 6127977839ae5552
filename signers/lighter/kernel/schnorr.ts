/**
 * Schnorr signatures over ecGFp5 with Poseidon2, as Lighter verifies them.
 *
 *   sign     r = encode(k · G),  e = H(r ‖ m) mod n,  s = k − e · sk mod n;  the signature is s ‖ e
 *   verify   e = H(encode(s · G + e · Q) ‖ m) mod n
 *
 * H reads ten elements, and its five are one integer of 320 bits, little endian. The nonce k is
 * hedged: SHA-512 of a domain, the key, the message and fresh randomness, all 512 bits reduced
 * mod n, which is closer to uniform than 2^−192. Bad randomness or a repeated message alone cannot
 * repeat a nonce under another message, which would give the key away.
 */
import * as curve from './curve';
import * as extension from './quintic-extension';
import * as fixedBase from './fixed-base';
import * as poseidon2 from './poseidon2';
import * as scalar from './scalar';
import * as sha512 from './sha512';
import * as variableBase from './variable-base';

export const SIGNATURE_SIZE: i32 = 2 * scalar.SIZE;
export const ENTROPY_SIZE: i32 = 64;

/** `lighter nonce v1` in ASCII. */
const DOMAIN: usize = memory.data<u8>([
  0x6c, 0x69, 0x67, 0x68, 0x74, 0x65, 0x72, 0x20, 0x6e, 0x6f, 0x6e, 0x63, 0x65, 0x20, 0x76, 0x31,
]);
const DOMAIN_SIZE: i32 = 16;
const SEED_SIZE: i32 = DOMAIN_SIZE + scalar.SIZE + extension.SIZE + ENTROPY_SIZE;

const SCRATCH_SIZE: i32 =
  SEED_SIZE + sha512.DIGEST_SIZE + 2 * scalar.SIZE + 2 * extension.SIZE + 2 * curve.SIZE;
const scratch: usize = memory.data(SCRATCH_SIZE, 16);
const seed: usize = scratch;
const digest: usize = seed + SEED_SIZE;
const nonce: usize = digest + sha512.DIGEST_SIZE;
const product: usize = nonce + scalar.SIZE;
/** r and, behind it, the message: what H reads. */
const commitment: usize = product + scalar.SIZE;
const point: usize = commitment + 2 * extension.SIZE;
const other: usize = point + curve.SIZE;

export function wipe(): void {
  memory.fill(scratch, 0, SCRATCH_SIZE);
}

/** The public key, encode(sk · G), of a private key 0 < sk < n. */
export function publicKey(target: usize, privateKey: usize): void {
  fixedBase.multiplyGenerator(point, privateKey);
  curve.encode(target, point);
}

/** Writes e for the commitment in `point`. */
function challenge(target: usize, message: usize): void {
  curve.encode(commitment, point);
  extension.copy(commitment + extension.SIZE, message);
  poseidon2.hash(commitment, commitment, 10);
  scalar.reduce(target, commitment);
}

/** Signs under a nonce 0 < k < n, which must be secret and never serve two messages. */
export function signWithNonce(
  signature: usize,
  message: usize,
  privateKey: usize,
  secretNonce: usize,
): void {
  fixedBase.multiplyGenerator(point, secretNonce);
  challenge(signature + scalar.SIZE, message);
  scalar.multiply(product, privateKey, signature + scalar.SIZE);
  scalar.subtract(signature, secretNonce, product);
}

export function sign(signature: usize, message: usize, privateKey: usize, entropy: usize): void {
  memory.copy(seed, DOMAIN, DOMAIN_SIZE);
  memory.copy(seed + DOMAIN_SIZE, privateKey, scalar.SIZE);
  memory.copy(seed + DOMAIN_SIZE + scalar.SIZE, message, extension.SIZE);
  memory.copy(seed + SEED_SIZE - ENTROPY_SIZE, entropy, ENTROPY_SIZE);
  sha512.digest(digest, seed, SEED_SIZE);
  scalar.reduceWide(nonce, digest);
  signWithNonce(signature, message, privateKey, nonce);
}

/**
 * Whether a signature of a message verifies; everything here is public. Under the neutral element, the
 * key of a revoked slot, anybody could sign, so nothing verifies.
 */
export function verify(signature: usize, message: usize, key: usize): bool {
  const s = signature;
  const e = signature + scalar.SIZE;
  if (!scalar.isBelowOrder(s) || !scalar.isBelowOrder(e)) return false;
  if (extension.isZero(key) || !curve.decode(point, key)) return false;
  variableBase.multiply(point, point, e);
  fixedBase.multiplyGenerator(other, s);
  curve.add(point, point, other);
  challenge(product, message);
  return memory.compare(product, e, scalar.SIZE) == 0;
}

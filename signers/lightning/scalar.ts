/**
 * Integers modulo the order n of secp256k1 (SEC 2, section 2.4.1), as 32 big-endian bytes.
 *
 * JavaScript's `bigint` does not compute in constant time. Only tweaks, digests and the reference curve
 * come here; an accelerator adds to private keys in compiled code.
 */
import { etc, Point } from '@noble/secp256k1';

const order = Point.CURVE().n;
const orderBytes = etc.numberToBytesBE(order);

/** Whether `bytes` are an integer 0 ≤ x < n. */
export function isScalar(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false;
  const differs = bytes.findIndex((byte, place) => byte !== orderBytes[place]);
  return differs !== -1 && (bytes[differs] ?? 0) < (orderBytes[differs] ?? 0);
}

/** Whether `bytes` are an integer 1 ≤ x < n: a private key, or a factor. */
export function isNonZeroScalar(bytes: Uint8Array): boolean {
  return isScalar(bytes) && bytes.some((byte) => byte !== 0);
}

/** 32 bytes modulo n; those below n are given back as they are. */
export function reducedScalar(bytes: Uint8Array): Uint8Array {
  if (isScalar(bytes)) return bytes;
  return etc.numberToBytesBE(etc.mod(etc.bytesToNumberBE(bytes), order));
}

/** `left + right mod n`; throws where an operand is not below n, or the sum is 0. */
export function addScalars(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (!isScalar(left) || !isScalar(right)) throw new RangeError('scalar is not below the order');
  const sum = etc.mod(etc.bytesToNumberBE(left) + etc.bytesToNumberBE(right), order);
  if (sum === 0n) throw new RangeError('scalars cancel each other');
  return etc.numberToBytesBE(sum);
}

/** `left · right mod n`; throws where an operand is 0 or not below n. */
export function multiplyScalars(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (!isNonZeroScalar(left) || !isNonZeroScalar(right)) {
    throw new RangeError('factor is zero or not below the order');
  }
  const product = etc.bytesToNumberBE(left) * etc.bytesToNumberBE(right);
  return etc.numberToBytesBE(etc.mod(product, order));
}

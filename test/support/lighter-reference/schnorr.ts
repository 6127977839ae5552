/** Lighter's Schnorr signatures on integers, and our derivation of their nonces. */
import { createHash } from 'node:crypto';

import { concatBytes } from '../../../src/base/bytes.ts';
import * as curve from './curve.ts';
import { P } from './goldilocks.ts';
import { hash } from './poseidon2.ts';
import * as f from './quintic-extension.ts';

/** A little-endian integer. */
export function toInteger(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** 40 bytes, little endian. */
export function toScalarBytes(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 40 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n));
}

export function publicKey(privateKey: bigint): Uint8Array {
  return f.toBytes(curve.encode(curve.multiplyGenerator(privateKey)));
}

function challenge(commitment: curve.GroupElement, message: Uint8Array): bigint {
  const digest = hash([...curve.encode(commitment), ...f.limbsOf(message)], 5);
  return toInteger(f.toBytes(digest)) % curve.ORDER;
}

function signWithNonce(message: Uint8Array, privateKey: bigint, nonce: bigint): Uint8Array {
  const e = challenge(curve.multiplyGenerator(nonce), message);
  const s = (((nonce - e * privateKey) % curve.ORDER) + curve.ORDER) % curve.ORDER;
  return concatBytes(toScalarBytes(s), toScalarBytes(e));
}

/** SHA-512(`lighter nonce v1` ‖ sk ‖ m ‖ entropy) mod n. */
function nonceOf(message: Uint8Array, privateKey: bigint, entropy: Uint8Array): bigint {
  const digest = createHash('sha512')
    .update('lighter nonce v1')
    .update(toScalarBytes(privateKey))
    .update(message)
    .update(entropy)
    .digest();
  return toInteger(digest) % curve.ORDER;
}

export function sign(message: Uint8Array, privateKey: bigint, entropy: Uint8Array): Uint8Array {
  return signWithNonce(message, privateKey, nonceOf(message, privateKey, entropy));
}

export function verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  const s = toInteger(signature.subarray(0, 40));
  const e = toInteger(signature.subarray(40));
  const limbs = f.limbsOf(key);
  const element = limbs.every((limb) => limb < P) ? curve.decode(limbs) : undefined;
  if (s >= curve.ORDER || e >= curve.ORDER || element === undefined) return false;
  return (
    challenge(curve.add(curve.multiplyGenerator(s), curve.multiply(element, e)), message) === e
  );
}

/**
 * Tweaks of channel keys (BOLT 3, Key Derivation, and Appendix E): what Lightspark sends along with
 * a signing job, and how to know from our own secrets what it must be.
 */
import { sha256 } from '@noble/hashes/sha2.js';

import { concatBytes } from '../../src/base/bytes.ts';
import type { Curve } from './curve.ts';
import type { KeyTweaks } from './lightning-keys.ts';
import { isNonZeroScalar, isScalar, multiplyScalars } from './scalar.ts';

/**
 * `SHA256(per_commitment_point ‖ basepoint)`: the add tweak of the delayed payment and HTLC keys of
 * one commitment.
 */
export function commitmentTweak(perCommitmentPoint: Uint8Array, basepoint: Uint8Array): Uint8Array {
  return sha256(concatBytes(perCommitmentPoint, basepoint));
}

/**
 * Both tweaks that make our revocation base key the revocation key of a counterparty's commitment
 * whose secret was revealed:
 *   mul = SHA256(revocation_basepoint ‖ point),  add = secret · SHA256(point ‖ revocation_basepoint)
 */
export function revocationTweaks(
  curve: Curve,
  revocationBasepoint: Uint8Array,
  perCommitmentSecret: Uint8Array,
): Required<KeyTweaks> {
  const point = curve.publicKey(perCommitmentSecret);
  return {
    mul: sha256(concatBytes(revocationBasepoint, point)),
    add: multiplyScalars(perCommitmentSecret, commitmentTweak(point, revocationBasepoint)),
  };
}

/** Whether tweaks from outside may be applied: 1 ≤ mul < n and 0 ≤ add < n, 32 bytes each. */
export function areValidTweaks({ mul, add }: KeyTweaks): boolean {
  return (mul === undefined || isNonZeroScalar(mul)) && (add === undefined || isScalar(add));
}

/** `key · mul + add mod n`, in this order, as a new array; throws on invalid tweaks or a sum of 0. */
export function tweakPrivateKey(
  curve: Curve,
  privateKey: Uint8Array,
  { mul, add }: KeyTweaks,
): Uint8Array {
  const multiplied = mul === undefined ? privateKey.slice() : multiplyScalars(privateKey, mul);
  if (add === undefined) return multiplied;
  const sum = curve.addToPrivateKey(multiplied, add);
  multiplied.fill(0);
  return sum;
}

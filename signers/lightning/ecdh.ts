/**
 * ECDH as libsecp256k1 hashes it by default: SHA-256 of the compressed shared point, parity byte
 * included. The x coordinate alone, as `node:crypto` gives it, is another secret.
 */
import { sha256 } from '@noble/hashes/sha2.js';

import type { Curve } from './curve.ts';

export function sharedSecretOf(
  curve: Curve,
  privateKey: Uint8Array,
  peerPublicKey: Uint8Array,
): Uint8Array {
  const sharedPoint = curve.multiplyPoint(peerPublicKey, privateKey);
  const secret = sha256(sharedPoint);
  sharedPoint.fill(0);
  return secret;
}

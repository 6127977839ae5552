/**
 * Texts that a wallet signs (ERC-191, version 0x45; `personal_sign`).
 *
 *   digest    = Keccak-256 ("\x19Ethereum Signed Message:\n" ‖ length in bytes, decimal ‖ text)
 *   signature = r ‖ s ‖ v, 65 bytes: ECDSA with the nonce of RFC 6979, s in the lower half, v 27 or 28
 *
 * The prefix keeps a text from ever being a transaction.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 as keccak256 } from '@noble/hashes/sha3.js';
import { hashes, Point, recoverPublicKey, sign } from '@noble/secp256k1';

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { fromHex, type Hex, isHexOf, toHex } from '../../src/base/hex.ts';
import type { Secret } from '../../src/base/secret.ts';
import { addressOf } from './address.ts';

// The library asks its host for the hashes that RFC 6979 needs.
hashes.sha256 = sha256;
hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

const WALLET_SIGNATURE_SIZE = 65;

/** What `recovered` signatures add to the recovery id 0 or 1, by a custom older than Ethereum. */
const V_OFFSET = 27;

function personalMessageDigest(text: string): Uint8Array {
  const message = utf8(text);
  const prefix = utf8(`\u0019Ethereum Signed Message:\n${String(message.length)}`);
  return keccak256(concatBytes(prefix, message));
}

/** The 65 bytes of the signature. The same text and key give the same signature. */
export function signPersonalMessage(key: Secret, text: string): Hex {
  const digest = personalMessageDigest(text);
  const recovered = key.reveal((bytes) =>
    sign(digest, bytes, { prehash: false, format: 'recovered' }),
  );
  const [recoveryId = 0, ...signature] = recovered;
  return toHex(Uint8Array.of(...signature, V_OFFSET + recoveryId));
}

/**
 * The address of the wallet that signed a text; `undefined` where the signature is none: of another
 * length, out of range, or with s in the upper half, which would give each signature a twin (EIP-2).
 * Takes v as 27 and 28, and as 0 and 1, which some wallets write.
 */
export function recoverPersonalSigner(text: string, signature: Hex): Hex | undefined {
  if (!isHexOf(WALLET_SIGNATURE_SIZE, signature)) return undefined;
  const bytes = fromHex(signature);
  const v = bytes[WALLET_SIGNATURE_SIZE - 1] ?? 0;
  const recoveryId = v >= V_OFFSET ? v - V_OFFSET : v;
  if (recoveryId > 1 || !hasLowS(signature)) return undefined;
  const recovered = Uint8Array.of(recoveryId, ...bytes.subarray(0, -1));
  try {
    return addressOf(recoverPublicKey(recovered, personalMessageDigest(text), { prehash: false }));
  } catch {
    // The library tells a point that is not on the curve by throwing.
    return undefined;
  }
}

function hasLowS(signature: Hex): boolean {
  return BigInt(`0x${signature.slice(64, 128)}`) <= Point.CURVE().n / 2n;
}

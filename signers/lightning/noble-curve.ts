/** The reference curve: `@noble/secp256k1`, readable and dependency-free, slower than compiled code. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { getPublicKey, getSharedSecret, hashes, sign, utils, verify } from '@noble/secp256k1';

import { assertLength, type Curve } from './curve.ts';
import { addScalars, isNonZeroScalar } from './scalar.ts';

// The library asks its host for the hashes that RFC 6979 needs; one host, one choice.
hashes.sha256 = sha256;
hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

/** What we are given is a digest already; the library would otherwise hash it once more. */
const isDigest = { prehash: false } as const;

export const nobleCurve: Curve = Object.freeze({
  name: '@noble/secp256k1',
  sign(digest, privateKey) {
    assertLength(digest, 32, 'digest');
    return sign(digest, privateKey, isDigest);
  },
  signRecoverable(digest, privateKey) {
    assertLength(digest, 32, 'digest');
    const [recoveryId = 0, ...signature] = sign(digest, privateKey, {
      ...isDigest,
      format: 'recovered',
    });
    return { signature: Uint8Array.from(signature), recoveryId };
  },
  publicKey: (privateKey) => getPublicKey(privateKey),
  multiplyPoint(point, scalar) {
    assertLength(point, 33, 'point');
    return getSharedSecret(scalar, point);
  },
  addToPrivateKey(privateKey, scalar) {
    if (!isNonZeroScalar(privateKey)) throw new RangeError('private key is not within 1 to n - 1');
    return addScalars(privateKey, scalar);
  },
  isPoint: (bytes) => utils.isValidPublicKey(bytes, true),
  verify: (signature, digest, publicKey) =>
    signature.length === 64 &&
    digest.length === 32 &&
    utils.isValidPublicKey(publicKey, true) &&
    verify(signature, digest, publicKey, isDigest),
} satisfies Curve);

/**
 * Payment preimages of one seed, all from its preimage base key k at `m/4'`.
 *
 *   preimage = HMAC-SHA512(k, "invoice preimage" ‖ nonce)[0..32]      as the official libraries do
 *   nonce    = HMAC-SHA256(HKDF(k, "countersign/invoice-nonce/v1"), invoice id)
 *
 * Official signers draw the nonce at random, so an event delivered twice gives an invoice two
 * payment hashes. Ours follows from seed and invoice id: the same for ever, on every replica.
 *
 * An imported preimage is sealed with AES-256-GCM under keys of its own, the invoice id as
 * associated data. Its GCM nonce is a MAC of what is sealed, so sealing is a pure function, and a
 * repeated nonce means a repeated message. Layout: nonce (12) ‖ ciphertext (32) ‖ tag (16).
 *
 * The labels are part of what operators have stored and published: they never change.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { assertLength } from './curve.ts';

export interface Preimages extends Disposable {
  /** 32 bytes. */
  readonly nonceOf: (invoiceId: string) => Uint8Array;
  /** Preimage of a 32-byte nonce. */
  readonly preimageOf: (nonce: Uint8Array) => Uint8Array;
  readonly seal: (invoiceId: string, preimage: Uint8Array) => Uint8Array;
  /** `undefined` where the bytes were not sealed here for this invoice. */
  readonly open: (invoiceId: string, sealed: Uint8Array) => Uint8Array | undefined;
}

const NONCE_LENGTH = 12;
const PREIMAGE_LENGTH = 32;
const TAG_LENGTH = 16;
const CIPHER = 'aes-256-gcm';

/** Copies what it needs of `baseKey`. */
export function createPreimages(baseKey: Uint8Array): Preimages {
  const base = baseKey.slice();
  const invoiceNonceKey = subkey(base, 'countersign/invoice-nonce/v1');
  const sealKey = subkey(base, 'countersign/preimage-seal/v1');
  const sealNonceKey = subkey(base, 'countersign/preimage-seal-nonce/v1');

  return Object.freeze({
    nonceOf: (invoiceId) => hmac(sha256, invoiceNonceKey, utf8(invoiceId)),
    preimageOf(nonce) {
      assertLength(nonce, 32, 'preimage nonce');
      const digest = hmac(sha512, base, concatBytes(utf8('invoice preimage'), nonce));
      return digest.slice(0, PREIMAGE_LENGTH);
    },
    seal(invoiceId, preimage) {
      assertLength(preimage, PREIMAGE_LENGTH, 'preimage');
      const id = utf8(invoiceId);
      const nonce = hmac(sha256, sealNonceKey, concatBytes(preimage, id)).subarray(0, NONCE_LENGTH);
      const cipher = createCipheriv(CIPHER, sealKey, nonce).setAAD(id);
      return concatBytes(nonce, cipher.update(preimage), cipher.final(), cipher.getAuthTag());
    },
    open(invoiceId, sealed) {
      if (sealed.length !== NONCE_LENGTH + PREIMAGE_LENGTH + TAG_LENGTH) return undefined;
      const decipher = createDecipheriv(CIPHER, sealKey, sealed.subarray(0, NONCE_LENGTH))
        .setAAD(utf8(invoiceId))
        .setAuthTag(sealed.subarray(-TAG_LENGTH));
      const preimage = decipher.update(sealed.subarray(NONCE_LENGTH, -TAG_LENGTH));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return Uint8Array.from(preimage);
    },
    [Symbol.dispose]() {
      for (const key of [base, invoiceNonceKey, sealKey, sealNonceKey]) key.fill(0);
    },
  } satisfies Preimages);
}

/** HKDF-SHA256 (RFC 5869) without salt: the base key is uniform already. */
function subkey(base: Uint8Array, label: string): Uint8Array {
  return hkdf(sha256, base, undefined, utf8(label), 32);
}

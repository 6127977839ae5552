/**
 * The envelope of an encrypted key: the version 4 keystore of EIP-2335, for any secret of 16 to 64
 * bytes. Besides the standard's fields it carries a `kind` and an `id`. The password protects none
 * of the fields in the clear; whoever opens a keystore compares `pubkey` with the secret, and file
 * modes keep strangers from the rest.
 *
 *   key        = scrypt or PBKDF2 (password, salt)
 *   ciphertext = AES-128-CTR (key[0..16], iv, secret)
 *   checksum   = SHA-256 (key[16..32] ‖ ciphertext)
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  randomUUID,
  timingSafeEqual,
} from 'node:crypto';

import { concatBytes } from '../../base/bytes.ts';
import { fromHex, toHex, type Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import {
  deriveKey,
  STANDARD_COST,
  type DerivationCost,
  type KeyDerivation,
} from './key-derivation.ts';
import { normalizePassword } from './password.ts';

/** What a keystore says about its secret in the clear. */
export interface KeystoreLabel {
  readonly kind?: string;
  readonly id?: string;
  readonly description?: string;
  /** The public key, or for a seed its fingerprint. */
  readonly pubkey?: Hex;
  /** EIP-2334 path; empty where a secret has none. */
  readonly path: string;
}

export interface Keystore extends KeystoreLabel {
  readonly kdf: KeyDerivation;
  readonly checksum: Hex;
  readonly iv: Hex;
  readonly ciphertext: Hex;
  /** Every tool writes one; nothing rests on it. */
  readonly uuid?: string;
}

/** Length of a secret in bytes. */
export const SECRET_SIZE = Object.freeze({ least: 16, most: 64 });

/**
 * A password's derived key. The keystores of one directory may share one, and so one derivation:
 * each still has an iv of its own, and any tool opens each with the password alone.
 */
export interface WrappingKey extends Disposable {
  readonly kdf: KeyDerivation;
  readonly key: Secret;
}

/** Derives a key with a fresh salt, or again with the parameters of a keystore. */
export async function deriveWrappingKey(
  password: Secret,
  parameters: DerivationCost | KeyDerivation = STANDARD_COST,
): Promise<Result<WrappingKey, Reason>> {
  const normal = normalizePassword(password);
  if (!normal.ok) return normal;
  using usable = normal.value;
  const kdf =
    'salt' in parameters ? parameters : { ...parameters, dklen: 32, salt: toHex(randomBytes(32)) };
  const key = await deriveKey(kdf, usable);
  return ok({
    kdf,
    key,
    [Symbol.dispose]: () => {
      key[Symbol.dispose]();
    },
  });
}

/** Encrypts a secret. Fails on a password that cannot be used; throws on a secret of wrong length. */
export async function sealKeystore(
  secret: Secret,
  password: Secret,
  label: KeystoreLabel,
  cost: DerivationCost = STANDARD_COST,
): Promise<Result<Keystore, Reason>> {
  checkSize(secret);
  const derived = await deriveWrappingKey(password, cost);
  if (!derived.ok) return derived;
  using wrapping = derived.value;
  return ok(sealUnder(wrapping, secret, label));
}

/** Encrypts a secret under a key derived before. Throws on a secret of wrong length. */
export function sealUnder(
  { kdf, key }: WrappingKey,
  secret: Secret,
  label: KeystoreLabel,
): Keystore {
  checkSize(secret);
  const iv = randomBytes(16);
  const ciphertext = key.reveal((bytes) => {
    const cipher = createCipheriv('aes-128-ctr', bytes.subarray(0, 16), iv);
    return secret.reveal((plain) => concatBytes(cipher.update(plain), cipher.final()));
  });
  return {
    ...label,
    kdf,
    checksum: toHex(checksumOf(key, ciphertext)),
    iv: toHex(iv),
    ciphertext: toHex(ciphertext),
    uuid: randomUUID(),
  };
}

/**
 * Decrypts a keystore. A wrong password and a damaged file cannot be told apart. The caller
 * disposes of the secret.
 */
export async function openKeystore(
  keystore: Keystore,
  password: Secret,
): Promise<Result<Secret, Reason>> {
  const derived = await deriveWrappingKey(password, keystore.kdf);
  if (!derived.ok) return derived;
  using wrapping = derived.value;
  return openUnder(wrapping, keystore);
}

/** Decrypts a keystore whose key was derived with its own parameters. The caller disposes of the secret. */
export function openUnder({ key }: WrappingKey, keystore: Keystore): Result<Secret, Reason> {
  const ciphertext = fromHex(keystore.ciphertext);
  if (!timingSafeEqual(checksumOf(key, ciphertext), fromHex(keystore.checksum))) {
    return err({
      code: 'keys.password',
      message:
        'the password does not open it, or it is damaged; give the password it was made with',
    });
  }
  const iv = fromHex(keystore.iv);
  const plain = key.reveal((bytes) =>
    createDecipheriv('aes-128-ctr', bytes.subarray(0, 16), iv).update(ciphertext),
  );
  return ok(new Secret(new Uint8Array(plain.buffer, plain.byteOffset, plain.length)));
}

function checkSize(secret: Secret): void {
  if (secret.length >= SECRET_SIZE.least && secret.length <= SECRET_SIZE.most) return;
  throw new Error(`a keystore holds 16 to 64 bytes, not ${String(secret.length)}`);
}

function checksumOf(key: Secret, ciphertext: Uint8Array): Uint8Array {
  return key.reveal((bytes) =>
    createHash('sha256').update(bytes.subarray(16, 32)).update(ciphertext).digest(),
  );
}

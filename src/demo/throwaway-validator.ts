/** A validator key that lives as long as the demo, in a keystore whose password is cheap to try. */
import { randomBytes } from 'node:crypto';

import { PublicKey, SecretKey, Signature, verify } from '@chainsafe/blst';

import { writeKeystore } from '../adapters/keys/keystore-document.ts';
import { sealKeystore } from '../adapters/keys/keystore.ts';
import { utf8 } from '../base/bytes.ts';
import { fromHex, type Hex, isHexOf, toHex } from '../base/hex.ts';
import { Secret } from '../base/secret.ts';

export interface ThrowawayValidator {
  readonly pubkey: Hex;
  /** EIP-2335. */
  readonly keystore: string;
  readonly password: string;
  /** Whether a signature, in hex with `0x`, is one of a root by this key. */
  readonly hasSigned: (root: Uint8Array, signature: string) => boolean;
}

const CHEAP = { function: 'pbkdf2', c: 1_000 } as const;

export async function createThrowawayValidator(): Promise<ThrowawayValidator> {
  const key = SecretKey.fromKeygen(randomBytes(32));
  const pubkey = toHex(key.toPublicKey().toBytes());
  const password = toHex(randomBytes(16));
  const label = { pubkey, path: 'm/12381/3600/0/0/0' };
  using secret = new Secret(key.toBytes());
  const sealed = await sealKeystore(secret, new Secret(utf8(password)), label, CHEAP);
  if (!sealed.ok) throw new Error(sealed.error.message);
  return Object.freeze({
    pubkey,
    keystore: writeKeystore(sealed.value),
    password,
    hasSigned(root: Uint8Array, signature: string) {
      const digits = signature.replace(/^0x/, '');
      return isHexOf(96, digits) && holds(root, fromHex(pubkey), fromHex(digits));
    },
  });
}

function holds(root: Uint8Array, publicKey: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(root, PublicKey.fromBytes(publicKey, true), Signature.fromBytes(signature, true));
  } catch {
    // The library tells bytes that are no point of the curve by throwing.
    return false;
  }
}

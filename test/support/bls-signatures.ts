/** Signatures judged by the library itself, not by any code of ours. */
import { PublicKey, Signature, verify } from '@chainsafe/blst';
import { bls12_381 } from '@noble/curves/bls12-381.js';

import { fromHex } from '../../src/base/hex.ts';
import { hex } from './hex.ts';

/** All in hex, with `0x` or without; anything that is no text is no signature. */
export function verifies(pubkey: string, signingRoot: string, signature: unknown): boolean {
  if (typeof signature !== 'string') return false;
  return verify(
    bytes(signingRoot),
    PublicKey.fromBytes(bytes(pubkey), true),
    Signature.fromBytes(bytes(signature), true),
  );
}

const DOMAIN = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';

/** The same by a library that shares nothing with the one that signs, and is fifty times slower. */
export function verifiesByNoble(pubkey: string, signingRoot: string, signature: unknown): boolean {
  if (typeof signature !== 'string') return false;
  const { longSignatures } = bls12_381;
  const message = longSignatures.hash(bytes(signingRoot), DOMAIN);
  return longSignatures.verify(bytes(signature), message, bytes(pubkey));
}

function bytes(text: string): Uint8Array {
  return fromHex(hex(text.replace(/^0x/, '').toLowerCase()));
}

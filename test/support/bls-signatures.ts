/** Signatures judged by the library itself, not by any code of ours. */
import { PublicKey, Signature, verify } from '@chainsafe/blst';

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

function bytes(text: string): Uint8Array {
  return fromHex(hex(text.replace(/^0x/, '').toLowerCase()));
}

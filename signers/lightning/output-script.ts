/** Standard output scripts (BIP141, BIP341, BIP433) and the hashes they are made of. */
import { ripemd160 } from '@noble/hashes/legacy.js';

import { fromHex, type Hex, isHex, toHex } from '../../src/base/hex.ts';
import { sha256, sha256Hex } from '../../src/base/sha256.ts';

export type OutputType =
  'p2wpkh' | 'p2wsh' | 'p2tr' | 'p2pkh' | 'p2sh' | 'p2a' | 'op_return' | 'other';

const TEMPLATES: readonly (readonly [OutputType, RegExp])[] = [
  ['p2wpkh', /^0014.{40}$/],
  ['p2wsh', /^0020.{64}$/],
  ['p2tr', /^5120.{64}$/],
  ['p2pkh', /^76a914.{40}88ac$/],
  ['p2sh', /^a914.{40}87$/],
  ['p2a', /^51024e73$/],
  ['op_return', /^6a/],
];

export function outputTypeOf(script: Hex): OutputType {
  return TEMPLATES.find(([, template]) => template.test(script))?.[0] ?? 'other';
}

/** RIPEMD160(SHA256(bytes)): the script's `OP_HASH160`. */
export function hash160(bytes: Uint8Array): Hex {
  return toHex(ripemd160(sha256(bytes)));
}

/** Version-0 witness program of a compressed public key. */
export function p2wpkh(publicKey: Hex): Hex {
  return joinHex('0014', hash160(fromHex(publicKey)));
}

/** Version-0 witness program of a witness script. */
export function p2wsh(witnessScript: Hex): Hex {
  return joinHex('0020', sha256Hex(fromHex(witnessScript)));
}

/** Concatenates pieces that are hex by construction. */
export function joinHex(...parts: readonly string[]): Hex {
  const joined = parts.join('');
  if (!isHex(joined)) throw new Error('script pieces are not hex');
  return joined;
}

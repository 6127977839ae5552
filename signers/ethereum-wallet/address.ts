/** Addresses of wallets: the last 20 bytes of Keccak-256 of the public key (Yellow Paper, appendix F). */
import { getPublicKey, Point } from '@noble/secp256k1';
import { keccak_256 as keccak256 } from '@noble/hashes/sha3.js';

import { type Hex, isHexOf, toHex } from '../../src/base/hex.ts';
import type { Secret } from '../../src/base/secret.ts';
import { utf8 } from '../../src/base/bytes.ts';

const ADDRESS_SIZE = 20;

/** The address of a private key, which must be one (`isWalletKey`). */
export function walletAddress(key: Secret): Hex {
  return key.reveal((bytes) => addressOf(getPublicKey(bytes, false)));
}

/** The address of a public key, compressed or not. */
export function addressOf(publicKey: Uint8Array): Hex {
  const uncompressed = Point.fromBytes(publicKey).toBytes(false);
  // The first byte only says that the point is written in full.
  return toHex(keccak256(uncompressed.subarray(1)).subarray(-ADDRESS_SIZE));
}

/**
 * Reads `0x` and 40 hex digits. Where upper and lower case are mixed they must be the checksum that
 * ERC-55 makes of them: a mistyped address is nobody's. `undefined` for anything else.
 */
export function parseAddress(text: string): Hex | undefined {
  const digits = text.replace(/^0x/i, '');
  const address = digits.toLowerCase();
  if (!isHexOf(ADDRESS_SIZE, address)) return undefined;
  const hasOneCase = digits === address || digits === digits.toUpperCase();
  return hasOneCase || `0x${digits}` === formatAddress(address) ? address : undefined;
}

/** With `0x` and the checksum of ERC-55: a digit is upper case where the digest's nibble is 8 or more. */
export function formatAddress(address: Hex): string {
  const digest = toHex(keccak256(utf8(address)));
  const digits = Array.from(address, (digit, index) =>
    (digest[index] ?? '0') >= '8' ? digit.toUpperCase() : digit,
  );
  return `0x${digits.join('')}`;
}

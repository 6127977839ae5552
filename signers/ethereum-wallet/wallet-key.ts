/** Private keys of wallets: integers 0 < k < n of secp256k1, as 32 bytes, big endian. */
import { utils } from '@noble/secp256k1';

import { fromHex, isHexOf } from '../../src/base/hex.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';

export interface WalletKeyProblem {
  readonly code: 'wallet.private-key';
  /** Never contains the key. */
  readonly message: string;
}

export const WALLET_KEY_SIZE = 32;

export function isWalletKey(key: Secret): boolean {
  return key.reveal((bytes) => utils.isValidSecretKey(bytes));
}

/** Reads 64 hex digits of either case, with or without `0x`. The caller disposes of the key. */
export function parseWalletKey(text: string): Result<Secret, WalletKeyProblem> {
  const digits = text.replace(/^0x/i, '').toLowerCase();
  if (!isHexOf(WALLET_KEY_SIZE, digits)) {
    return refuse('wallet key is not 64 hex digits; give 32 bytes in hex');
  }
  const key = new Secret(fromHex(digits));
  if (isWalletKey(key)) return ok(key);
  return refuse('wallet key is zero or not below the group order; it is no private key');
}

function refuse(message: string): Result<never, WalletKeyProblem> {
  return err({ code: 'wallet.private-key', message });
}

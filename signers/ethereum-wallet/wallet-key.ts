/** Private keys of wallets: integers 0 < k < n of secp256k1, as 32 bytes, big endian. */
import { utils } from '@noble/secp256k1';

import type { Secret } from '../../src/base/secret.ts';

export const WALLET_KEY_SIZE = 32;

export function isWalletKey(key: Secret): boolean {
  return key.reveal((bytes) => utils.isValidSecretKey(bytes));
}

/**
 * The native BLS library, loaded late: a daemon without validator keys needs no binary of it.
 * Minimal-pubkey-size variant: public keys are 48 bytes, signatures 96, over the ciphersuite
 * `BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_` of the consensus layer.
 */
import process from 'node:process';

import type * as library from '@chainsafe/blst';

import { toHex, type Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';

export type Blst = Pick<typeof library, 'SecretKey' | 'verify'>;

export const SECRET_KEY_SIZE = 32;
export const PUBLIC_KEY_SIZE = 48;
export const SIGNATURE_SIZE = 96;
export const ROOT_SIZE = 32;

/** Fails where the package has no binary for this machine. */
export async function loadBlst(
  load: () => Promise<Blst> = () => import('@chainsafe/blst'),
): Promise<Result<Blst, Reason>> {
  try {
    return ok(await load());
  } catch {
    const machine = `${process.platform}-${process.arch}`;
    return err({
      code: 'bls.library',
      message: `cannot load the BLS library \`@chainsafe/blst\` on ${machine}; install with optional dependencies on a platform for which it ships a binary, such as linux-x64 with glibc`,
    });
  }
}

/** `undefined` where the bytes are no secret key: another length, zero, or not below the group order. */
export function publicKeyOf({ SecretKey }: Blst, secret: Uint8Array): Hex | undefined {
  if (secret.length !== SECRET_KEY_SIZE) return undefined;
  try {
    return toHex(SecretKey.fromBytes(secret).toPublicKey().toBytes());
  } catch {
    return undefined;
  }
}

/** What the kernel offers to the rest of the signer. */
import type { Secret } from '../../src/base/secret.ts';

/** Every integer is little endian. A value of the wrong length is a bug of the caller and throws. */
export interface LighterKernel {
  /**
   * Poseidon2 of at most 64 elements: five field elements as 40 bytes. An element is a 64-bit integer,
   * signed or not, and stands for its residue mod p.
   */
  readonly hash: (elements: readonly bigint[]) => Uint8Array;
  /** Whether 40 bytes are a scalar 0 < sk < n. */
  readonly isPrivateKey: (key: Secret) => boolean;
  /** 64 bytes reduced mod n; throws where they are a multiple of n, as all zeros are. */
  readonly derivePrivateKey: (wide: Secret) => Secret;
  /** The 40 bytes of the public key. */
  readonly publicKey: (privateKey: Secret) => Uint8Array;
  /**
   * The 80 bytes of a signature of a 40-byte hash. The same 64 bytes of `entropy` give the same
   * signature; fresh random ones keep a fault in the machine from repeating a nonce.
   */
  readonly sign: (message: Uint8Array, privateKey: Secret, entropy: Uint8Array) => Uint8Array;
  /** Whether the signature of the message verifies under a public key other than zero, "revoked". */
  readonly verify: (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;
}

export const MESSAGE_SIZE = 40;
export const PRIVATE_KEY_SIZE = 40;
export const PUBLIC_KEY_SIZE = 40;
export const SIGNATURE_SIZE = 80;
export const ENTROPY_SIZE = 64;

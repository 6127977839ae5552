/**
 * The operations on secp256k1 that a Lightning signer needs, independent of the library behind them.
 *
 * Keys, digests and scalars are 32 big-endian bytes; points are 33 bytes, compressed (SEC 1,
 * section 2.3.3). Every implementation gives byte-identical results. Invalid input is a bug of the
 * caller and throws; only `isPoint` and `verify` answer about bytes from outside.
 */
import type { RecoverableSignature } from './lightning-keys.ts';

export interface Curve {
  /** The package behind it. */
  readonly name: string;
  /** ECDSA over a digest: RFC 6979 nonce, low S, no low-R grinding; r ‖ s. */
  readonly sign: (digest: Uint8Array, privateKey: Uint8Array) => Uint8Array;
  /** As `sign`, with the recovery id of the low-S signature. */
  readonly signRecoverable: (digest: Uint8Array, privateKey: Uint8Array) => RecoverableSignature;
  readonly publicKey: (privateKey: Uint8Array) => Uint8Array;
  /** `scalar · point`, for 1 ≤ scalar < n. */
  readonly multiplyPoint: (point: Uint8Array, scalar: Uint8Array) => Uint8Array;
  /** `privateKey + scalar mod n`, for 0 ≤ scalar < n; throws where the sum is 0. */
  readonly addToPrivateKey: (privateKey: Uint8Array, scalar: Uint8Array) => Uint8Array;
  /** Whether the bytes are a compressed point on the curve. */
  readonly isPoint: (bytes: Uint8Array) => boolean;
  /** Whether `signature` (r ‖ s) is a valid low-S signature. */
  readonly verify: (signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array) => boolean;
}

/** Libraries differ in what lengths they let pass; this is asked before any of them. */
export function assertLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) {
    throw new RangeError(
      `${what} must have ${String(length)} bytes, not ${String(bytes.length)}; check it on receipt`,
    );
  }
}

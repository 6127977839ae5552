/** What a Lightning seed can do. One implementation per seed; no child key ever leaves it. */
import type { Hex } from '../../src/base/hex.ts';

export type BitcoinNetwork = 'MAINNET' | 'TESTNET' | 'REGTEST' | 'SIGNET';

/** Scalars applied to a derived key before it signs: `key · mul + add mod n`, in this order. */
export interface KeyTweaks {
  /** 32 bytes, 1 ≤ mul < n. */
  readonly mul?: Uint8Array;
  /** 32 bytes, 0 ≤ add < n; the sum must not be 0. */
  readonly add?: Uint8Array;
}

export interface RecoverableSignature {
  /** r ‖ s, 64 bytes, low S. */
  readonly signature: Uint8Array;
  /** 0 to 3, of the final low-S signature. */
  readonly recoveryId: number;
}

/**
 * Keys of one BIP32 seed under Lightspark's key map. Paths are canonical texts (`path.ts`); an
 * invalid path or tweak is a bug of the caller and throws.
 */
export interface LightningKeys {
  /** Master extended public key at `m`, as handed over when a node is set up. */
  readonly masterExtendedPublicKey: (network: BitcoinNetwork) => string;
  /** Compressed public key (33 bytes) of a path, after tweaks. */
  readonly publicKey: (path: string, tweaks?: KeyTweaks) => Uint8Array;
  /** ECDSA over a 32-byte digest: RFC 6979, low S, no low-R grinding; r ‖ s, 64 bytes. */
  readonly sign: (path: string, digest: Uint8Array, tweaks?: KeyTweaks) => Uint8Array;
  /** SHA-256 of the compressed shared point of the identity key `m/0` and a peer's key. */
  readonly sharedSecret: (peerPublicKey: Uint8Array) => Uint8Array;
  /** Signs a BOLT 11 signing hash with the identity key `m/0`. */
  readonly signInvoice: (payreqHash: Uint8Array) => RecoverableSignature;
  /** BOLT 3 per-commitment secret of `m/3/C` at an index counting down from 2^48 − 1. */
  readonly perCommitmentSecret: (channelPath: string, index: bigint) => Uint8Array;
  /** Compressed point (33 bytes) of the per-commitment secret. */
  readonly perCommitmentPoint: (channelPath: string, index: bigint) => Uint8Array;
  /** The nonce of an invoice: derived from seed and invoice id, so it is the same for ever. */
  readonly invoiceNonce: (invoiceId: string) => Uint8Array;
  /** Preimage of a 32-byte nonce under `m/4'`. */
  readonly preimage: (nonce: Uint8Array) => Uint8Array;
  /** SHA-256 of the preimage of a nonce. */
  readonly paymentHash: (nonce: Uint8Array) => Uint8Array;
  /** Encrypts an imported preimage for storage, bound to its invoice id. */
  readonly sealPreimage: (invoiceId: string, preimage: Uint8Array) => Hex;
  /** Opens what `sealPreimage` made; `undefined` if it is not ours or was altered. */
  readonly openPreimage: (invoiceId: string, sealed: Hex) => Uint8Array | undefined;
}

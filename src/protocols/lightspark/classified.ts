/**
 * What the bytes of one signing job say, before any state is consulted.
 *
 * `classify` derives it from path, tweaks, script, transaction and amount alone; `guard` adds what
 * our records know. Everything in a classified job was computed from bytes that its digest commits
 * to, unless a comment says otherwise.
 */
import type { Hex } from '../../base/hex.ts';
import type { Reason } from '../../core/outcome.ts';

/** The classes of signature a channel node needs; policy sees them as actions. */
export type JobClass =
  | 'l1_spend'
  | 'wallet_spend'
  | 'commitment'
  | 'mutual_close'
  | 'splice'
  | 'anchor_spend'
  | 'channel_announcement'
  | 'justice'
  | 'to_remote_claim'
  | 'to_local_sweep'
  | 'htlc_transaction'
  | 'htlc_claim'
  | 'blind';

/** One output of the transaction that would be signed. */
export interface ClassifiedOutput {
  readonly index: number;
  readonly sat: bigint;
  readonly script: Hex;
  readonly type: 'p2wpkh' | 'p2wsh' | 'p2tr' | 'p2pkh' | 'p2sh' | 'p2a' | 'op_return' | 'other';
  /** Address for the configured network, where the script has one and is not known to be ours. */
  readonly address?: string;
  /** The canonical path of our own wallet or payment key that this output provably pays. */
  readonly ownPath?: string;
}

export interface ClassifiedTransaction {
  readonly txid: Hex;
  readonly version: number;
  readonly lockTime: number;
  readonly inputs: readonly {
    readonly txid: Hex;
    readonly vout: number;
    readonly sequence: number;
  }[];
  readonly outputs: readonly ClassifiedOutput[];
  /** The input whose BIP143 digest equals the message. */
  readonly inputIndex: number;
  /**
   * 0x01 (ALL), or 0x83 (SINGLE|ANYONECANPAY) where BOLT 3 asks for it: the digest then commits to
   * this input and the output at its index only, and not to the txid.
   */
  readonly sighashType: number;
  /** Value of the spent output: the digest commits to it. */
  readonly inputSat: bigint;
}

/** Details that only some classes have; each is proven by the digest. */
export interface ClassDetails {
  /** commitment, mutual_close, splice: the funding output's script and the other side's key in it. */
  readonly fundingScript?: Hex;
  readonly counterpartyFundingKey?: Hex;
  /** commitment: the 48-bit obscured commitment number. */
  readonly obscuredNumber?: bigint;
  /** commitment: whether an output pays our payment key `/2`, and how much: it is then counterparty's. */
  readonly ownToRemoteSat?: bigint;
  /** splice: an output that pays the same funding script again. */
  readonly recreatedFundingSat?: bigint;
  /** to_local_sweep: the relative delay in the script. */
  readonly toSelfDelay?: number;
  /** htlc_transaction, htlc_claim: RIPEMD160 of the payment hash, and the script's direction. */
  readonly paymentHash160?: Hex;
  readonly htlcDirection?: 'offered' | 'received';
  readonly cltvExpiry?: number;
  /** htlc_transaction, htlc_claim: whose commitment carries the HTLC, from where our key stands in it. */
  readonly htlcOwner?: 'holder' | 'counterparty';
  /** justice: which output of the revoked commitment, or of an HTLC transaction on it, is taken. */
  readonly revokedOutput?: 'to_local' | 'htlc';
  /** channel_announcement: block, transaction and output of the funding, as 8 bytes. */
  readonly shortChannelId?: Hex;
}

export interface ClassifiedJob {
  readonly id: string;
  readonly path: string;
  /** `m/3/C` for channel keys. */
  readonly channelPath?: string | undefined;
  /** Recognised from path and script; `blind` where nothing was, or the bytes are missing. */
  readonly class: JobClass;
  /** The digest we computed and will sign; absent where any violation or doubt forbids it. */
  readonly digest?: Hex | undefined;
  /** What the sender asked to be signed; used only for comparison, and for blind test events. */
  readonly message: Hex;
  readonly addTweak?: Hex | undefined;
  readonly mulTweak?: Hex | undefined;
  /** Present when the digest was rebuilt from it. */
  readonly transaction?: ClassifiedTransaction | undefined;
  readonly details: ClassDetails;
  /** Proofs that this job breaks an invariant, from its bytes alone. */
  readonly violations: readonly Reason[];
  /** What keeps us from knowing enough, from its bytes alone. */
  readonly doubts: readonly Reason[];
}

/**
 * Slashing protection as the store offers it (EIP-3076): what a validator key has signed, and whether
 * one more block or attestation could be slashed. Slots and epochs are uint64.
 */
import type { Hex } from '../base/hex.ts';

export type SlashableDuty =
  | {
      readonly kind: 'block';
      /** 48-byte public key, lower-case hex without `0x`. */
      readonly key: Hex;
      readonly slot: bigint;
      /** 32-byte signing root, hex without `0x`. */
      readonly root: Hex;
    }
  | {
      readonly kind: 'attestation';
      readonly key: Hex;
      readonly source: bigint;
      readonly target: bigint;
      readonly root: Hex;
    };

/** Why a duty may not be signed. */
export type SlashingRule =
  | 'double_block'
  | 'block_below_watermark'
  | 'source_after_target'
  | 'double_vote'
  | 'surrounds'
  | 'surrounded'
  | 'source_below_watermark'
  | 'target_below_watermark'
  | 'above_high_watermark'
  | 'wrong_genesis'
  | 'key_disabled'
  | 'key_without_history';

export type SlashingVerdict =
  /** Recorded in this transaction, or recorded before with the same root. */
  | { readonly kind: 'allowed'; readonly isRepeat: boolean }
  | { readonly kind: 'refused'; readonly rule: SlashingRule; readonly message: string };

/** Without a root it is not known what was signed, so it is never signed again. */
export interface SignedBlock {
  readonly slot: bigint;
  readonly root?: Hex;
}

export interface SignedAttestation {
  readonly source: bigint;
  readonly target: bigint;
  readonly root?: Hex;
}

/** What one key has signed, in ascending order. */
export interface SigningHistory {
  readonly blocks: readonly SignedBlock[];
  readonly attestations: readonly SignedAttestation[];
}

/**
 * Low watermarks: a block's slot and a target must be above them, a source not below. An absent one
 * bounds nothing.
 */
export interface Watermarks {
  readonly slot?: bigint;
  readonly source?: bigint;
  readonly target?: bigint;
}

/** No block of this slot or later and no vote that touches this epoch or a later one is signed. */
export interface HighWatermark {
  readonly slot: bigint;
  readonly epoch: bigint;
}

/** A key as slashing protection knows it. */
export interface ProtectedKey {
  readonly key: Hex;
  readonly isEnabled: boolean;
  /** Whether it was said where its history begins: by `begin`, `raise` or imported records. */
  readonly hasHistory: boolean;
  /** In force: the higher of `floor` and the lowest record. */
  readonly low: Watermarks;
  /** Where records were pruned or watermarks were raised; never falls. */
  readonly floor: Watermarks;
}

/** What holds for all keys. */
export interface SlashingSettings {
  /** 32-byte genesis validators root of the one chain that is signed for; absent until pinned. */
  readonly genesisRoot?: Hex;
  readonly highWatermark?: HighWatermark;
  /** When a duty was last recorded, epoch milliseconds; tells an idle database. */
  readonly lastActivity?: number;
}

/** How much history pruning leaves, counted back from the newest record of each kind. */
export interface KeptHistory {
  readonly slots: bigint;
  readonly epochs: bigint;
}

/**
 * Part of a transaction: checks see what this transaction recorded before. What touches a key needs
 * its lane (`slashingLane`).
 */
export interface SlashingLedger {
  /**
   * Checks and, if allowed, records. Pins the genesis root where none is; refuses `wrong_genesis`
   * where another one is.
   */
  readonly record: (duty: SlashableDuty, genesisRoot: Hex) => Promise<SlashingVerdict>;
  /** Lets a key without history begin at these watermarks; leaves one with a history as it is. */
  readonly begin: (key: Hex, marks: Watermarks) => Promise<void>;
  /** Raises watermarks of a key, known or not; lower ones than in force change nothing. */
  readonly raise: (key: Hex, marks: Watermarks) => Promise<void>;
  /** A disabled key signs neither blocks nor attestations, whichever process asks. */
  readonly setEnabled: (key: Hex, isEnabled: boolean) => Promise<void>;
  /** Adds records made elsewhere. Two roots for one duty leave it without a root. */
  readonly merge: (key: Hex, history: SigningHistory) => Promise<void>;
  /**
   * Forgets old records and raises the floor to them. In a transaction of its own: not together
   * with new records of the same key. Resolves to how many records went.
   */
  readonly prune: (key: Hex, kept: KeptHistory) => Promise<number>;
  /** `false` where another root is pinned already. */
  readonly pinGenesis: (root: Hex) => Promise<boolean>;
  /** Duties that are being decided at this moment may still be signed. */
  readonly setHighWatermark: (mark: HighWatermark | undefined) => Promise<void>;
}

/** Committed slashing protection, outside of any transaction. */
export interface SlashingReader {
  /** The verdict that `record` would give now; records nothing. */
  readonly check: (duty: SlashableDuty, genesisRoot: Hex) => Promise<SlashingVerdict>;
  readonly key: (key: Hex) => Promise<ProtectedKey | undefined>;
  /** Keys in ascending order, from the one after `after` on. */
  readonly keys: (after: Hex | undefined, limit: number) => Promise<readonly ProtectedKey[]>;
  /** The highest target epoch on record that a key voted for. */
  readonly newestTarget: (key: Hex) => Promise<bigint | undefined>;
  readonly history: (key: Hex) => Promise<SigningHistory>;
  readonly settings: () => Promise<SlashingSettings>;
}

/** The lane of everything about a key's duties; the room of the world takes the same one. */
export function slashingLane(key: Hex): string {
  return `ethereum/key/${key}`;
}

/** The lane of what holds for all keys. */
export const SLASHING_SETTINGS_LANE = 'ethereum/slashing-settings';

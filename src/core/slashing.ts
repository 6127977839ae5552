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

/** Part of a transaction: checks see what this transaction recorded before. */
export interface SlashingLedger {
  /** Checks and, if allowed, records. Refuses `wrong_genesis` where another root is pinned. */
  readonly record: (duty: SlashableDuty, genesisRoot: Hex) => Promise<SlashingVerdict>;
}

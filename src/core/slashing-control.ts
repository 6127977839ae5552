/** What an operator may see and do of slashing protection; where its adapter and its routes meet. */
import type { Hex } from '../base/hex.ts';
import type { Result } from '../base/result.ts';
import type { Reason } from './outcome.ts';
import type { HighWatermark, SlashableDuty, SlashingVerdict } from './slashing.ts';

/** How the records of one key ended; a key that failed must not sign. */
export type KeyImport =
  | { readonly kind: 'imported'; readonly blocks: number; readonly attestations: number }
  | { readonly kind: 'failed'; readonly reason: Reason };

export interface ImportReport {
  readonly genesisRoot: Hex;
  /** Keys of the document; without those that were not asked for. */
  readonly keys: ReadonlyMap<Hex, KeyImport>;
}

/** Up to this slot and this epoch nothing more is signed. */
export interface SignedUpTo {
  readonly slot: bigint;
  readonly epoch: bigint;
}

export interface SlashingControl {
  /** The interchange document (EIP-3076) of all keys, piece by piece. */
  readonly exportDocument: () => AsyncIterable<string>;
  /** A document that cannot be used refuses the whole; records that cannot be kept only their key. */
  readonly importDocument: (document: Uint8Array) => Promise<Result<ImportReport, Reason>>;
  /** Raises watermarks, and never lowers any. Resolves to how many keys that is. */
  readonly raise: (keys: readonly Hex[] | 'all', upTo: SignedUpTo) => Promise<number>;
  /** `undefined` removes it. */
  readonly setHighWatermark: (mark: HighWatermark | undefined) => Promise<void>;
  /** What would be said of this duty now; records nothing. */
  readonly check: (duty: SlashableDuty) => Promise<SlashingVerdict>;
}

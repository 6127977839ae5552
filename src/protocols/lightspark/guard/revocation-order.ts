/**
 * In which order per-commitment secrets leave (BOLT 2, "Completing the Transition to the Updated
 * State": each commitment is revoked once, oldest first).
 *
 * A secret that left can never be recalled, so what is in doubt is withheld: the operator accepts a
 * gap by name. First sight of a channel is its baseline.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Reason } from '../../../core/outcome.ts';
import { FIRST_COMMITMENT_INDEX } from '../../../../signers/lightning/index.ts';
import { indexOfNumber } from '../../../../signers/lightning/commitment-number.ts';
import type { ChannelRecord } from '../state.ts';

/** What releasing the secret of an index would be. */
export type Release =
  /** It left before, and leaves again unchanged. */
  | 'repeated'
  | 'next'
  /** Nothing is known of the order so far. */
  | 'baseline'
  /** Secrets between the last and this one never left here. */
  | 'gap';

export function releaseOf(channel: ChannelRecord, index: bigint): Release {
  if (isReleased(channel, index)) return 'repeated';
  if (index === nextRelease(channel)) return 'next';
  return isOrdered(channel) || isKnownGap(channel, index) ? 'gap' : 'baseline';
}

/** Gaps on record; one that is asked for again and again is there once. */
const MAX_GAPS = 16;

/** The channel with a gap on record, so that an older database does not take it for a baseline. */
export function withGap(channel: ChannelRecord, index: bigint): ChannelRecord {
  if (isKnownGap(channel, index)) return channel;
  return { ...channel, gaps: [...(channel.gaps ?? []), index].slice(-MAX_GAPS) };
}

function isKnownGap({ gaps = [] }: ChannelRecord, index: bigint): boolean {
  return gaps.includes(index);
}

/** The highest index that did not leave; unknown before anything did, unless we saw the beginning. */
export function nextRelease(channel: ChannelRecord): bigint | undefined {
  if (channel.released !== undefined) return channel.released - 1n;
  return isOrdered(channel) ? FIRST_COMMITMENT_INDEX : undefined;
}

function isOrdered({ order }: ChannelRecord): boolean {
  return order === 'begun' || order === 'complete';
}

/** The channel after the secret of `index` left; a gap, where it is not refused, is the new baseline. */
export function afterRelease(channel: ChannelRecord, index: bigint): ChannelRecord {
  const release = releaseOf(channel, index);
  if (release === 'repeated') return channel;
  const releasedFrom = release === 'next' ? (channel.releasedFrom ?? index) : index;
  return { ...channel, released: index, releasedFrom, order: 'complete' };
}

/** Whether the secret of an index left, or is older than one that was accepted as a baseline. */
export function isReleased({ released }: ChannelRecord, index: bigint): boolean {
  return released !== undefined && index >= released;
}

/** Whether the secret of an index left from here: what a baseline says of older ones is no proof. */
export function isProvenReleased(channel: ChannelRecord, index: bigint): boolean {
  const { releasedFrom } = channel;
  return isReleased(channel, index) && releasedFrom !== undefined && index <= releasedFrom;
}

/** Whether the secret of an index would revoke a commitment of ours that was signed to be published. */
export function revokesSigned({ holders }: ChannelRecord, index: bigint): boolean {
  return holders.some(({ number }) => indexOfNumber(number) === index);
}

/**
 * The channel with `index` as the next secret that may leave: what an operator decides after
 * comparing with the node. Secrets that left cannot be taken back, and a commitment that was signed
 * to be published cannot be passed over.
 */
export function rebaseline(channel: ChannelRecord, index: bigint): Result<ChannelRecord, Reason> {
  if (isReleased(channel, index)) {
    const message = `the secret of index \`${String(index)}\` was released before and is released again without this`;
    return err({ code: 'already_released', message });
  }
  const passed = channel.holders.find(({ number }) => {
    const signed = indexOfNumber(number);
    return signed >= index && !isReleased(channel, signed);
  });
  if (passed !== undefined) {
    const message = `commitment \`${String(passed.number)}\` was signed to be published: its secret must never be released; let the channel close`;
    return err({ code: 'release_of_signed_commitment', message });
  }
  const accepted = index < FIRST_COMMITMENT_INDEX ? { released: index + 1n } : {};
  return ok({ ...channel, ...accepted, releasedFrom: index, order: 'complete' });
}

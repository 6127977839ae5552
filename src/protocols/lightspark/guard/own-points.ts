/**
 * Whether a tweak is that of one of our own per-commitment points: the one proof that a transaction
 * is our own commitment, or spends from it (BOLT 3, "Key Derivation").
 */
import { type Hex, toHex } from '../../../base/hex.ts';
import { createRecentlyUsed } from '../../../base/recently-used.ts';
import {
  type ChannelKey,
  channelKeyPath,
  commitmentTweak,
  isCommitmentIndex,
  type LightningKeys,
} from '../../../../signers/lightning/index.ts';
import type { ChannelRecord } from '../state.ts';
import { nextRelease } from './revocation-order.ts';

export interface OwnPoints {
  /** The first of `indices` whose point makes `tweak` for this key of the channel. */
  readonly indexOf: (
    channelPath: string,
    key: Extract<ChannelKey, 'delayed_payment' | 'htlc'>,
    tweak: Hex,
    indices: readonly bigint[],
  ) => bigint | undefined;
}

/** Indices on either side of the one in force that may matter: points ahead, and late claims behind. */
const REACH = 64n;
const KEYS_REMEMBERED = 256;
const TWEAKS_REMEMBERED = 512;

/**
 * Indices whose points may be in use, likeliest first; none where nothing is known of the channel.
 *
 * They hang on the last released secret wherever there is one, because a sender may ask for points
 * as far ahead as it likes.
 */
export function indicesInUse(channel: ChannelRecord): readonly bigint[] {
  const { pointsFrom, order } = channel;
  const next = nextRelease(channel) ?? pointsFrom;
  if (next === undefined) return [];
  // After a restore, points may have been issued that are not on record.
  const isBound = pointsFrom !== undefined && pointsFrom < next && order !== 'restored';
  const lowest = isBound && pointsFrom > next - REACH ? pointsFrom : next - REACH;
  const ahead = indices(next, lowest, -1n);
  const behind = indices(next + 1n, next + REACH, 1n);
  return [...ahead, ...behind].filter(isCommitmentIndex);
}

/** Remembers tweaks by index, since a force closure asks for many at once. */
export function createOwnPoints(keys: LightningKeys): OwnPoints {
  const remembered = createRecentlyUsed<Map<bigint, Hex>>(KEYS_REMEMBERED, () => undefined);

  function tweaksOf(keyPath: string): Map<bigint, Hex> {
    const known = remembered.get(keyPath);
    if (known !== undefined && known.size < TWEAKS_REMEMBERED) return known;
    const tweaks = new Map<bigint, Hex>();
    remembered.set(keyPath, tweaks);
    return tweaks;
  }

  return Object.freeze({
    indexOf(channelPath, key, tweak, candidates) {
      const keyPath = channelKeyPath(channelPath, key);
      const basepoint = keys.publicKey(keyPath);
      const tweaks = tweaksOf(keyPath);
      return candidates.find((index) => {
        const own =
          tweaks.get(index) ??
          toHex(commitmentTweak(keys.perCommitmentPoint(channelPath, index), basepoint));
        tweaks.set(index, own);
        return own === tweak;
      });
    },
  } satisfies OwnPoints);
}

function indices(from: bigint, to: bigint, step: 1n | -1n): readonly bigint[] {
  const count = Number((to - from) * step) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, place) => from + step * BigInt(place));
}

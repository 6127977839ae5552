/** Points that are given out for commitments to come, and secrets that revoke those that were. */
import type { Reason } from '../../../core/outcome.ts';
import { FIRST_COMMITMENT_INDEX, parsePath } from '../../../../signers/lightning/index.ts';
import type { CommitmentIndex } from '../events.ts';
import type { FactValues } from '../fact-values.ts';
import { unknownChannel } from '../state.ts';
import { channelBegan } from './funding-outputs.ts';
import type { Ledger } from './ledger.ts';
import {
  afterRelease,
  isReleased,
  type Release,
  releaseOf,
  revokesSigned,
  withGap,
} from './revocation-order.ts';
import { factsOnly, type Verdict } from './verdict.ts';

/** The channel that a path names, if it is one. */
export function channelPathOf({ derivationPath }: CommitmentIndex): string | undefined {
  const path = parsePath(derivationPath);
  return path.ok && path.value.use.kind === 'channel' ? path.value.text : undefined;
}

/** A point may be asked for any number of times: it binds nobody. */
export function judgePoint(ledger: Ledger, asked: CommitmentIndex, now: bigint): Verdict {
  const channelPath = channelPathOf(asked);
  if (channelPath === undefined) return notAChannel(asked, {});
  const { index } = asked;
  const known = ledger.channels.get(channelPath);
  const { pointsFrom } = known ?? unknownChannel;
  const begins = known === undefined && index === FIRST_COMMITMENT_INDEX;
  if (begins) channelBegan(ledger, channelPath, now);
  if (pointsFrom === undefined || index < pointsFrom) {
    ledger.channels.change(channelPath, (channel = unknownChannel) => ({
      ...channel,
      pointsFrom: index,
      order: begins ? 'begun' : channel.order,
    }));
  }
  return factsOnly({
    channel: channelPath,
    channel_known: known !== undefined,
    index,
    point_issued: pointsFrom !== undefined && index >= pointsFrom,
  });
}

/** `observing`: the secret leaves from another signer, whatever we find. */
export function judgeRelease(ledger: Ledger, asked: CommitmentIndex, observing: boolean): Verdict {
  const channelPath = channelPathOf(asked);
  if (channelPath === undefined) {
    return notAChannel(asked, { already_released: false, after_close: false });
  }
  const { index } = asked;
  const known = ledger.channels.get(channelPath);
  const channel = known ?? unknownChannel;
  const release = releaseOf(channel, index);
  const gap = release === 'gap' ? [ratchetGap(channelPath, index)] : [];
  if (release === 'gap' && !observing) {
    ledger.channels.learn(channelPath, () => withGap(channel, index));
  }
  ledger.channels.change(channelPath, () => afterRelease(channel, index));
  return {
    facts: {
      channel: channelPath,
      channel_known: known !== undefined,
      index,
      already_released: isReleased(channel, index),
      point_issued: channel.pointsFrom !== undefined && channel.pointsFrom < index,
      after_close: channel.closing,
    },
    violations: revokesSigned(channel, index) ? [RELEASE_OF_SIGNED_COMMITMENT] : [],
    doubts: gap,
    alarms: [
      ...(observing ? gap : []),
      ...(channel.order === 'restored' && isForward(release) ? [REBASELINED_AFTER_RESTORE] : []),
    ],
  };
}

function isForward(release: Release): boolean {
  return release !== 'repeated';
}

function ratchetGap(channelPath: string, index: bigint): Reason {
  const next = `countersign lightning rebaseline ${channelPath} --index ${String(index)}`;
  const message = `secrets before index \`${String(index)}\` of \`${channelPath}\` were not released here; if the node revoked them, run \`${next}\``;
  return { code: 'ratchet_gap', message };
}

/** Official servers answer for any path; its secret could be that of a key with another purpose. */
function notAChannel(asked: CommitmentIndex, nothing: FactValues): Verdict {
  const { derivationPath: channel, index } = asked;
  return {
    ...factsOnly({ channel, channel_known: false, index, point_issued: false, ...nothing }),
    doubts: [NOT_A_CHANNEL],
  };
}

const NOT_A_CHANNEL: Reason = {
  code: 'not_a_channel',
  message: 'per-commitment secrets belong to a channel path such as `m/3/7`',
};

const RELEASE_OF_SIGNED_COMMITMENT: Reason = {
  code: 'release_of_signed_commitment',
  message:
    'our own commitment of this index was signed to be published: its secret forfeits the channel',
};

const REBASELINED_AFTER_RESTORE: Reason = {
  code: 'rebaselined_after_restore',
  message:
    'an older database was found, so this release is taken as the new baseline of the channel',
};

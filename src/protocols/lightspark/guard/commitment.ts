/**
 * Commitments: whose they are, what number they have, and whether signing one would publish a state
 * that was revoked (BOLT 3, "Commitment Transaction"; BOLT 5, "Revoked Transaction Close Handling").
 *
 * An output to our payment key makes a commitment the counterparty's. Its absence proves nothing: we
 * may have no balance. A commitment is ours only if a delayed or HTLC key of ours spends from it
 * with the tweak of our own point.
 */
import type { Hex } from '../../../base/hex.ts';
import { lasting } from '../../../base/json.ts';
import type { Reason } from '../../../core/outcome.ts';
import { indexOfNumber } from '../../../../signers/lightning/commitment-number.ts';
import type { FactValues } from '../fact-values.ts';
import { type ChannelRecord, type FundingRecord, unknownChannel } from '../state.ts';
import {
  fromFirstCommitment,
  fromOtherOutput,
  highestOf,
  isTrusted,
  numberOf,
  type Side,
  withOwnTweak,
  withSigned,
} from './commitment-numbers.ts';
import type { Ledger } from './ledger.ts';
import { isProvenReleased, isReleased } from './revocation-order.ts';
import type { Verdict } from './verdict.ts';

export interface SeenCommitment {
  readonly channelPath: string;
  readonly txid: Hex;
  /** The funding output that it spends, `txid:vout`. */
  readonly outpoint: string;
  readonly capacitySat: bigint;
  readonly script: Hex;
  readonly obscured: bigint;
  /** Value to our payment key, if there is such an output. */
  readonly ownSat?: bigint;
  /** Number that the tweak of our own point proves; the commitment is then ours. */
  readonly provenNumber?: bigint;
}

const MAX_FUNDINGS = 8;
const MAX_COMMITMENTS = 16;
const MAX_HOLDERS = 128;

const REVOKED_COMMITMENT: Reason = {
  code: 'revoked_commitment',
  message: 'our own commitment whose secret was released: publishing it forfeits the channel',
};

const REVOKED_BEFORE_BASELINE: Reason = {
  code: 'revoked_before_baseline',
  message:
    'our own commitment from before the baseline of the channel, so another signer must have revoked it; compare with the node',
};

const STALE_COMMITMENT: Reason = {
  code: 'stale_commitment',
  message:
    'a new transaction with the number of a commitment that was superseded and revoked long ago; compare with the node before anything is signed',
};

const NUMBERS_DISAGREE: Reason = {
  code: 'commitment_numbers_disagree',
  message: 'commitment numbers of a funding output contradict each other and are not used any more',
};

const FUNDING_CONTRADICTION: Reason = {
  code: 'funding_contradiction',
  message: 'value or script of a known funding output differs from before; check the node',
};

/** Judges a commitment and records it as signed. */
export function judgeCommitment(ledger: Ledger, seen: SeenCommitment): Verdict {
  const channel = ledger.channels.get(seen.channelPath) ?? unknownChannel;
  const known = channel.fundings.find(({ outpoint }) => outpoint === seen.outpoint);
  const proven = seen.provenNumber ?? provenBefore(channel, seen.txid);
  const sided = { ...seen, side: sideOf(seen, proven), proven };

  const after = signed(channel, known, sided);
  ledger.channels.change(seen.channelPath, () => after.channel);
  const disagree = after.numbers === 'disagreed' && known?.numbers !== 'disagreed';
  if (disagree) distrustNumbers(ledger, seen.channelPath, seen.outpoint);

  const revoked = proven === undefined ? NOT_REVOKED : revocationOf(channel, proven);
  return {
    facts: {
      side: sided.side,
      funding_known: known !== undefined,
      after_close: channel.closing,
      ...numberFacts(known, sided),
      ...balanceDrop(known, seen.ownSat),
    },
    violations: revoked.violations,
    doubts: [...revoked.doubts, ...(isStale(channel, known, sided) ? [STALE_COMMITMENT] : [])],
    alarms: [
      ...(disagree ? [NUMBERS_DISAGREE] : []),
      ...(isContradicted(known, seen) ? [FUNDING_CONTRADICTION] : []),
    ],
  };
}

/** What speaks against publishing our own commitment of a number. */
export function revocationOf(
  channel: ChannelRecord,
  number: bigint,
): Pick<Verdict, 'violations' | 'doubts'> {
  const index = indexOfNumber(number);
  if (isProvenReleased(channel, index)) return { violations: [REVOKED_COMMITMENT], doubts: [] };
  if (isReleased(channel, index)) return { violations: [], doubts: [REVOKED_BEFORE_BASELINE] };
  return NOT_REVOKED;
}

const NOT_REVOKED = { violations: [], doubts: [] } as const;

/**
 * Records that a commitment is ours because `txid` was spent with the tweak of our point of this
 * number; alarms where that contradicts what was believed of its number.
 */
export function commitmentProven(
  ledger: Ledger,
  channelPath: string,
  proof: { readonly txid: Hex; readonly number: bigint },
): readonly Reason[] {
  const channel = ledger.channels.get(channelPath) ?? unknownChannel;
  const commitment = channel.commitments.find(({ txid }) => txid === proof.txid);
  const funding = channel.fundings.find(({ outpoint }) => outpoint === commitment?.outpoint);
  ledger.channels.change(channelPath, () => withHolder(channel, proof));
  if (commitment === undefined || funding === undefined) return [];

  const numbers = withOwnTweak(funding.numbers, commitment.obscured, proof.number);
  if (numbers === 'disagreed') {
    distrustNumbers(ledger, channelPath, funding.outpoint);
    return funding.numbers === 'disagreed' ? [] : [NUMBERS_DISAGREE];
  }
  ledger.channels.change(
    channelPath,
    (current) => current && withFunding(current, { ...funding, ...(numbers && { numbers }) }),
  );
  return [];
}

/** Our balance on the counterparty's last commitment of a funding output, less the one given. */
export function balanceDrop(
  funding: FundingRecord | undefined,
  ownSat: bigint | undefined,
): FactValues {
  if (funding?.ownSat === undefined || ownSat === undefined) return {};
  return { own_balance_drop_sat: funding.ownSat > ownSat ? funding.ownSat - ownSat : 0n };
}

interface SidedCommitment extends SeenCommitment {
  readonly side: Side;
  readonly proven: bigint | undefined;
}

function numberFacts(
  known: FundingRecord | undefined,
  { side, proven, obscured }: SidedCommitment,
): FactValues {
  const number = proven ?? numberOf(known?.numbers, obscured);
  const last = highestOf(known?.numbers);
  const isNext = side === 'counterparty' && number !== undefined && last !== undefined;
  return {
    ...(number !== undefined && { commitment_number: number }),
    ...(last !== undefined && { last_commitment_number: last }),
    ...(isNext && { counterparty_number_step: number - last }),
  };
}

function isContradicted(known: FundingRecord | undefined, seen: SeenCommitment): boolean {
  if (known === undefined) return false;
  return known.capacitySat !== seen.capacitySat || known.script !== seen.script;
}

function sideOf(seen: SeenCommitment, proven: bigint | undefined): Side {
  if (proven !== undefined) return 'holder';
  return seen.ownSat === undefined ? 'unknown' : 'counterparty';
}

function provenBefore({ holders }: ChannelRecord, txid: Hex): bigint | undefined {
  return holders.find((holder) => holder.txid === txid)?.number;
}

/**
 * A transaction that no honest life asks for: a commitment of the counterparty repeats the highest
 * number or follows it, and one of our own is never revoked. Without proof of its side it is not
 * refused, but not signed either.
 */
function isStale(
  channel: ChannelRecord,
  known: FundingRecord | undefined,
  seen: SidedCommitment,
): boolean {
  const number = numberOf(known?.numbers, seen.obscured);
  const highest = highestOf(known?.numbers);
  return (
    seen.side === 'unknown' &&
    number !== undefined &&
    highest !== undefined &&
    number < highest &&
    isTrusted(known?.numbers) &&
    isReleased(channel, indexOfNumber(number)) &&
    !channel.commitments.some(({ txid }) => txid === seen.txid)
  );
}

function signed(
  channel: ChannelRecord,
  known: FundingRecord | undefined,
  seen: SidedCommitment,
): { readonly channel: ChannelRecord; readonly numbers: FundingRecord['numbers'] } {
  const numbers = numbersAfter(channel, known, seen);
  const { outpoint, capacitySat, script, txid, obscured, proven, ownSat = known?.ownSat } = seen;
  const funding: FundingRecord = {
    outpoint,
    capacitySat,
    script,
    ...(numbers !== undefined && { numbers }),
    ...(ownSat !== undefined && { ownSat }),
  };
  const commitments = [
    ...channel.commitments.filter((commitment) => commitment.txid !== txid),
    lasting({ txid, outpoint, obscured }),
  ].slice(-MAX_COMMITMENTS);
  const recorded = withFunding({ ...channel, commitments }, funding);
  return {
    numbers,
    channel: proven === undefined ? recorded : withHolder(recorded, { txid, number: proven }),
  };
}

function numbersAfter(
  channel: ChannelRecord,
  known: FundingRecord | undefined,
  { side, proven, obscured }: SidedCommitment,
): FundingRecord['numbers'] {
  const isFirst = channel.order === 'begun' && channel.fundings.length === 0 && side !== 'holder';
  const before =
    known?.numbers ??
    (isFirst ? fromFirstCommitment(obscured) : fromOtherOutput(channel.fundings, obscured));
  const proved = proven === undefined ? before : withOwnTweak(before, obscured, proven);
  return withSigned(proved, side, obscured);
}

/** A commitment whose secret already left is not recorded: to release that again reveals nothing. */
function withHolder(
  channel: ChannelRecord,
  holder: { readonly txid: Hex; readonly number: bigint },
): ChannelRecord {
  const isRecorded = channel.holders.some(({ number }) => number === holder.number);
  if (isRecorded || isReleased(channel, indexOfNumber(holder.number))) return channel;
  const { txid, number } = holder;
  return { ...channel, holders: [...channel.holders, { txid, number }].slice(-MAX_HOLDERS) };
}

function withFunding(channel: ChannelRecord, funding: FundingRecord): ChannelRecord {
  const others = channel.fundings.filter(({ outpoint }) => outpoint !== funding.outpoint);
  const fundings = [...others, funding];
  if (fundings.length <= MAX_FUNDINGS) return { ...channel, fundings };
  // A sender may name any number of outputs; what was learnt of one is worth more than a new one.
  const least = Math.max(
    0,
    fundings.findIndex(({ numbers }) => !isTrusted(numbers)),
  );
  return { ...channel, fundings: fundings.filter((_, place) => place !== least) };
}

/** Known whatever the verdict: what two proofs contradict is not believed again. */
function distrustNumbers(ledger: Ledger, channelPath: string, outpoint: string): void {
  ledger.channels.learn(channelPath, (channel) => {
    const funding = channel?.fundings.find((known) => known.outpoint === outpoint);
    if (channel === undefined || funding?.numbers === undefined) return channel;
    if (funding.numbers === 'disagreed') return channel;
    return withFunding(channel, { ...funding, numbers: 'disagreed' });
  });
}

/** Which jobs of a batch carry the tweak of our own point, and so prove whose commitment they spend. */
import type { Hex } from '../../../base/hex.ts';
import { FIRST_COMMITMENT_INDEX } from '../../../../signers/lightning/index.ts';
import { indexOfNumber } from '../../../../signers/lightning/commitment-number.ts';
import type { ClassifiedJob } from '../classified.ts';
import { type ChannelRecord, unknownChannel } from '../state.ts';
import { numberOf } from './commitment-numbers.ts';
import type { Ledger } from './ledger.ts';
import { indicesInUse, type OwnPoints } from './own-points.ts';

/** What the tweak of our own point proves. */
export interface OwnTweak {
  readonly channelPath: string;
  /** The transaction that is spent: our own commitment, or an HTLC transaction on it. */
  readonly txid: Hex;
  /** Number of that commitment. */
  readonly number: bigint;
}

export interface OwnTweaks {
  readonly ofJob: (id: string) => OwnTweak | undefined;
  /** Number of the commitment with this transaction id. */
  readonly numberOf: (txid: Hex) => bigint | undefined;
}

/** Searched before anything is judged: a commitment may come before the job that proves its side. */
export function findOwnTweaks(
  ledger: Ledger,
  jobs: readonly ClassifiedJob[],
  ownPoints: OwnPoints,
): OwnTweaks {
  const byJob = new Map<string, OwnTweak>();
  const byTransaction = new Map<Hex, bigint>();
  for (const job of jobs) {
    const found = ownTweakOf(ledger, job, jobs, ownPoints);
    if (found === undefined) continue;
    byJob.set(job.id, found);
    // Jobs that contradict each other are judged by the older number, which is sooner revoked.
    const other = byTransaction.get(found.txid);
    if (other === undefined || found.number < other) byTransaction.set(found.txid, found.number);
  }
  return {
    ofJob: (id) => byJob.get(id),
    numberOf: (txid) => byTransaction.get(txid),
  };
}

function ownTweakOf(
  ledger: Ledger,
  job: ClassifiedJob,
  batch: readonly ClassifiedJob[],
  ownPoints: OwnPoints,
): OwnTweak | undefined {
  const key = keyOf(job);
  const { channelPath, addTweak, transaction } = job;
  const txid = transaction?.inputs[transaction.inputIndex]?.txid;
  if (!key || channelPath === undefined || addTweak === undefined || txid === undefined) {
    return undefined;
  }
  const channel = ledger.channels.get(channelPath) ?? unknownChannel;
  const likely = indexFromNumber(channel, batch, txid);
  const indices = [...(likely === undefined ? [] : [likely]), ...indicesInUse(channel)];
  const index = ownPoints.indexOf(channelPath, key, addTweak, indices);
  return index === undefined
    ? undefined
    : { channelPath, txid, number: FIRST_COMMITMENT_INDEX - index };
}

/** HTLC scripts show whose commitment they stand on; with a counterparty's point ours is not searched. */
function keyOf(job: ClassifiedJob): 'delayed_payment' | 'htlc' | undefined {
  if (job.class === 'to_local_sweep') return 'delayed_payment';
  const isOwnHtlc = job.class === 'htlc_transaction' && job.details.htlcOwner === 'holder';
  return isOwnHtlc ? 'htlc' : undefined;
}

/** Index that the spent commitment's own number gives, wherever it was or is being signed here. */
function indexFromNumber(
  { commitments, fundings }: ChannelRecord,
  batch: readonly ClassifiedJob[],
  txid: Hex,
): bigint | undefined {
  const signed = commitments.find((commitment) => commitment.txid === txid);
  const inBatch = batch.find((job) => job.class === 'commitment' && job.transaction?.txid === txid);
  const obscured = signed?.obscured ?? inBatch?.details.obscuredNumber;
  const outpoint = signed?.outpoint ?? outpointOf(inBatch);
  if (obscured === undefined) return undefined;
  const funding = fundings.find((known) => known.outpoint === outpoint);
  const number = numberOf(funding?.numbers, obscured);
  return number === undefined ? undefined : indexOfNumber(number);
}

/** The output that a job's input spends, `txid:vout`. */
export function outpointOf(job: ClassifiedJob | undefined): string | undefined {
  const input = job?.transaction?.inputs[job.transaction.inputIndex];
  return input && `${input.txid}:${String(input.vout)}`;
}

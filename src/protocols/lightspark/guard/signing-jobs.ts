/**
 * The jobs of one `DERIVE_KEY_AND_SIGN`, judged in order: what each would change, and whether
 * anything on record forbids it or leaves it in doubt.
 */
import type { Hex } from '../../../base/hex.ts';
import { canonicalJson } from '../../../base/json.ts';
import { sha256Hex } from '../../../base/sha256.ts';
import type { Reason } from '../../../core/outcome.ts';
import { indexOfNumber } from '../../../../signers/lightning/commitment-number.ts';
import type { LightningKeys } from '../../../../signers/lightning/index.ts';
import { p2wsh } from '../../../../signers/lightning/output-script.ts';
import type { ClassifiedJob, JobClass } from '../classified.ts';
import { type FactValues, joinFacts } from '../fact-values.ts';
import { actionOf, jobFacts } from '../job-facts.ts';
import { walletPlaceOf } from '../own-scripts.ts';
import { type ChannelRecord, type FundingRecord, unknownChannel, unknownWallet } from '../state.ts';
import { balanceDrop, commitmentProven, judgeCommitment, revocationOf } from './commitment.ts';
import { numberOf } from './commitment-numbers.ts';
import { isJusticeVerified } from './counterparty-secrets.ts';
import { fundingOutputOf, fundingSpent, unmatchedFundings } from './funding-outputs.ts';
import type { Ledger } from './ledger.ts';
import type { OwnPoints } from './own-points.ts';
import { findOwnTweaks, outpointOf, type OwnTweaks } from './own-tweaks.ts';
import { factsOnly, type Verdict } from './verdict.ts';

export interface SigningJobsContext {
  readonly ledger: Ledger;
  readonly keys: LightningKeys;
  readonly ownPoints: OwnPoints;
  /** The entity under which revealed secrets were kept. */
  readonly entityId: string;
  readonly now: bigint;
}

interface JobContext extends SigningJobsContext {
  readonly batch: readonly ClassifiedJob[];
  readonly ownTweaks: OwnTweaks;
}

/** Every job with its verdict, in their order. */
export function judgeSigningJobs(
  jobs: readonly ClassifiedJob[],
  context: SigningJobsContext,
): readonly { readonly job: ClassifiedJob; readonly verdict: Verdict }[] {
  const ownTweaks = findOwnTweaks(context.ledger, jobs, context.ownPoints);
  const whole = { ...context, batch: jobs, ownTweaks };
  return jobs.map((job) => ({ job, verdict: judgeJob(job, whole) }));
}

/** What a batch as a whole shows. */
export function batchAlarms(
  jobs: readonly ClassifiedJob[],
  { ledger, now }: SigningJobsContext,
): readonly Reason[] {
  const spendsWallet = jobs.some((job) => job.class === 'l1_spend' || job.class === 'wallet_spend');
  return [...differingTweaks(jobs), ...(spendsWallet ? unmatchedFundings(ledger, now) : [])];
}

function judgeJob(job: ClassifiedJob, context: JobContext): Verdict {
  const { ledger, batch } = context;
  const channel = job.channelPath === undefined ? undefined : ledger.channels.get(job.channelPath);
  const conflict = rememberPayload(ledger, job);
  const byClass = BY_CLASS[actionOf(job)](job, context);
  return {
    facts: joinFacts(
      jobFacts(job, batch),
      job.channelPath !== undefined && actionOf(job) !== 'blind'
        ? { channel_known: channel !== undefined }
        : undefined,
      byClass.facts,
    ),
    violations: [...job.violations, ...byClass.violations],
    doubts: [...job.doubts, ...conflict, ...byClass.doubts],
    alarms: [...conflict, ...byClass.alarms],
  };
}

const BY_CLASS: Readonly<Record<JobClass, (job: ClassifiedJob, context: JobContext) => Verdict>> = {
  l1_spend: judgeWalletSpend,
  wallet_spend: judgeWalletSpend,
  commitment: judgeCommitmentJob,
  mutual_close: judgeMutualClose,
  splice: judgeSplice,
  anchor_spend: () => factsOnly({}),
  channel_announcement: () => factsOnly({}),
  justice: (job, context) => factsOnly({ tweak_verified: isJustice(job, context) }),
  to_remote_claim: () => factsOnly({}),
  to_local_sweep: judgeTweaked,
  htlc_transaction: judgeTweaked,
  htlc_claim: () => factsOnly({ tweak_verified: false }),
  blind: () => factsOnly({}),
};

function judgeCommitmentJob(job: ClassifiedJob, { ledger, ownTweaks, now }: JobContext): Verdict {
  const { transaction, details } = job;
  const { channelPath, funding } = spentFunding(job, ledger);
  const outpoint = outpointOf(job);
  const { obscuredNumber: obscured, fundingScript, ownToRemoteSat: ownSat } = details;
  if (
    transaction === undefined ||
    outpoint === undefined ||
    obscured === undefined ||
    fundingScript === undefined
  ) {
    throw new Error('a commitment was classified without its parts');
  }
  const { txid, inputSat: sat } = transaction;
  const script = p2wsh(fundingScript);
  const provenNumber = ownTweaks.numberOf(txid);
  const judged = judgeCommitment(ledger, {
    channelPath,
    txid,
    outpoint,
    capacitySat: sat,
    script,
    obscured,
    ...(ownSat !== undefined && { ownSat }),
    ...(provenNumber !== undefined && { provenNumber }),
  });
  const spent = { outpoint, sat, script, channelPath };
  const contradiction = funding === undefined ? fundingSpent(ledger, spent, now) : [];
  return { ...judged, alarms: [...judged.alarms, ...contradiction] };
}

function judgeMutualClose(job: ClassifiedJob, { ledger }: JobContext): Verdict {
  const { channelPath, channel, funding } = spentFunding(job, ledger);
  ledger.channels.change(channelPath, () =>
    channel.closing ? channel : { ...channel, closing: true },
  );
  const own = (job.transaction?.outputs ?? []).filter(({ ownPath }) => ownPath !== undefined);
  const ownSat = own.reduce((sum, { sat }) => sum + sat, 0n);
  return factsOnly({
    funding_known: funding !== undefined,
    after_close: channel.closing,
    ...balanceDrop(funding, ownSat),
  });
}

function judgeSplice(job: ClassifiedJob, context: JobContext): Verdict {
  const { channel, funding } = spentFunding(job, context.ledger);
  return factsOnly({
    funding_known: funding !== undefined,
    after_close: channel.closing,
    ...candidateFacts(job, context),
  });
}

/** The channel whose funding output a job spends, and what is known of both. */
function spentFunding(
  job: ClassifiedJob,
  { channels }: Ledger,
): {
  readonly channelPath: string;
  readonly channel: ChannelRecord;
  readonly funding: FundingRecord | undefined;
} {
  const { channelPath } = job;
  if (channelPath === undefined)
    throw new Error('a funding output was classified without its channel');
  const channel = channels.get(channelPath) ?? unknownChannel;
  const outpoint = outpointOf(job);
  return {
    channelPath,
    channel,
    funding: channel.fundings.find((known) => known.outpoint === outpoint),
  };
}

function judgeWalletSpend(job: ClassifiedJob, context: JobContext): Verdict {
  const place = walletPlaceOf(job.path);
  if (place !== undefined) {
    const index = BigInt(place.index);
    context.ledger.wallet.change('', (current = unknownWallet) =>
      index > (current.highest[place.chain] ?? -1n)
        ? { ...current, highest: { ...current.highest, [place.chain]: index } }
        : current,
    );
  }
  return factsOnly(candidateFacts(job, context));
}

/** An HTLC transaction, or a sweep of a delayed output: is it on a commitment of ours, and which? */
function judgeTweaked(job: ClassifiedJob, { ledger, ownTweaks }: JobContext): Verdict {
  const own = ownTweaks.ofJob(job.id);
  if (own === undefined) return factsOnly({ tweak_verified: false });
  const channel = ledger.channels.get(own.channelPath) ?? unknownChannel;
  const revoked = revocationOf(channel, own.number);
  const verdict = {
    ...factsOnly({ tweak_verified: true }),
    alarms: commitmentProven(ledger, own.channelPath, own),
  };
  if (job.class === 'htlc_transaction') return { ...verdict, ...revoked };
  // What a revoked commitment left us may still be ours: taking it reveals and forfeits nothing.
  const isRevoked = revoked.violations.length > 0 || revoked.doubts.length > 0;
  return { ...verdict, alarms: [...verdict.alarms, ...(isRevoked ? [REVOKED_SWEPT] : [])] };
}

function isJustice(job: ClassifiedJob, { ledger, keys, entityId }: JobContext): boolean {
  const { channelPath, addTweak: add, mulTweak: mul, transaction } = job;
  if (channelPath === undefined || add === undefined || mul === undefined) return false;
  const channel = ledger.channels.get(channelPath) ?? unknownChannel;
  const spent = transaction?.inputs[transaction.inputIndex]?.txid;
  const commitment = channel.commitments.find(({ txid }) => txid === spent);
  const funding = channel.fundings.find(({ outpoint }) => outpoint === commitment?.outpoint);
  const number = commitment && numberOf(funding?.numbers, commitment.obscured);
  const index = number === undefined ? undefined : indexOfNumber(number);
  const tweaks = { channelPath, add, mul, ...(index !== undefined && { index }) };
  return isJusticeVerified(ledger, entityId, tweaks, keys);
}

function candidateFacts(job: ClassifiedJob, { ledger, now }: JobContext): FactValues {
  const output = job.transaction && fundingOutputOf(ledger, job.transaction, now);
  return output === undefined
    ? { funding_candidate: false }
    : { funding_candidate: true, funding_candidate_sat: output.sat };
}

/** One payload id never gets two answers. */
function rememberPayload(ledger: Ledger, job: ClassifiedJob): readonly Reason[] {
  const asked = [job.path, job.message, job.addTweak ?? null, job.mulTweak ?? null];
  const content = sha256Hex(canonicalJson(asked));
  const known = ledger.payloads.get(job.id);
  ledger.payloads.change(job.id, (current) => current ?? { content });
  return known === undefined || known.content === content ? [] : [PAYLOAD_CONFLICT];
}

/** All HTLCs of one commitment of the counterparty are tweaked by one point (BOLT 3, "Key Derivation"). */
function differingTweaks(jobs: readonly ClassifiedJob[]): readonly Reason[] {
  const tweaks = new Map<Hex, Hex | undefined>();
  for (const { details, transaction, addTweak } of jobs) {
    const spent = transaction?.inputs[transaction.inputIndex]?.txid;
    if (details.htlcOwner !== 'counterparty' || spent === undefined) continue;
    if (tweaks.has(spent) && tweaks.get(spent) !== addTweak) return [HTLC_TWEAKS_DIFFER];
    tweaks.set(spent, addTweak);
  }
  return [];
}

const PAYLOAD_CONFLICT: Reason = {
  code: 'payload_conflict',
  message: 'a payload id that was signed before asks for something else now',
};

const REVOKED_SWEPT: Reason = {
  code: 'revoked_commitment_swept',
  message:
    'sweeps our own commitment whose secret was released: it was published by mistake; check the node',
};

const HTLC_TWEAKS_DIFFER: Reason = {
  code: 'htlc_tweaks_differ',
  message: 'HTLCs of one commitment of the counterparty carry different tweaks',
};

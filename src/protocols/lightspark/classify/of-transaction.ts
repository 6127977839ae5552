/** What a job means by the transaction it comes with. */
import { fromHex } from '../../../base/hex.ts';
import { unreachable } from '../../../base/unreachable.ts';
import { channelKeyPath, type PathUse } from '../../../../signers/lightning/index.ts';
import { SIGHASH_ALL, SIGHASH_SINGLE_ANYONECANPAY } from '../../../../signers/lightning/sighash.ts';
import {
  type ReadTransaction,
  readTransaction,
} from '../../../../signers/lightning/transaction.ts';
import type { ClassDetails, ClassifiedTransaction, JobClass } from '../classified.ts';
import type { SigningJob } from '../events.ts';
import {
  channelPathOf,
  digestsAskedFor,
  doubted,
  type Meaning,
  type Question,
  violated,
} from './meaning.ts';
import { describeOutputs } from './outputs.ts';
import type { DoubtCode } from './reasons.ts';
import {
  candidatesOf,
  findMatch,
  type Match,
  saysAllInputs,
  type SpentCandidate,
} from './rebuild.ts';
import { recognise, type Recognition } from './recognise.ts';

export function ofTransaction(question: Question): Meaning {
  const { job, use } = question;
  if (job.transaction === undefined) return blind(job);
  const read = readTransaction(fromHex(job.transaction));
  if (!read.ok) return doubted('undecodable_transaction');
  const candidates = candidatesOf(read.value, job);
  if (candidates.length === 0) return blind(job);
  const match = findMatch(read.value, candidates, digestsAskedFor(job), likeliestType(use));
  return match === undefined
    ? ofMismatch(question, read.value, candidates)
    : ofMatch(question, read.value, match);
}

function ofMatch(question: Question, read: ReadTransaction, match: Match): Meaning {
  const { job, use, network, context } = question;
  const { transaction } = read;
  const recognition = recogniseAs(question, read, match, match.sighashType);
  const isKnown = typeof recognition !== 'string';
  const name = isKnown ? recognition.class : 'blind';
  const channelPath = channelPathOf(use);
  const outputs = describeOutputs(transaction, {
    network,
    ownScripts: context.ownScripts,
    highestIndices: context.highestIndices ?? {},
    class: name,
    channelPath,
    destinationPath: job.destinationPath,
  });
  const { inputIndex, sighashType, sat, digest } = match;
  const details = isKnown ? recognition.details : {};
  return {
    class: name,
    details: name === 'commitment' ? { ...details, ...ownToRemote(outputs, channelPath) } : details,
    digest,
    transaction: { ...transaction, outputs, inputIndex, sighashType, inputSat: sat },
    violations: [],
    doubts: [
      ...(isKnown ? [] : [recognition]),
      ...(isSighashTypeOf(name, sighashType) ? [] : ['sighash_type' as const]),
      ...tweakDoubts(question, read, inputIndex),
    ],
  };
}

/**
 * The message is not the digest of anything the job names. That is proof of a false message only
 * where everything else agrees; otherwise the job is of a kind we do not understand.
 */
function ofMismatch(
  question: Question,
  read: ReadTransaction,
  candidates: readonly SpentCandidate[],
): Meaning {
  const recognitions = candidates.flatMap((candidate) =>
    [SIGHASH_ALL, SIGHASH_SINGLE_ANYONECANPAY].map((type) => ({
      recognition: recogniseAs(question, read, candidate, type),
      doubts: tweakDoubts(question, read, candidate.inputIndex),
    })),
  );
  for (const { recognition, doubts } of recognitions) {
    if (typeof recognition === 'string') continue;
    if (!question.job.isRaw) return doubted('not_raw');
    if (!saysAllInputs(read)) return doubted('blind');
    // A transaction that pays the funding script may have come along with an announcement of it.
    if (recognition.class === 'splice') return doubted('unmatched_digest');
    return doubts.length > 0 ? doubted(...doubts) : violated(recognition.class, 'digest_mismatch');
  }
  const isForeign = recognitions.some(({ recognition }) => recognition === 'own_key_not_in_script');
  return doubted(isForeign ? 'own_key_not_in_script' : 'unknown_class');
}

function recogniseAs(
  { use, ownKey }: Question,
  { transaction }: ReadTransaction,
  { inputIndex, script }: SpentCandidate,
  sighashType: number,
): Recognition {
  return recognise({ use, ownKey, script, transaction, inputIndex, sighashType });
}

/** Most of what an HTLC key signs are transactions of the counterparty under anchors. */
function likeliestType(use: PathUse): number {
  const isHtlc = use.kind === 'channel_key' && use.key === 'htlc';
  return isHtlc ? SIGHASH_SINGLE_ANYONECANPAY : SIGHASH_ALL;
}

/** BOLT 3 asks for less than everything only in HTLC transactions that the other side completes. */
function isSighashTypeOf(name: JobClass, sighashType: number): boolean {
  if (sighashType === SIGHASH_ALL) return true;
  return name === 'htlc_transaction' && sighashType === SIGHASH_SINGLE_ANYONECANPAY;
}

function tweakDoubts(
  { job, use }: Question,
  read: ReadTransaction,
  inputIndex: number,
): readonly DoubtCode[] {
  const inPsbt = read.format === 'psbt' ? read.spent[inputIndex]?.addTweak : undefined;
  return [
    ...(areUsualTweaks(use, job) ? [] : ['unexpected_tweaks' as const]),
    ...(inPsbt === undefined || inPsbt === job.addTweak ? [] : ['tweak_contradiction' as const]),
  ];
}

/** BOLT 3, "Key Derivation"; a funding key may be tweaked once a splice has replaced it. */
function areUsualTweaks(use: PathUse, { addTweak, mulTweak }: SigningJob): boolean {
  const [adds, multiplies] = [addTweak !== undefined, mulTweak !== undefined];
  if (use.kind !== 'channel_key') return !adds && !multiplies;
  switch (use.key) {
    case 'funding':
      return !multiplies;
    case 'revocation':
      return adds && multiplies;
    case 'payment':
      return !adds && !multiplies;
    case 'delayed_payment':
    case 'htlc':
      return adds && !multiplies;
    default:
      return unreachable(use.key);
  }
}

/** Only the counterparty's commitment pays our payment key; any other key of ours says nothing. */
function ownToRemote(
  outputs: ClassifiedTransaction['outputs'],
  channelPath: string | undefined,
): ClassDetails {
  if (channelPath === undefined) return {};
  const paymentPath = channelKeyPath(channelPath, 'payment');
  const own = outputs.filter(({ ownPath }) => ownPath === paymentPath);
  if (own.length === 0) return {};
  return { ownToRemoteSat: own.reduce((sum, { sat }) => sum + sat, 0n) };
}

function blind({ isRaw }: SigningJob): Meaning {
  return isRaw ? doubted('blind') : doubted('blind', 'not_raw');
}

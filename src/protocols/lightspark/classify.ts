/**
 * Says of a signing job what its bytes mean: its class, its transaction, what is provably ours, and
 * the digest we would sign. A digest is only ever our own; the sender's message is compared with it
 * and never signed.
 */
import { sha256 } from '@noble/hashes/sha2.js';

import { fromHex, type Hex, toHex } from '../../base/hex.ts';
import { unreachable } from '../../base/unreachable.ts';
import {
  areValidTweaks,
  type BitcoinNetwork,
  channelKeyPath,
  type KeyTweaks,
  type LightningKeys,
  parsePath,
  type PathUse,
} from '../../../signers/lightning/index.ts';
import { isChainOf, readAnnouncements } from '../../../signers/lightning/announcement.ts';
import { SIGHASH_ALL, SIGHASH_SINGLE_ANYONECANPAY } from '../../../signers/lightning/sighash.ts';
import { type ReadTransaction, readTransaction } from '../../../signers/lightning/transaction.ts';
import type { ClassDetails, ClassifiedJob, ClassifiedTransaction, JobClass } from './classified.ts';
import { describeOutputs } from './classify/outputs.ts';
import { doubt, type DoubtCode, violation, type ViolationCode } from './classify/reasons.ts';
import {
  candidatesOf,
  findMatch,
  type Match,
  saysAllInputs,
  type SpentCandidate,
} from './classify/rebuild.ts';
import { recognise, type Recognition } from './classify/recognise.ts';
import type { SigningJob } from './events.ts';
import type { HighestIndices, OwnScripts } from './own-scripts.ts';

export interface ClassifyContext {
  /** Made once per seed and network. */
  readonly ownScripts: OwnScripts;
  /** How far the wallets have counted; without it they are taken to be new. */
  readonly highestIndices?: HighestIndices;
}

/** What was found out about a job; anything in `violations` or `doubts` keeps it from being signed. */
interface Findings {
  readonly class: JobClass;
  readonly details: ClassDetails;
  readonly digest?: Hex;
  readonly transaction?: ClassifiedTransaction;
  readonly violations: readonly ViolationCode[];
  readonly doubts: readonly DoubtCode[];
}

/** A job whose key may sign. */
interface Question {
  readonly job: SigningJob;
  readonly use: PathUse;
  readonly ownKey: Hex;
  readonly network: BitcoinNetwork;
  readonly context: ClassifyContext;
}

/** Total: whatever the job says, the answer is a value. */
export function classify(
  job: SigningJob,
  keys: LightningKeys,
  network: BitcoinNetwork,
  context: ClassifyContext,
): ClassifiedJob {
  const path = parsePath(job.derivationPath);
  const use: PathUse = path.ok ? path.value.use : { kind: 'unknown' };
  const text = path.ok ? path.value.text : job.derivationPath;
  const channelPath = channelPathOf(use);
  const tweaks = tweaksOf(job);
  const findings = investigate();
  const { digest, violations, doubts } = findings;
  return {
    id: job.id,
    path: text,
    ...(channelPath !== undefined && { channelPath }),
    class: findings.class,
    ...(digest !== undefined && !violations.length && !doubts.length && { digest }),
    message: job.message,
    ...(job.addTweak !== undefined && { addTweak: job.addTweak }),
    ...(job.mulTweak !== undefined && { mulTweak: job.mulTweak }),
    ...(findings.transaction !== undefined && { transaction: findings.transaction }),
    details: findings.details,
    violations: violations.map(violation),
    doubts: doubts.map(doubt),
  };

  function investigate(): Findings {
    if (NOT_FOR_SIGNING.has(use.kind)) return violated('blind', 'key_not_for_signing');
    if (use.kind === 'unknown') return doubted('unknown_path');
    if (tweaks && !areValidTweaks(tweaks)) return doubted('invalid_tweak');
    const ownKey = toHex(keys.publicKey(text, tweaks));
    const question = { job, use, ownKey, network, context };
    const findings = ofTransaction(question);
    return findings.transaction === undefined ? (ofAnnouncement(question) ?? findings) : findings;
  }
}

/** Keys that have one other purpose each: an oracle on them could forge what they stand for. */
const NOT_FOR_SIGNING: ReadonlySet<PathUse['kind']> = new Set([
  'master',
  'identity',
  'channel',
  'preimage_base',
  'operation',
]);

function ofTransaction(question: Question): Findings {
  const { job } = question;
  if (job.transaction === undefined) return blind(job);
  const read = readTransaction(fromHex(job.transaction));
  if (!read.ok) return doubted('undecodable_transaction');
  const candidates = candidatesOf(read.value, job);
  if (candidates.length === 0) return blind(job);
  const match = findMatch(read.value, candidates, digestsAskedFor(job));
  return match === undefined
    ? ofMismatch(question, read.value, candidates)
    : ofMatch(question, read.value, match);
}

function ofMatch(question: Question, read: ReadTransaction, match: Match): Findings {
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
    ...(channelPath !== undefined && { channelPath }),
    ...(job.destinationPath !== undefined && { destinationPath: job.destinationPath }),
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
): Findings {
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

/** A channel's announcement is signed with the funding key and is no transaction at all. */
function ofAnnouncement({ job, use, ownKey, network }: Question): Findings | undefined {
  if (use.kind !== 'channel_key' || use.key !== 'funding') return undefined;
  const wanted = digestsAskedFor(job);
  const announcement = [job.transaction, job.script]
    .flatMap((hint) => (hint === undefined ? [] : readAnnouncements(fromHex(hint))))
    .find(({ digest }) => wanted.includes(digest));
  if (announcement === undefined) return undefined;
  const { digest, shortChannelId, fundingKeys, chainHash } = announcement;
  return {
    class: 'channel_announcement',
    details: { shortChannelId },
    digest,
    violations: [],
    doubts: [
      ...(fundingKeys.includes(ownKey) ? [] : ['own_key_not_in_script' as const]),
      ...(isChainOf(network, chainHash) ? [] : ['wrong_chain' as const]),
      ...(job.mulTweak === undefined ? [] : ['unexpected_tweaks' as const]),
    ],
  };
}

function recogniseAs(
  { use, ownKey }: Question,
  { transaction }: ReadTransaction,
  { inputIndex, script }: SpentCandidate,
  sighashType: number,
): Recognition {
  return recognise({ use, ownKey, script, transaction, inputIndex, sighashType });
}

/** The official servers sign the message as it is, whatever `is_raw` says, except one that hashes it. */
function digestsAskedFor({ message, isRaw }: SigningJob): readonly Hex[] {
  return isRaw ? [message] : [toHex(sha256(fromHex(message))), message];
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

function channelPathOf(use: PathUse): string | undefined {
  return use.kind === 'channel_key' || use.kind === 'channel' ? use.channelPath : undefined;
}

function tweaksOf({ addTweak, mulTweak }: SigningJob): KeyTweaks | undefined {
  if (addTweak === undefined && mulTweak === undefined) return undefined;
  return {
    ...(addTweak !== undefined && { add: fromHex(addTweak) }),
    ...(mulTweak !== undefined && { mul: fromHex(mulTweak) }),
  };
}

function blind({ isRaw }: SigningJob): Findings {
  return isRaw ? doubted('blind') : doubted('blind', 'not_raw');
}

function doubted(...doubts: readonly DoubtCode[]): Findings {
  return { class: 'blind', details: {}, violations: [], doubts };
}

function violated(name: JobClass, code: ViolationCode): Findings {
  return { class: name, details: {}, violations: [code], doubts: [] };
}

/** What is asked about a job, and what was found out. */
import { fromHex, type Hex } from '../../../base/hex.ts';
import { sha256Hex } from '../../../base/sha256.ts';
import type { BitcoinNetwork, PathUse } from '../../../../signers/lightning/index.ts';
import type { ClassDetails, ClassifiedTransaction, JobClass } from '../classified.ts';
import type { SigningJob } from '../events.ts';
import type { HighestIndices, OwnScripts } from '../own-scripts.ts';
import type { DoubtCode, ViolationCode } from './reasons.ts';

export interface ClassifyContext {
  /** Made once per seed and network. */
  readonly ownScripts: OwnScripts;
  /** How far the wallets have counted; without it they are taken to be new. */
  readonly highestIndices?: HighestIndices;
}

/** A job whose key may sign. */
export interface Question {
  readonly job: SigningJob;
  readonly use: PathUse;
  /** Compressed public key of the path, after tweaks. */
  readonly ownKey: Hex;
  readonly network: BitcoinNetwork;
  readonly context: ClassifyContext;
}

/** Anything in `violations` or `doubts` keeps the job from being signed. */
export interface Meaning {
  readonly class: JobClass;
  readonly details: ClassDetails;
  /** Rebuilt, and equal to what was asked for. */
  readonly digest?: Hex;
  readonly transaction?: ClassifiedTransaction;
  readonly violations: readonly ViolationCode[];
  readonly doubts: readonly DoubtCode[];
}

export function doubted(...doubts: readonly DoubtCode[]): Meaning {
  return { class: 'blind', details: {}, violations: [], doubts };
}

export function violated(name: JobClass, code: ViolationCode): Meaning {
  return { class: name, details: {}, violations: [code], doubts: [] };
}

/** The official servers sign the message as it is, whatever `is_raw` says, except one that hashes it. */
export function digestsAskedFor({ message, isRaw }: SigningJob): readonly Hex[] {
  return isRaw ? [message] : [sha256Hex(fromHex(message)), message];
}

export function channelPathOf(use: PathUse): string | undefined {
  return use.kind === 'channel_key' || use.kind === 'channel' ? use.channelPath : undefined;
}

/**
 * Says of a signing job what its bytes mean: its class, its transaction, what is provably ours, and
 * the digest we would sign. A digest is only ever our own; the sender's message is compared with it
 * and never signed.
 */
import { fromHex, toHex } from '../../base/hex.ts';
import {
  areValidTweaks,
  type BitcoinNetwork,
  type KeyTweaks,
  type LightningKeys,
  parsePath,
  type PathUse,
} from '../../../signers/lightning/index.ts';
import type { ClassifiedJob } from './classified.ts';
import {
  channelPathOf,
  type ClassifyContext,
  doubted,
  type Meaning,
  violated,
} from './classify/meaning.ts';
import { ofAnnouncement } from './classify/of-announcement.ts';
import { ofTransaction } from './classify/of-transaction.ts';
import { doubt, violation } from './classify/reasons.ts';
import type { SigningJob } from './events.ts';

/** Total: whatever the job says, the answer is a value. */
export function classify(
  job: SigningJob,
  keys: LightningKeys,
  network: BitcoinNetwork,
  context: ClassifyContext,
): ClassifiedJob {
  const parsed = parsePath(job.derivationPath);
  const path = parsed.ok ? parsed.value.text : job.derivationPath;
  const use: PathUse = parsed.ok ? parsed.value.use : { kind: 'unknown' };
  const meaning = investigate(job, use, (tweaks) => {
    const ownKey = toHex(keys.publicKey(path, tweaks));
    const question = { job, use, ownKey, network, context };
    const found = ofTransaction(question);
    return found.transaction === undefined ? (ofAnnouncement(question) ?? found) : found;
  });
  const { violations, doubts } = meaning;
  const isSignable = violations.length === 0 && doubts.length === 0;
  return {
    id: job.id,
    path,
    channelPath: channelPathOf(use),
    class: meaning.class,
    digest: isSignable ? meaning.digest : undefined,
    message: job.message,
    addTweak: job.addTweak,
    mulTweak: job.mulTweak,
    transaction: meaning.transaction,
    details: meaning.details,
    violations: violations.map(violation),
    doubts: doubts.map(doubt),
  };
}

/** Keys that have one other purpose each: an oracle on them could forge what they stand for. */
const NOT_FOR_SIGNING: ReadonlySet<PathUse['kind']> = new Set([
  'master',
  'identity',
  'channel',
  'preimage_base',
  'operation',
]);

/** Looks into the bytes only for a key that signs, with tweaks that the curve allows. */
function investigate(
  job: SigningJob,
  use: PathUse,
  look: (tweaks: KeyTweaks | undefined) => Meaning,
): Meaning {
  if (NOT_FOR_SIGNING.has(use.kind)) return violated('blind', 'key_not_for_signing');
  if (use.kind === 'unknown') return doubted('unknown_path');
  const tweaks = tweaksOf(job);
  if (tweaks !== undefined && !areValidTweaks(tweaks)) return doubted('invalid_tweak');
  return look(tweaks);
}

function tweaksOf({ addTweak, mulTweak }: SigningJob): KeyTweaks | undefined {
  if (addTweak === undefined && mulTweak === undefined) return undefined;
  return {
    ...(addTweak !== undefined && { add: fromHex(addTweak) }),
    ...(mulTweak !== undefined && { mul: fromHex(mulTweak) }),
  };
}

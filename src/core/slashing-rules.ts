/** The conditions of EIP-3076 on one more block or attestation, in the order in which they are told. */
import type { Hex } from '../base/hex.ts';
import { unreachable } from '../base/unreachable.ts';
import type {
  HighWatermark,
  ProtectedKey,
  SignedAttestation,
  SignedBlock,
  SlashableDuty,
  SlashingRule,
  SlashingVerdict,
} from './slashing.ts';

type Block = Extract<SlashableDuty, { kind: 'block' }>;
type Attestation = Extract<SlashableDuty, { kind: 'attestation' }>;

/** What a verdict on a duty rests on besides the records of its key. */
export interface Standing {
  readonly settings: {
    readonly genesisRoot?: Hex | undefined;
    readonly highWatermark?: HighWatermark | undefined;
  };
  readonly key: Pick<ProtectedKey, 'isEnabled' | 'hasHistory' | 'low'> | undefined;
}

/** Records of one key; asked only as far as the verdict needs. */
export interface Records {
  readonly block: (slot: bigint) => SignedBlock | undefined;
  /** All with this target; more than one only where they were made elsewhere. */
  readonly attestations: (target: bigint) => readonly SignedAttestation[];
  /** Whether a record has an earlier source and a later target. */
  readonly someSurrounds: (source: bigint, target: bigint) => boolean;
  /** Whether a record has a later source and an earlier target. */
  readonly someSurrounded: (source: bigint, target: bigint) => boolean;
}

export function judgeDuty(
  duty: SlashableDuty,
  genesisRoot: Hex,
  { settings, key }: Standing,
  records: Records,
): SlashingVerdict {
  if (settings.genesisRoot !== undefined && settings.genesisRoot !== genesisRoot) {
    return refusedBy('wrong_genesis', duty);
  }
  if (key?.isEnabled === false) return refusedBy('key_disabled', duty);
  if (key?.hasHistory !== true) return refusedBy('key_without_history', duty);
  const { highWatermark } = settings;
  if (highWatermark !== undefined && reaches(duty, highWatermark)) {
    return refusedBy('above_high_watermark', duty);
  }
  switch (duty.kind) {
    case 'block':
      return judgeBlock(duty, key.low, records);
    case 'attestation':
      return judgeAttestation(duty, key.low, records);
    default:
      return unreachable(duty);
  }
}

function judgeBlock(duty: Block, low: ProtectedKey['low'], records: Records): SlashingVerdict {
  const { slot, root } = duty;
  const known = records.block(slot);
  if (known !== undefined) {
    return known.root === root ? REPEATED : refusedBy('double_block', duty);
  }
  if (low.slot !== undefined && slot <= low.slot) return refusedBy('block_below_watermark', duty);
  return RECORDED;
}

function judgeAttestation(
  duty: Attestation,
  low: ProtectedKey['low'],
  records: Records,
): SlashingVerdict {
  const { source, target, root } = duty;
  if (source > target) return refusedBy('source_after_target', duty);
  const known = records.attestations(target);
  if (known.length > 0) {
    const isSame = known.every((record) => record.root === root && record.source === source);
    return isSame ? REPEATED : refusedBy('double_vote', duty);
  }
  if (low.source !== undefined && source < low.source) {
    return refusedBy('source_below_watermark', duty);
  }
  if (low.target !== undefined && target <= low.target) {
    return refusedBy('target_below_watermark', duty);
  }
  if (records.someSurrounds(source, target)) return refusedBy('surrounded', duty);
  if (records.someSurrounded(source, target)) return refusedBy('surrounds', duty);
  return RECORDED;
}

const RECORDED: SlashingVerdict = Object.freeze({ kind: 'allowed', isRepeat: false });
const REPEATED: SlashingVerdict = Object.freeze({ kind: 'allowed', isRepeat: true });

function reaches(duty: SlashableDuty, { slot, epoch }: HighWatermark): boolean {
  return duty.kind === 'block' ? duty.slot >= slot : duty.source >= epoch || duty.target >= epoch;
}

/** A refusal in words. */
export function refusedBy(rule: SlashingRule, duty: SlashableDuty): SlashingVerdict {
  return { kind: 'refused', rule, message: `${nameOf(duty)} ${WHY[rule]}` };
}

function nameOf(duty: SlashableDuty): string {
  return duty.kind === 'block'
    ? `the block of slot \`${String(duty.slot)}\``
    : `the attestation from epoch \`${String(duty.source)}\` to \`${String(duty.target)}\``;
}

const WHY = {
  double_block: 'is another one than was signed for this slot',
  block_below_watermark: 'is not above the low watermark of its key',
  source_after_target: 'has a source after its target',
  double_vote: 'is another one than was signed for this target',
  surrounds: 'surrounds one that was signed',
  surrounded: 'is surrounded by one that was signed',
  source_below_watermark: 'has a source below the low watermark of its key',
  target_below_watermark: 'has a target that is not above the low watermark of its key',
  above_high_watermark: 'is not below the high watermark; remove it to sign again',
  wrong_genesis: 'is of another chain than this database protects; check the network',
  key_disabled: 'is of a key that was disabled here; import the key to enable it',
  key_without_history:
    'is of a key without history; import its slashing protection or set its watermarks',
} as const satisfies Readonly<Record<SlashingRule, string>>;

/** A rule by its name, as another program tells it. */
export function ruleNamed(name: unknown): SlashingRule | undefined {
  return typeof name === 'string' && isRule(name) ? name : undefined;
}

function isRule(name: string): name is SlashingRule {
  return Object.hasOwn(WHY, name);
}

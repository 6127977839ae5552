/** Duties, complete but for what a test cares about, and how a ledger's verdict reads. */
import { type Hex, toHex } from '../../../src/base/hex.ts';
import type { Store } from '../../../src/core/ports.ts';
import {
  type SlashableDuty,
  slashingLane,
  type SlashingRule,
  type SlashingVerdict,
} from '../../../src/core/slashing.ts';

export type Block = Extract<SlashableDuty, { kind: 'block' }>;
export type Vote = Extract<SlashableDuty, { kind: 'attestation' }>;

export type Said = 'recorded' | 'repeated' | SlashingRule;

export function aKey(number: number): Hex {
  return numbered(48, number);
}

export function aRoot(number: number): Hex {
  return numbered(32, number);
}

export const GENESIS = aRoot(0xff);

export function aBlock(fields: Partial<Block> & Pick<Block, 'slot'>): Block {
  return { kind: 'block', key: aKey(1), root: aRoot(1), ...fields };
}

export function aVote(fields: Partial<Vote> & Pick<Vote, 'source' | 'target'>): Vote {
  return { kind: 'attestation', key: aKey(1), root: aRoot(1), ...fields };
}

export function said(verdict: SlashingVerdict): Said {
  if (verdict.kind === 'refused') return verdict.rule;
  return verdict.isRepeat ? 'repeated' : 'recorded';
}

/** One duty in a transaction of its own. */
export function record(store: Store, duty: SlashableDuty, genesisRoot: Hex): Promise<Said> {
  return store.transact([slashingLane(duty.key)], async (tx) =>
    said(await tx.slashing.record(duty, genesisRoot)),
  );
}

function numbered(length: number, number: number): Hex {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, number);
  return toHex(bytes);
}

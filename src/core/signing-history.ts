/** Histories of signed duties as sets: joined, ordered and measured. */
import type { Hex } from '../base/hex.ts';
import type { SignedAttestation, SigningHistory, Watermarks } from './slashing.ts';

export const NO_HISTORY: SigningHistory = Object.freeze({ blocks: [], attestations: [] });

/**
 * What was signed according to both. Where they disagree about the root of a duty none is kept: it
 * is not known what was signed. A record that `known` holds already comes back as the same object.
 */
export function joinHistories(known: SigningHistory, added: SigningHistory): SigningHistory {
  const blocks = joinRecords(known.blocks, added.blocks, {
    dutyOf: ({ slot }) => String(slot),
    withoutRoot: ({ slot }) => ({ slot }),
  });
  const attestations = joinRecords(known.attestations, added.attestations, {
    dutyOf: ({ source, target }) => `${String(source)}-${String(target)}`,
    withoutRoot: ({ source, target }) => ({ source, target }),
  });
  return {
    blocks: blocks.sort((a, b) => compare(a.slot, b.slot)),
    attestations: attestations.sort(
      (a, b) => compare(a.target, b.target) || compare(a.source, b.source),
    ),
  };
}

interface Kind<T> {
  readonly dutyOf: (record: T) => string;
  readonly withoutRoot: (record: T) => T;
}

function joinRecords<T extends { readonly root?: Hex }>(
  known: readonly T[],
  added: readonly T[],
  { dutyOf, withoutRoot }: Kind<T>,
): T[] {
  const byDuty = new Map(known.map((record) => [dutyOf(record), record]));
  for (const record of added) {
    const duty = dutyOf(record);
    const before = byDuty.get(duty);
    if (before === undefined) byDuty.set(duty, record);
    else if (before.root !== undefined && before.root !== record.root) {
      byDuty.set(duty, withoutRoot(before));
    }
  }
  return [...byDuty.values()];
}

/** Whether none of these, in ascending order of targets, surrounds another. */
export function isOrderly(attestations: readonly SignedAttestation[]): boolean {
  let highest: bigint | undefined;
  let highestBefore: bigint | undefined;
  let target: bigint | undefined;
  for (const attestation of attestations) {
    if (attestation.target !== target) {
      target = attestation.target;
      highestBefore = highest;
    }
    if (highestBefore !== undefined && attestation.source < highestBefore) return false;
    if (highest === undefined || attestation.source > highest) highest = attestation.source;
  }
  return true;
}

/** The minimum of each kind. */
export function lowestOf({ blocks, attestations }: SigningHistory): Watermarks {
  const slot = lowest(blocks.map((block) => block.slot));
  const source = lowest(attestations.map((attestation) => attestation.source));
  const target = lowest(attestations.map((attestation) => attestation.target));
  return {
    ...(slot === undefined ? {} : { slot }),
    ...(source === undefined ? {} : { source }),
    ...(target === undefined ? {} : { target }),
  };
}

function lowest(values: readonly bigint[]): bigint | undefined {
  let low = values[0];
  for (const value of values) if (low === undefined || value < low) low = value;
  return low;
}

function compare(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

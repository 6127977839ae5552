/** What the guard says of one item, before policy. */
import type { Reason } from '../../../core/outcome.ts';
import type { FactValues } from '../fact-values.ts';

export interface Verdict {
  readonly facts: FactValues;
  /** Proofs that an invariant would be broken. */
  readonly violations: readonly Reason[];
  /** What could not be established. */
  readonly doubts: readonly Reason[];
  /** Noteworthy, but not refusing. */
  readonly alarms: readonly Reason[];
}

/** Nothing on record speaks against it. */
export function factsOnly(facts: FactValues): Verdict {
  return { facts, violations: [], doubts: [], alarms: [] };
}

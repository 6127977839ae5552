/** Facts as values, and how groups of them are put together. */
import type { FactValue } from '../../policy/facts.ts';

export type FactValues = Readonly<Record<string, FactValue>>;

/**
 * All facts of the groups, later ones first in authority. Not by spreading: engines copy the second
 * and later spreads of one literal property by property, which takes ten times as long.
 */
export function joinFacts(...groups: readonly (FactValues | undefined)[]): FactValues {
  const facts: Record<string, FactValue> = {};
  for (const group of groups) Object.assign(facts, group);
  return facts;
}

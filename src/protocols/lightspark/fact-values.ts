/** Facts as values, and how groups of them are put together. */
import { FactRecord, type FactValue } from '../../policy/facts.ts';

export type FactValues = Readonly<Record<string, FactValue>>;

/** All facts of the groups, where a later one overrides an earlier. */
export function joinFacts(...groups: readonly (FactValues | undefined)[]): FactValues {
  return new FactRecord(...groups);
}

/** Which recorded permissions a new policy would take back: asked before it comes into force. */
import type { Decision } from '../policy/decision.ts';
import type { Facts } from '../policy/facts.ts';
import type { DecisionRecord, StoreReader } from './ports.ts';

export interface Flip {
  readonly record: DecisionRecord;
  readonly now: Decision;
}

/** How many recorded decisions are compared. */
const COMPARED = 2_000;

/**
 * Decisions of a careful world that were allowed and would now be refused. On a channel each could mean a force close,
 * so an operator confirms them by name.
 */
export async function findFlips(
  world: string,
  store: Pick<StoreReader, 'recentDecisions'>,
  evaluate: (facts: Facts) => Decision,
): Promise<readonly Flip[]> {
  const recorded = await store.recentDecisions(world, COMPARED);
  return recorded
    .filter(({ decision }) => decision.verdict === 'allow')
    .map((record) => ({ record, now: evaluate(record.facts) }))
    .filter(({ now }) => now.verdict === 'deny');
}

/**
 * Lets go of what is long over, so that the store does not grow for ever. What a room must never
 * forget (ratchets, nonces, slashing records) is state, and stays.
 */
import type { Outcome } from './outcome.ts';
import type { JobRecord, OutboxRecord, Store } from './ports.ts';

/** Jobs forgotten in one transaction, which holds up the others for some milliseconds. */
const AT_ONCE = 100;

/**
 * Forgets jobs that ended before a time (epoch milliseconds), the oldest first, until there are none or
 * it is told to stop; resolves to how many. Between two transactions `rest` lets others have their turn.
 */
export async function forgetEnded(
  store: Pick<Store, 'endedBefore' | 'transact'>,
  before: number,
  { rest, signal }: { readonly rest: () => Promise<void>; readonly signal: AbortSignal },
): Promise<number> {
  let forgotten = 0;
  while (!signal.aborted) {
    const jobs = await store.endedBefore(before, AT_ONCE);
    if (jobs.length === 0) break;
    forgotten += await forgetThese(store, jobs, before);
    await rest();
  }
  return forgotten;
}

/** What was asked for again since it was found stays. */
function forgetThese(
  store: Pick<Store, 'transact'>,
  jobs: readonly string[],
  before: number,
): Promise<number> {
  const lanes = jobs.map((job) => `job/${job}`);
  return store.transact(lanes, async (tx) => {
    const ended: string[] = [];
    for (const job of jobs) {
      const [record, rows] = await Promise.all([tx.job(job), tx.outboxOf(job)]);
      if (record === undefined || !isOver(record, rows) || record.updatedAt >= before) continue;
      ended.push(job);
    }
    tx.forgetJobs(ended, before);
    return ended.length;
  });
}

const ENDINGS: ReadonlySet<Outcome | undefined> = new Set([
  'signed',
  'declined',
  'ignored',
  'malformed',
]);

function isOver({ outcome }: JobRecord, rows: readonly OutboxRecord[]): boolean {
  return (
    ENDINGS.has(outcome) && rows.every(({ state }) => state !== 'pending' && state !== 'parked')
  );
}

/**
 * Jobs and state documents as they were last committed, so that the next stage of a job, and the next
 * job of a channel, need not read their rows again.
 *
 * Only what is durable is kept, and only this process writes. A transaction that changes something
 * holds its lane until its commit is known, so nobody in that lane can find an older version here.
 */
import type { JsonObject } from '../../base/json.ts';
import { createRecentlyUsed } from '../../base/recently-used.ts';
import type { JobRecord, OutboxRecord } from '../../core/ports.ts';
import type { Reader } from './reader.ts';

export interface RecentlyCommitted {
  /** Reads from memory what is kept there, and all else from the database. */
  readonly reader: Reader;
  /** To be called with what was committed; of documents only those that were read before stay. */
  readonly keep: (committed: Committed) => void;
  /** To be called when a commit failed: from now on only the database knows. */
  readonly forget: () => void;
}

interface Committed {
  /** `undefined` where one was forgotten. */
  readonly jobs: ReadonlyMap<string, JobRecord | undefined>;
  readonly outbox: ReadonlyMap<string, OutboxRecord>;
  /** By `slotOf` world and key. */
  readonly documents: ReadonlyMap<string, JsonObject>;
}

const JOBS = 1_000;
/** A larger body, in bytes, is rare enough to be read again. */
const LARGEST_BODY = 16_384;
const DOCUMENTS = 1_000;

export function createRecentlyCommitted(committed: Reader): RecentlyCommitted {
  const recentJobs = createRecentlyUsed<JobRecord>(JOBS, () => undefined);
  const recentDocuments = createRecentlyUsed<JsonObject>(DOCUMENTS, () => undefined);

  function state(world: string, keys: readonly string[]): ReadonlyMap<string, JsonObject> {
    const found = new Map<string, JsonObject>();
    const unknown: string[] = [];
    for (const key of keys) {
      const document = recentDocuments.get(slotOf(world, key));
      if (document === undefined) unknown.push(key);
      else found.set(key, document);
    }
    for (const [key, document] of committed.state(world, unknown)) {
      recentDocuments.set(slotOf(world, key), document);
      found.set(key, document);
    }
    return found;
  }

  return Object.freeze({
    reader: Object.freeze({
      ...committed,
      job: (job: string) => recentJobs.get(job) ?? committed.job(job),
      state,
    }),
    keep({ jobs, outbox, documents }: Committed): void {
      for (const [name, job] of jobs) {
        if (job === undefined || isOver(job, outbox)) recentJobs.delete(name);
        else if (job.body.length <= LARGEST_BODY) recentJobs.set(name, job);
      }
      for (const [slot, document] of documents) {
        if (recentDocuments.get(slot) !== undefined) recentDocuments.set(slot, document);
      }
    },
    forget(): void {
      recentJobs.clear();
      recentDocuments.clear();
    },
  });
}

/** A job that has ended and promises nothing has no next stage: to keep it would burden the collector. */
function isOver({ job, outcome }: JobRecord, outbox: Committed['outbox']): boolean {
  if (outcome === undefined) return false;
  for (const row of outbox.values()) if (row.job === job && row.state === 'pending') return false;
  return true;
}

/** One name of two; no world, key, job or part contains a NUL. */
export function slotOf(first: string, second: string): string {
  return `${first}\0${second}`;
}

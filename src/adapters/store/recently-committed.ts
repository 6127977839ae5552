/**
 * Jobs and state documents as they were last committed, so that the next stage of a job, and the next
 * job of a channel, need not read their rows again.
 *
 * Only what is durable is kept, and only this process writes. A transaction that changes something
 * holds its lane until its commit is known, so nobody in that lane can find an older version here.
 */
import type { JsonObject } from '../../base/json.ts';
import { createRecentlyUsed } from '../../base/recently-used.ts';
import type { JobRecord } from '../../core/ports.ts';
import type { Reader } from './reader.ts';

export interface RecentlyCommitted {
  /** Reads from memory what is kept there, and all else from the database. */
  readonly reader: Reader;
  /** To be called with what was committed; of documents only those that were read before stay. */
  readonly keep: (committed: Committed) => void;
  /** To be called with the error of a commit, which it throws: from now on only the database knows. */
  readonly forget: (error: unknown) => never;
}

interface Committed {
  /** `undefined` where one was forgotten. */
  readonly jobs: ReadonlyMap<string, JobRecord | undefined>;
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
    keep({ jobs, documents }: Committed): void {
      for (const [name, job] of jobs) {
        if (job === undefined || isOverAtOnce(job)) recentJobs.delete(name);
        else if (job.body.length <= LARGEST_BODY) recentJobs.set(name, job);
      }
      for (const [slot, document] of documents) {
        if (recentDocuments.get(slot) !== undefined) recentDocuments.set(slot, document);
      }
    },
    forget(error: unknown): never {
      recentJobs.clear();
      recentDocuments.clear();
      throw error;
    },
  });
}

/** What was asked in line has no next stage: to keep it would only burden the collector. */
function isOverAtOnce({ outcome, receivedAt, updatedAt }: JobRecord): boolean {
  return outcome !== undefined && updatedAt === receivedAt;
}

/** One name of two; no world, key, job or part contains a NUL. */
export function slotOf(first: string, second: string): string {
  return `${first}\0${second}`;
}

/**
 * Jobs as they were last committed, so that the next stage of a job need not read its row again.
 *
 * Only what is durable is kept, and only this process writes. A transaction that changes a job holds
 * its lane until its commit is known, so nobody in that lane can find an older version here.
 */
import { createRecentlyUsed } from '../../base/recently-used.ts';
import type { JobRecord } from '../../core/ports.ts';
import type { Reader } from './reader.ts';

export interface RecentJobs {
  /** Reads jobs by name from memory where they are kept, and all else from the database. */
  readonly reader: Reader;
  /** To be called with what was committed. */
  readonly keep: (jobs: ReadonlyMap<string, JobRecord | undefined>) => void;
  /** To be called with the error of a commit, which it throws: from now on only the database knows. */
  readonly forget: (error: unknown) => never;
}

const CAPACITY = 1_000;
/** A larger body, in bytes, is rare enough to be read again. */
const LARGEST_BODY = 16_384;

export function createRecentJobs(committed: Reader): RecentJobs {
  const recent = createRecentlyUsed<JobRecord>(CAPACITY, () => undefined);
  return Object.freeze({
    reader: Object.freeze({
      ...committed,
      job: (job: string) => recent.get(job) ?? committed.job(job),
    }),
    keep(jobs: ReadonlyMap<string, JobRecord | undefined>): void {
      for (const [name, job] of jobs) {
        if (job === undefined) recent.delete(name);
        else if (job.body.length <= LARGEST_BODY) recent.set(name, job);
      }
    },
    forget(error: unknown): never {
      recent.clear();
      throw error;
    },
  });
}

/**
 * Runs claimed jobs, a bounded number at once, each at most once at a time. What waits here is only
 * a list of names: the store holds the jobs.
 */
import type { JobRecord } from './ports.ts';

/** Jobs under way at once; most of their time they wait for a commit. */
const AT_ONCE = 128;
/** Waiting jobs whose record is kept in memory; those behind are read from the store again. */
const KEPT = 1_000;

export interface Runner<Ended, Opened> {
  /** Queues a job, perhaps already opened; the promise settles when this run of it has ended. */
  readonly run: (record: JobRecord, opened?: Opened) => Promise<Ended>;
  readonly waiting: () => number;
  /** Starts nothing more; resolves when everything under way has ended. */
  readonly stop: () => Promise<void>;
}

export interface RunnerDeps<Ended, Opened> {
  readonly reload: (job: string) => Promise<JobRecord | undefined>;
  /** One run; never rejects. */
  readonly work: (record: JobRecord, opened?: Opened) => Promise<Ended>;
  /** The answer of a job that could not be run because the daemon stops. */
  readonly stopped: Ended;
}

interface Waiting<Ended, Opened> {
  readonly job: string;
  readonly kept?: { readonly record: JobRecord; readonly opened: Opened | undefined };
  readonly settle: (ended: Ended) => void;
}

export function createRunner<Ended, Opened>(
  deps: RunnerDeps<Ended, Opened>,
): Runner<Ended, Opened> {
  const known = new Map<string, Promise<Ended>>();
  const queue: Waiting<Ended, Opened>[] = [];
  const underWay = new Set<Promise<void>>();
  let stopping = false;

  function run(record: JobRecord, opened?: Opened): Promise<Ended> {
    const running = known.get(record.job);
    if (running !== undefined) return running;
    if (stopping) return Promise.resolve(deps.stopped);
    const ended = new Promise<Ended>((settle) => {
      queue.push({
        job: record.job,
        ...(queue.length < KEPT ? { kept: { record, opened } } : {}),
        settle,
      });
    }).finally(() => known.delete(record.job));
    known.set(record.job, ended);
    next();
    return ended;
  }

  function next(): void {
    while (underWay.size < AT_ONCE && !stopping) {
      const waiting = queue.shift();
      if (waiting === undefined) return;
      const work = start(waiting).finally(() => {
        underWay.delete(work);
        next();
      });
      underWay.add(work);
    }
  }

  async function start({ job, kept, settle }: Waiting<Ended, Opened>): Promise<void> {
    const record = kept?.record ?? (await deps.reload(job));
    settle(record === undefined ? deps.stopped : await deps.work(record, kept?.opened));
  }

  async function stop(): Promise<void> {
    stopping = true;
    for (const waiting of queue.splice(0)) waiting.settle(deps.stopped);
    await Promise.all(underWay);
  }

  return Object.freeze({ run, waiting: () => queue.length, stop });
}

/**
 * decide — invariants and policy give a verdict, and everything it rests on is committed with it
 * before any signature exists. A restart resumes from that commit and never decides again.
 */
import { refusedParts, writeVerdicts } from './decided.ts';
import { frozenKeyOf } from './frozen.ts';
import { judgeParts, type JudgeDeps, type JudgedJob } from './judge.ts';
import { newOutboxRow } from './outbox.ts';
import type { Reason } from './outcome.ts';
import type { JobRecord, NewJob, OutboxRecord, Store, Transaction, Transport } from './ports.ts';
import type { Probe } from './probe.ts';
import type { Job } from './protocol.ts';
import type { Verdict } from './verdict.ts';

export interface Decided extends Pick<JudgedJob, 'events'> {
  readonly verdict: Verdict;
  readonly rules: readonly string[];
  readonly action?: string;
  readonly alarms: readonly Reason[];
  readonly record: JobRecord;
  /** Whether some refusal waits in the outbox. */
  readonly refuses: boolean;
  /** The promise to deliver the answer, where it may leave without another commit. */
  readonly row?: OutboxRecord;
}

export interface DecideDeps extends JudgeDeps {
  readonly store: Store;
  readonly transport: Pick<Transport, 'route'>;
  readonly probe?: Probe;
}

export interface Decider {
  /** Decides a claimed job; `undefined` if another run of it was faster. */
  readonly decide: (record: JobRecord, job: Job, inline: boolean) => Promise<Decided | undefined>;
  /**
   * Claims and decides in one transaction what is asked in line and answered at once. A job that is
   * known by its id is only found, for the caller to compare.
   */
  readonly decideAtOnce: (
    asked: NewJob,
    job: Job,
    mayBeKnown: boolean,
  ) => Promise<Decided | { readonly known: JobRecord }>;
}

export function createDecider(deps: DecideDeps): Decider {
  const { store, policy, transport, clock, probe } = deps;
  const remembered = new Set<string>();

  async function decide(
    record: JobRecord,
    job: Job,
    inline: boolean,
  ): Promise<Decided | undefined> {
    const hash = policy.hash();
    const decided = await store.transact([...job.lanes, `job/${record.job}`], async (tx) => {
      const current = await tx.job(record.job);
      if (current?.stage !== 'claim' || current.outcome !== undefined) return undefined;
      const now = clock.now();
      if (!remembered.has(hash)) tx.rememberPolicy(hash, policy.text(), now);
      const judged = await judgeParts(tx, job, { ...current, now }, deps);
      const change = changeFor(judged, job, deps);
      tx.changeJob(record.job, now, change);
      for (const decision of judged.decisions) tx.addDecision(decision);
      const decidedRecord = { ...current, ...change, updatedAt: now };
      const row = promise(tx, decidedRecord, { job, inline, now });
      const refuses = promiseRefusal(tx, decidedRecord, { job, now });
      probe?.('decide.before-commit');
      return { ...judged, record: decidedRecord, refuses, ...(row && { row }) };
    });
    probe?.('decide.after-commit');
    if (decided !== undefined) remembered.add(hash);
    return decided;
  }

  /** Promises to say what is refused, where the world has words for it. */
  function promiseRefusal(
    tx: Transaction,
    record: JobRecord,
    { job, now }: { readonly job: Job; readonly now: number },
  ): boolean {
    const isSilent = record.outcome === 'withheld' || record.outcome === 'ignored';
    const parts = isSilent ? [] : refusedParts(job, record);
    const refusal = parts.length === 0 ? undefined : job.decline(parts);
    if (refusal === undefined) return false;
    tx.putOutbox(newOutboxRow(record.job, 'decline', transport.route(refusal), now));
    return true;
  }

  /** Promises the answer where it may leave without another commit. */
  function promise(
    tx: Transaction,
    record: JobRecord,
    { job, inline, now }: { readonly job: Job; readonly inline: boolean; readonly now: number },
  ): OutboxRecord | undefined {
    if (record.outcome !== 'signed' || inline) return undefined;
    const row = newOutboxRow(record.job, 'answer', transport.route(job.deliver([])), now);
    tx.putOutbox(row);
    return row;
  }

  async function decideAtOnce(
    asked: NewJob,
    job: Job,
    mayBeKnown: boolean,
  ): Promise<Decided | { readonly known: JobRecord }> {
    const hash = policy.hash();
    const lanes = mayBeKnown ? [...job.lanes, `claim/${asked.source}/${asked.id}`] : job.lanes;
    const decided = await store.transact(lanes, async (tx) => {
      const known = mayBeKnown ? await tx.findJob(asked.source, asked.id) : undefined;
      if (known !== undefined) return { known };
      const now = asked.receivedAt;
      if (!remembered.has(hash)) tx.rememberPolicy(hash, policy.text(), now);
      const { job: id, caller } = asked;
      const judged = await judgeParts(tx, job, { job: id, caller, now }, deps);
      const record = { ...asked, ...changeFor(judged, job, deps), updatedAt: now };
      tx.insertJob(record);
      for (const decision of judged.decisions) tx.addDecision(decision);
      probe?.('decide.before-commit');
      return { ...judged, record, refuses: false };
    });
    probe?.('decide.after-commit');
    if (!('known' in decided)) remembered.add(hash);
    return decided;
  }

  return Object.freeze({ decide, decideAtOnce });
}

type Change = Pick<JobRecord, 'stage' | 'outcome' | 'reason' | 'inputs'>;

/**
 * An answer that is the same each time it is made is as good as signed now, unless its key is frozen:
 * then the job waits at `sign`. What a refusal says must be repeatable as well, so the verdicts on
 * parts are kept where there are several.
 */
function changeFor(
  { verdict, parts }: JudgedJob,
  job: Job,
  { keys }: Pick<DecideDeps, 'keys'>,
): Change {
  if (verdict.outcome === 'signed') {
    const inputs = writeVerdicts(parts);
    const isAsGoodAsSigned =
      job.answers === 'repeatable' && frozenKeyOf(keys, job, { inputs }) === undefined;
    return isAsGoodAsSigned
      ? { stage: 'sign', outcome: 'signed', inputs }
      : { stage: 'decide', inputs };
  }
  return {
    stage: 'decide',
    ...verdict,
    ...(job.refusal === 'loud' ? { inputs: writeVerdicts(parts) } : {}),
  };
}

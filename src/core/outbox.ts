/** Rows of the outbox: promises to tell the outside something. */
import { allowedParts, readAnswers, refusedParts } from './decided.ts';
import type { Reason } from './outcome.ts';
import type { JobRecord, OutboxRecord } from './ports.ts';
import type { Job, Message } from './protocol.ts';
import { signParts } from './sign-parts.ts';

export function newOutboxRow(
  job: string,
  part: OutboxRecord['part'],
  route: string,
  now: number,
): OutboxRecord {
  return {
    job,
    part,
    route,
    state: 'pending',
    attempts: 0,
    unknown: false,
    createdAt: now,
    nextAt: now,
  };
}

/** The words of a row, from what is stored; an answer that is not kept is signed anew. */
export async function wordsOf(
  row: Pick<OutboxRecord, 'part'>,
  record: JobRecord,
  job: Job,
): Promise<Message | undefined> {
  if (row.part === 'decline') return job.decline(refusedParts(job, record));
  if (record.answer !== undefined) return job.deliver(readAnswers(record.answer));
  if (record.inputs === undefined) return undefined;
  return job.deliver(await signParts(job, record.inputs));
}

/** Epoch milliseconds from which a row is of no use to whoever waits for it. */
export function usefulUntil(
  { part }: Pick<OutboxRecord, 'part'>,
  { inputs }: Pick<JobRecord, 'inputs'>,
  job: Job,
): number {
  const isAnswer = part === 'answer' && inputs !== undefined;
  return job.usefulUntil(
    isAnswer ? allowedParts(job, inputs).map((allowed) => allowed.inputs) : [],
  );
}

/** What is said instead of an answer that did not leave in time. */
export function failureOf(
  { inputs }: Pick<JobRecord, 'inputs'>,
  job: Job,
  reason: Reason,
): Message | undefined {
  if (inputs === undefined) return undefined;
  return job.fail(
    allowedParts(job, inputs).map(({ part }) => ({ id: part.id, reason, rules: [] })),
  );
}

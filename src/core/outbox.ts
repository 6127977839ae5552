/** Rows of the outbox: promises to tell the outside something. */
import type { Reason } from './outcome.ts';
import type { JobRecord, OutboxRecord } from './ports.ts';
import type { Job, Message } from './protocol.ts';

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

/** The reasons a refusal is spoken with: what the record keeps, so that it can be repeated. */
export function reasonsOf(record: Pick<JobRecord, 'reason'>): readonly Reason[] {
  return record.reason === undefined ? [] : [record.reason];
}

/** The words of a row, from what is stored; a secret answer is signed anew for each attempt. */
export async function wordsOf(
  row: Pick<OutboxRecord, 'part'>,
  record: JobRecord,
  job: Job,
): Promise<Message | undefined> {
  if (row.part === 'decline') return job.decline(reasonsOf(record));
  if (record.answer !== undefined) return job.deliver(record.answer);
  if (record.inputs === undefined) return undefined;
  return job.deliver(await job.sign(record.inputs));
}

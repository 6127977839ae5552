/** Every write the store can make, as plain data that travels to the writer's thread. */
import { documentJson, type JsonValue } from '../../base/json.ts';
import type { Reason } from '../../core/outcome.ts';
import type {
  DecisionRecord,
  JobChange,
  JobRecord,
  NewJob,
  OutboxRecord,
} from '../../core/ports.ts';
import { SLASHING_STATEMENTS } from './slashing-writes.ts';
import type { SqlValue } from './sqlite-driver.ts';

export const WRITE_STATEMENTS = {
  insertJob: `INSERT INTO jobs (job, source, id, digest, event_type, entity_id, body, caller,
      received_at, updated_at, stage, outcome, reason_code, reason_message, inputs)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  changeJob: `UPDATE jobs SET stage = ?, updated_at = ?,
      outcome = CASE WHEN ? THEN ? ELSE outcome END,
      reason_code = CASE WHEN ? THEN ? ELSE reason_code END,
      reason_message = CASE WHEN ? THEN ? ELSE reason_message END,
      inputs = CASE WHEN ? THEN ? ELSE inputs END,
      answer = CASE WHEN ? THEN ? ELSE answer END
    WHERE job = ?`,
  keepFrom: 'UPDATE meta SET kept_from = max(kept_from, ?)',
  forgetOutbox: 'DELETE FROM outbox WHERE job = ?',
  forgetDecisions: 'DELETE FROM decisions WHERE job = ?',
  forgetHistory: 'DELETE FROM journal WHERE job = ?',
  forgetJob: 'DELETE FROM jobs WHERE job = ?',
  addHistory: `INSERT INTO journal (job, at, stage, outcome, reason_code, reason_message)
    VALUES (?, ?, ?, ?, ?, ?)`,
  addDecision: `INSERT INTO decisions (job, item, facts, decision, violations, doubts, caller, decided_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  putState: `INSERT INTO state (world, key, value) VALUES (?, ?, ?)
    ON CONFLICT (world, key) DO UPDATE SET value = excluded.value`,
  putOutbox: `INSERT INTO outbox (job, part, route, state, attempts, unknown, created_at, next_at,
      error_code, error_message)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (job, part) DO UPDATE SET route = excluded.route, state = excluded.state,
      attempts = excluded.attempts, unknown = excluded.unknown, created_at = excluded.created_at,
      next_at = excluded.next_at, error_code = excluded.error_code,
      error_message = excluded.error_message`,
  rememberPolicy: `INSERT INTO policies (hash, text, first_used_at) VALUES (?, ?, ?)
    ON CONFLICT (hash) DO NOTHING`,
  ...SLASHING_STATEMENTS,
} as const;

/** Statements that change exactly one row, or the transaction they belong to is refused. */
export const CHANGES_ONE_ROW: ReadonlySet<keyof typeof WRITE_STATEMENTS> = new Set([
  'changeJob',
  'addBlock',
  'addAttestation',
]);

/** A statement's name and its parameters; flat, because it is copied from thread to thread. */
export type Write = readonly [keyof typeof WRITE_STATEMENTS, ...SqlValue[]];

export function insertJob(job: NewJob): readonly Write[] {
  const { body, receivedAt, stage, outcome = null, reason, inputs } = job;
  return [
    [
      'insertJob',
      ...[job.job, job.source, job.id, job.digest, job.eventType, job.entityId],
      ...[alone(body), job.caller, receivedAt, receivedAt, stage, outcome],
      ...[reason?.code ?? null, reason?.message ?? null, inputs ? documentJson(inputs) : null],
    ],
    addHistory(job.job, receivedAt, job),
  ];
}

export function changeJob(
  job: string,
  at: number,
  change: JobChange & Pick<JobRecord, 'stage'>,
): readonly Write[] {
  const { stage, outcome, reason, inputs, answer } = change;
  return [
    [
      'changeJob',
      ...[stage, at],
      ...replacing(outcome),
      ...replacing(reason === null ? null : reason?.code),
      ...replacing(reason === null ? null : reason?.message),
      ...replacing(inputs && documentJson(inputs)),
      ...replacing(answer && documentJson(answer)),
      job,
    ],
    addHistory(job, at, change),
  ];
}

/** The row of each job last, since all others refer to it. */
export function forgetJobs(jobs: readonly string[], time: number): readonly Write[] {
  if (jobs.length === 0) return [];
  const forget = jobs.flatMap((job): readonly Write[] => [
    ['forgetOutbox', job],
    ['forgetDecisions', job],
    ['forgetHistory', job],
    ['forgetJob', job],
  ]);
  return [['keepFrom', time], ...forget];
}

export function addDecision(record: DecisionRecord): Write {
  const { facts, decision, violations, doubts } = record;
  const errors = decision.errors.map((error) => ({ ...error }));
  return [
    'addDecision',
    ...[record.job, record.item],
    documentJson({ ...facts }),
    documentJson({ ...decision, errors }),
    reasonsDocument(violations),
    reasonsDocument(doubts),
    ...[record.caller, record.decidedAt],
  ];
}

/** A view into a larger buffer would take all of that buffer along to the writer's thread. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

/** Most decisions have none. */
function reasonsDocument(reasons: readonly Reason[]): string {
  return reasons.length === 0 ? '[]' : documentJson(reasons.map((reason) => ({ ...reason })));
}

export function putState(world: string, key: string, document: JsonValue): Write {
  return ['putState', world, key, documentJson(document)];
}

export function putOutbox(record: OutboxRecord): Write {
  const { error } = record;
  return [
    'putOutbox',
    ...[record.job, record.part, record.route, record.state, record.attempts],
    ...[record.unknown ? 1 : 0, record.createdAt, record.nextAt],
    ...[error?.code ?? null, error?.message ?? null],
  ];
}

export function rememberPolicy(hash: string, text: string, at: number): Write {
  return ['rememberPolicy', hash, text, at];
}

function addHistory(job: string, at: number, change: JobChange & Pick<JobRecord, 'stage'>): Write {
  const { stage, outcome = null, reason } = change;
  return ['addHistory', job, at, stage, outcome, reason?.code ?? null, reason?.message ?? null];
}

/** A flag and a value: `undefined` leaves the column, `null` clears it. */
function replacing(value: string | null | undefined): readonly [number, string | null] {
  return value === undefined ? [0, null] : [1, value];
}

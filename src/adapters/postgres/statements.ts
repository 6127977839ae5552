/** The writes of writes.ts in PostgreSQL's words; `$n` are their values in the order given there. */
import type { Write } from '../store/writes.ts';

type JobWrite = Extract<
  Write[0],
  | 'insertJob'
  | 'changeJob'
  | 'addHistory'
  | 'addDecision'
  | 'putState'
  | 'putOutbox'
  | 'rememberPolicy'
>;

/** `OWNER` stands for the token of the daemon that writes. */
export const STATEMENTS: Readonly<Record<JobWrite, string>> = {
  insertJob: `INSERT INTO jobs (job, source, id, digest, event_type, entity_id, body, caller,
      received_at, updated_at, stage, outcome, reason_code, reason_message, inputs, owner)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, OWNER)`,
  changeJob: `UPDATE jobs SET stage = $1, updated_at = $2, owner = OWNER,
      outcome = CASE WHEN $3::integer = 1 THEN $4::text ELSE outcome END,
      reason_code = CASE WHEN $5::integer = 1 THEN $6::text ELSE reason_code END,
      reason_message = CASE WHEN $7::integer = 1 THEN $8::text ELSE reason_message END,
      inputs = CASE WHEN $9::integer = 1 THEN $10::text ELSE inputs END,
      answer = CASE WHEN $11::integer = 1 THEN $12::text ELSE answer END
    WHERE job = $13 RETURNING 1 AS one`,
  addHistory: `INSERT INTO journal (job, at, stage, outcome, reason_code, reason_message)
    VALUES ($1, $2, $3, $4, $5, $6)`,
  addDecision: `INSERT INTO decisions (job, item, facts, decision, violations, doubts, caller, decided_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
  putState: `INSERT INTO state (world, key, value) VALUES ($1, $2, $3)
    ON CONFLICT (world, key) DO UPDATE SET value = excluded.value`,
  putOutbox: `INSERT INTO outbox (job, part, route, state, attempts, unknown, created_at, next_at,
      error_code, error_message, owner)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, OWNER)
    ON CONFLICT (job, part) DO UPDATE SET route = excluded.route, state = excluded.state,
      attempts = excluded.attempts, unknown = excluded.unknown, created_at = excluded.created_at,
      next_at = excluded.next_at, error_code = excluded.error_code,
      error_message = excluded.error_message, owner = excluded.owner`,
  rememberPolicy: `INSERT INTO policies (hash, text, first_used_at) VALUES ($1, $2, $3)
    ON CONFLICT (hash) DO NOTHING`,
};

export function isJobWrite(name: Write[0]): name is JobWrite {
  return name in STATEMENTS;
}

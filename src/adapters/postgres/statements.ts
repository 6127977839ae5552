/** The writes of writes.ts in PostgreSQL's words; `$n` are their values in the order given there. */
import type { SqlValue } from '../store/sqlite-driver.ts';
import type { Write } from '../store/writes.ts';
import type { Parameter } from './pg-driver.ts';

export interface Statement {
  readonly sql: string;
  readonly values: readonly Parameter[];
  /** The job that it changes, which must be there. */
  readonly job?: string;
}

/** Rows that are only ever added: one statement for all of a kind. `OWNER` is who writes them. */
const ADDITIONS = {
  insertJob: `INSERT INTO jobs (job, source, id, digest, event_type, entity_id, body, caller,
      received_at, updated_at, stage, outcome, reason_code, reason_message, inputs, owner)
    SELECT *, OWNER FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
      $6::text[], $7::bytea[], $8::text[], $9::bigint[], $10::bigint[], $11::text[], $12::text[],
      $13::text[], $14::text[], $15::text[])`,
  addHistory: `INSERT INTO journal (job, at, stage, outcome, reason_code, reason_message)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])`,
  addDecision: `INSERT INTO decisions (job, item, facts, decision, violations, doubts, caller, decided_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
      $7::text[], $8::bigint[])`,
} as const;

const CHANGES = {
  changeJob: `UPDATE jobs SET stage = $1, updated_at = $2, owner = OWNER,
      outcome = CASE WHEN $3::integer = 1 THEN $4::text ELSE outcome END,
      reason_code = CASE WHEN $5::integer = 1 THEN $6::text ELSE reason_code END,
      reason_message = CASE WHEN $7::integer = 1 THEN $8::text ELSE reason_message END,
      inputs = CASE WHEN $9::integer = 1 THEN $10::text ELSE inputs END,
      answer = CASE WHEN $11::integer = 1 THEN $12::text ELSE answer END
    WHERE job = $13 RETURNING 1 AS one`,
  keepFrom: 'UPDATE meta SET kept_from = $1 WHERE kept_from < $1',
  forgetOutbox: 'DELETE FROM outbox WHERE job = $1',
  forgetDecisions: 'DELETE FROM decisions WHERE job = $1',
  forgetHistory: 'DELETE FROM journal WHERE job = $1',
  forgetJob: 'DELETE FROM jobs WHERE job = $1',
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
} as const;

type Addition = keyof typeof ADDITIONS;
type Change = keyof typeof CHANGES;

/** For the daemon of this token: as few statements as the order of writes allows. */
export function statementsFor(owner: number): (writes: readonly Write[]) => readonly Statement[] {
  const written = (sql: string): string => sql.replaceAll('OWNER', String(owner));

  return (writes) => {
    const added: Record<Addition, SqlValue[][]> = {
      insertJob: [],
      addHistory: [],
      addDecision: [],
    };
    const changes: Statement[] = [];
    for (const [name, ...values] of writes) {
      if (isAddition(name)) added[name].push(values);
      else if (isChange(name))
        changes.push({ sql: written(CHANGES[name]), values, ...named(name, values) });
      else throw new Error(`\`${name}\` is not written by a transaction`);
    }
    const all = (name: Addition): readonly Statement[] => {
      const [first, ...others] = added[name];
      if (first === undefined) return [];
      const columns = first.map((value, at) => [value, ...others.map((row) => row[at] ?? null)]);
      return [{ sql: written(ADDITIONS[name]), values: columns }];
    };
    // All else names a job, whose row must stand by then.
    return [...all('insertJob'), ...changes, ...all('addHistory'), ...all('addDecision')];
  };
}

function named(name: Change, values: readonly SqlValue[]): { readonly job?: string } {
  return name === 'changeJob' ? { job: String(values.at(-1)) } : {};
}

function isAddition(name: Write[0]): name is Addition {
  return name in ADDITIONS;
}

function isChange(name: Write[0]): name is Change {
  return name in CHANGES;
}

/** Reads in PostgreSQL's words; on a transaction's connection they see its own writes. */
import { fromObjectDocument } from '../store/documents.ts';
import { ENDED } from '../store/reader.ts';
import { firstIdOf } from '../system.ts';
import type { JobFilter, StoreReader } from '../../core/ports.ts';
import type { StateView } from '../../core/protocol.ts';
import {
  integer,
  optional,
  text,
  toDecision,
  toJob,
  toJournalEntry,
  toOutbox,
} from '../store/rows.ts';
import type { Parameter, Query } from './pg-driver.ts';

/** Sorts after every character that a key can hold, so that it closes a range of one prefix. */
const LAST_CHARACTER = '\u{10FFFF}';

export type Reader = Omit<StoreReader, 'slashing'>;

/** Work of this daemon, and of those that were fenced. */
const OURS = `(owner = OWNER OR owner IN (SELECT token FROM daemons WHERE is_fenced))`;

/** `owner` is the token of the daemon that reads. */
export function createReader(query: Query, owner: number): Reader {
  const ours = OURS.replace('OWNER', String(owner));

  return Object.freeze({
    async job(job) {
      const [row] = await query('SELECT * FROM jobs WHERE job = $1', job);
      return row && toJob(row);
    },
    async jobs(filter) {
      const { where, values } = conditions(filter, ours);
      const order = filter.unfinished === true ? 'ASC' : 'DESC';
      const limit = `$${String(values.length + 1)}`;
      const sql = `SELECT * FROM jobs ${where} ORDER BY job ${order} LIMIT ${limit}`;
      return (await query(sql, ...values, filter.limit)).map(toJob);
    },
    endedBefore: async (time, limit) =>
      (
        await query(
          `SELECT job FROM jobs WHERE job < $1 AND updated_at < $2 AND ${ENDED}
            ORDER BY job LIMIT $3`,
          ...[firstIdOf(time), time, limit],
        )
      ).map((row) => text(row, 'job')),
    history: async (job) =>
      (await query('SELECT * FROM journal WHERE job = $1 ORDER BY seq', job)).map(toJournalEntry),
    decisions: async (job) =>
      (await query('SELECT * FROM decisions WHERE job = $1 ORDER BY seq', job)).map(toDecision),
    // Facts are written canonically, so their world stands last.
    recentDecisions: async (world, limit) =>
      (
        await query(
          'SELECT * FROM decisions WHERE facts LIKE $1 ORDER BY seq DESC LIMIT $2',
          `%"world":"${world}"}`,
          limit,
        )
      ).map(toDecision),
    outboxOf: async (job) =>
      (await query('SELECT * FROM outbox WHERE job = $1 ORDER BY part', job)).map(toOutbox),
    async dueOutbox(now, limit) {
      // Rows of the fenced become ours in the same statement, and nobody else's.
      await query(
        `UPDATE outbox SET owner = ${String(owner)} WHERE (job, part) IN (
          SELECT job, part FROM outbox WHERE state = 'pending' AND next_at <= $1
            AND owner IN (SELECT token FROM daemons WHERE is_fenced)
            ORDER BY next_at, job, part LIMIT $2 FOR UPDATE SKIP LOCKED)`,
        ...[now, limit],
      );
      const rows = await query(
        `SELECT * FROM outbox WHERE state = 'pending' AND next_at <= $1 AND owner = ${String(owner)}
          ORDER BY next_at, job, part LIMIT $2`,
        ...[now, limit],
      );
      return rows.map(toOutbox);
    },
    async nextDue() {
      const sql = `SELECT min(next_at) AS at FROM outbox WHERE state = 'pending' AND ${ours}`;
      return optional(integer, (await query(sql))[0] ?? {}, 'at');
    },
    async policyText(hash) {
      const [row] = await query('SELECT text FROM policies WHERE hash = $1', hash);
      return row && text(row, 'text');
    },
    async state(world, keys) {
      const [found] = await readStates(query, [{ world, keys }]);
      return found ?? new Map();
    },
    async stateWithPrefix(world, prefix) {
      const rows = await query(
        `SELECT key, value FROM state WHERE world = $1 AND key >= $2 AND key < $3 ORDER BY key`,
        ...[world, prefix, prefix + LAST_CHARACTER],
      );
      return new Map(rows.map((row) => [text(row, 'key'), fromObjectDocument(text(row, 'value'))]));
    },
    async counts() {
      const [row = {}] = await query(`SELECT
        (SELECT count(*) FROM jobs WHERE outcome IS NULL) AS unfinished,
        (SELECT count(*) FROM jobs WHERE outcome = 'withheld') AS withheld,
        (SELECT count(*) FROM outbox WHERE state = 'pending') AS pending,
        (SELECT min(created_at) FROM outbox WHERE state = 'pending') AS oldest,
        (SELECT count(*) FROM outbox WHERE state = 'parked') AS parked`);
      const oldest = optional(integer, row, 'oldest');
      return {
        unfinished: integer(row, 'unfinished'),
        withheld: integer(row, 'withheld'),
        outboxPending: integer(row, 'pending'),
        ...(oldest === undefined ? {} : { outboxOldestAt: oldest }),
        outboxParked: integer(row, 'parked'),
      };
    },
  } satisfies Reader);
}

/** What another daemon has under way is that daemon's to finish, so it is not unfinished here. */
function conditions(
  { outcome, unfinished, source, id, before }: JobFilter,
  ours: string,
): { readonly where: string; readonly values: readonly Parameter[] } {
  const parts: string[] = [];
  const values: Parameter[] = [];
  const compare = (column: string, value: string | undefined): void => {
    if (value === undefined) return;
    values.push(value);
    parts.push(`${column} $${String(values.length)}`);
  };
  compare('outcome =', outcome);
  if (unfinished === true) parts.push(`outcome IS NULL AND ${ours}`);
  compare('source =', source);
  compare('id =', id);
  compare('job <', before);
  return { where: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values };
}

export interface StateQuestion {
  readonly world: string;
  readonly keys: readonly string[];
}

/** The documents of several questions by one query, in the order of their keys. */
export async function readStates(
  query: Query,
  questions: readonly StateQuestion[],
): Promise<readonly StateView[]> {
  const asked = questions.flatMap(({ world, keys }) => keys.map((key) => [world, key] as const));
  const rows =
    asked.length === 0
      ? []
      : await query(
          `SELECT world, key, value FROM state
            JOIN unnest($1::text[], $2::text[]) AS asked (world, key) USING (world, key)`,
          ...[asked.map(([world]) => world), asked.map(([, key]) => key)],
        );
  const found = new Map(
    rows.map((row) => [`${text(row, 'world')}/${text(row, 'key')}`, text(row, 'value')]),
  );
  return questions.map(
    ({ world, keys }) =>
      new Map(
        keys.flatMap((key) => {
          const document = found.get(`${world}/${key}`);
          return document === undefined ? [] : [[key, fromObjectDocument(document)] as const];
        }),
      ),
  );
}

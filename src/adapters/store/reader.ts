/** Reads of committed data: synchronous, indexed, on prepared statements. */
import type {
  DecisionRecord,
  JobFilter,
  JobRecord,
  JournalEntry,
  OutboxRecord,
  StoreCounts,
} from '../../core/ports.ts';
import type { StateView } from '../../core/protocol.ts';
import { firstIdOf } from '../system.ts';
import { fromObjectDocument } from './documents.ts';
import { integer, text, toDecision, toJob, toJournalEntry, toOutbox } from './rows.ts';
import { createSlashingTables, type SlashingTables } from './slashing-tables.ts';
import type { Database, Row, SqlValue, Statement } from './sqlite-driver.ts';

/** Sorts after every character that a key can hold, so that it closes a range of one prefix. */
const LAST_CHARACTER = '\u{10FFFF}';

/** Nothing more will come of such a job by itself. */
export const ENDED = `outcome IN ('signed', 'declined', 'ignored', 'malformed') AND NOT EXISTS
  (SELECT 1 FROM outbox WHERE outbox.job = jobs.job AND state IN ('pending', 'parked'))`;

export interface Reader {
  readonly job: (job: string) => JobRecord | undefined;
  readonly findJob: (source: string, id: string) => JobRecord | undefined;
  readonly jobs: (filter: JobFilter) => readonly JobRecord[];
  readonly endedBefore: (time: number, limit: number) => readonly string[];
  readonly history: (job: string) => readonly JournalEntry[];
  readonly decisions: (job: string) => readonly DecisionRecord[];
  readonly recentDecisions: (world: string, limit: number) => readonly DecisionRecord[];
  readonly outboxOf: (job: string) => readonly OutboxRecord[];
  readonly dueOutbox: (now: number, limit: number) => readonly OutboxRecord[];
  readonly nextDue: () => number | undefined;
  readonly policyText: (hash: string) => string | undefined;
  readonly state: (world: string, keys: readonly string[]) => StateView;
  readonly stateWithPrefix: (world: string, prefix: string) => StateView;
  readonly counts: () => StoreCounts;
  readonly slashing: SlashingTables;
}

export function createReader(database: Database): Reader {
  const prepared = new Map<string, Statement>();

  function statement(sql: string): Statement {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const fresh = database.prepare(sql);
    prepared.set(sql, fresh);
    return fresh;
  }
  const one = (sql: string, ...values: readonly SqlValue[]): Row | undefined =>
    statement(sql).get(...values);
  const all = (sql: string, ...values: readonly SqlValue[]): readonly Row[] =>
    statement(sql).all(...values);

  return Object.freeze({
    slashing: createSlashingTables({ one, all }),
    job(job) {
      const row = one('SELECT * FROM jobs WHERE job = ?', job);
      return row && toJob(row);
    },
    findJob(source, id) {
      const row = one('SELECT * FROM jobs WHERE source = ? AND id = ?', source, id);
      return row && toJob(row);
    },
    jobs(filter) {
      const { where, values } = conditions(filter);
      const order = filter.unfinished === true ? 'ASC' : 'DESC';
      const sql = `SELECT * FROM jobs ${where} ORDER BY job ${order} LIMIT ?`;
      return all(sql, ...values, filter.limit).map(toJob);
    },
    // The last line of the journal stays, so that its numbers only rise.
    endedBefore: (time, limit) =>
      all(
        `SELECT job FROM jobs WHERE job < ? AND updated_at < ? AND ${ENDED}
          AND job <> (SELECT job FROM journal ORDER BY seq DESC LIMIT 1)
          ORDER BY job LIMIT ?`,
        ...[firstIdOf(time), time, limit],
      ).map((row) => text(row, 'job')),
    history: (job) =>
      all('SELECT * FROM journal WHERE job = ? ORDER BY seq', job).map(toJournalEntry),
    decisions: (job) =>
      all('SELECT * FROM decisions WHERE job = ? ORDER BY seq', job).map(toDecision),
    // Facts are written canonically, so their world stands last.
    recentDecisions: (world, limit) =>
      all(
        'SELECT * FROM decisions WHERE facts LIKE ? ORDER BY seq DESC LIMIT ?',
        `%"world":"${world}"}`,
        limit,
      ).map(toDecision),
    outboxOf: (job) => all('SELECT * FROM outbox WHERE job = ? ORDER BY part', job).map(toOutbox),
    dueOutbox: (now, limit) =>
      all(
        `SELECT * FROM outbox WHERE state = 'pending' AND next_at <= ?
          ORDER BY next_at, job, part LIMIT ?`,
        ...[now, limit],
      ).map(toOutbox),
    nextDue: () => optionalTime(`SELECT min(next_at) AS at FROM outbox WHERE state = 'pending'`),
    policyText(hash) {
      const row = one('SELECT text FROM policies WHERE hash = ?', hash);
      return row && text(row, 'text');
    },
    state(world, keys) {
      if (keys.length === 0) return new Map();
      const rows = all(
        `SELECT key, value FROM state
          WHERE world = ? AND key IN (SELECT value FROM json_each(?))`,
        ...[world, JSON.stringify(keys)],
      );
      return toDocuments(rows);
    },
    stateWithPrefix(world, prefix) {
      const rows = all(
        'SELECT key, value FROM state WHERE world = ? AND key >= ? AND key < ? ORDER BY key',
        ...[world, prefix, prefix + LAST_CHARACTER],
      );
      return toDocuments(rows);
    },
    counts() {
      const count = (sql: string): number => integer(all(sql)[0] ?? {}, 'count');
      const oldest = optionalTime(
        `SELECT min(created_at) AS at FROM outbox WHERE state = 'pending'`,
      );
      return {
        unfinished: count('SELECT count(*) AS count FROM jobs WHERE outcome IS NULL'),
        withheld: count(`SELECT count(*) AS count FROM jobs WHERE outcome = 'withheld'`),
        outboxPending: count(`SELECT count(*) AS count FROM outbox WHERE state = 'pending'`),
        ...(oldest === undefined ? {} : { outboxOldestAt: oldest }),
        outboxParked: count(`SELECT count(*) AS count FROM outbox WHERE state = 'parked'`),
      };
    },
  } satisfies Reader);

  function optionalTime(sql: string): number | undefined {
    const row = one(sql);
    return row === undefined || row['at'] === null ? undefined : integer(row, 'at');
  }
}

function toDocuments(rows: readonly Row[]): StateView {
  return new Map(rows.map((row) => [text(row, 'key'), fromObjectDocument(text(row, 'value'))]));
}

function conditions(filter: JobFilter): { where: string; values: readonly SqlValue[] } {
  const { outcome, unfinished, source, id, before } = filter;
  const parts: readonly (readonly [string, ...SqlValue[]])[] = [
    ...(outcome === undefined ? [] : [['outcome = ?', outcome] as const]),
    ...(unfinished === true ? [['outcome IS NULL'] as const] : []),
    ...(source === undefined ? [] : [['source = ?', source] as const]),
    ...(id === undefined ? [] : [['id = ?', id] as const]),
    ...(before === undefined ? [] : [['job < ?', before] as const]),
  ];
  return {
    where: parts.length === 0 ? '' : `WHERE ${parts.map(([sql]) => sql).join(' AND ')}`,
    values: parts.flatMap(([, ...values]) => values),
  };
}

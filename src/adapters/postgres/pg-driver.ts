/** The one place that knows which PostgreSQL client runs beneath the store. */
import pg from 'pg';

import { messageOf } from '../store/error-message.ts';
import type { Row, SqlValue } from '../store/sqlite-driver.ts';

/** What may stand for a `$n`. */
export type Parameter = SqlValue | boolean | readonly SqlValue[];

/** One result row; integers and numerics arrive as `bigint`, so none is ever rounded. */
export type { Row };

export type Query = (sql: string, ...values: readonly Parameter[]) => Promise<readonly Row[]>;

/**
 * A connection lent for one transaction. Queries need not wait for each other: they run in the order
 * in which they are asked, and travel together.
 */
export interface Connection {
  readonly query: Query;
  /** Several statements at once, without parameters; resolves to the tag of the last one. */
  readonly command: (sql: string) => Promise<string>;
}

export interface Connections {
  /** One statement on a connection of its own choice, committed by itself. */
  readonly query: Query;
  /** Where `use` rejects, what it began is rolled back. */
  readonly lend: <T>(use: (connection: Connection) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly atOnce: number;
  /** Milliseconds for a connection to be had, and for a statement to end. */
  readonly patience: number;
  /** Milliseconds after which a connection is made anew, so that `inspect` sees what has changed. */
  readonly lifetime: number;
  /** Looks at a fresh connection; where it rejects, the connection is not used. */
  readonly inspect: (connection: Connection) => Promise<void>;
}

/** Integers and numerics, all of which we keep without a fraction, as `bigint`. */
const TYPES = new pg.TypeOverrides();
for (const type of ['INT2', 'INT4', 'INT8', 'NUMERIC'] as const) {
  TYPES.setTypeParser(pg.types.builtins[type], BigInt);
}

export function openConnections(options: ConnectionOptions): Connections {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.atOnce,
    connectionTimeoutMillis: options.patience,
    idleTimeoutMillis: options.lifetime,
    maxLifetimeSeconds: Math.ceil(options.lifetime / 1000),
    query_timeout: 2 * options.patience,
    keepAlive: true,
    pipeline: true,
    application_name: 'countersign',
    types: TYPES,
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the pool waits for it
    onConnect: (client) => prepare(client, options),
  });
  // A connection that breaks between two queries is told by the next one, or replaced unused.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const names = new Map<string, string>();

  async function ask(
    client: pg.ClientBase | pg.Pool,
    text: string,
    values: readonly Parameter[],
  ): Promise<readonly Row[]> {
    const name = names.get(text) ?? `s${String(names.size)}`;
    names.set(text, name);
    const { rows } = await client.query<Row>({ name, text, values: [...values] });
    return rows;
  }

  return Object.freeze({
    query: (sql, ...values) => ask(pool, sql, values),
    async lend(use) {
      const client = await pool.connect().catch((error: unknown) => {
        throw error instanceof UnfitServer ? error : new DatabaseAway(error);
      });
      try {
        const result = await use({
          query: (sql, ...values) => ask(client, sql, values),
          command: (sql) => command(client, sql),
        });
        client.release();
        return result;
      } catch (error) {
        // What was begun ends either way: a connection that cannot roll back is thrown away.
        await client.query('ROLLBACK').then(
          () => {
            client.release();
          },
          () => {
            client.release(true);
          },
        );
        throw error;
      }
    },
    close: () => pool.end(),
  } satisfies Connections);
}

export interface Listener {
  /** Resolves when it is over; rejects where it could not begin. */
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
}

/** Milliseconds for the connection; a daemon that stops must not wait longer for it. */
const LISTENING_PATIENCE = 3_000;

/** A connection of its own that hears what is notified on a channel, until it breaks. */
export function listenOnce(url: string, channel: string, hear: () => void): Listener {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: LISTENING_PATIENCE,
    keepAlive: true,
    application_name: 'countersign',
  });
  const over = new Promise<void>((resolve) => {
    client.once('end', resolve);
  });
  // Whatever is wrong with it, it ends.
  client.on('error', () => undefined);
  client.on('notification', hear);
  const begun = client.connect().then(() => client.query(`LISTEN ${channel}`));
  return {
    ended: begun.then(() => over),
    // A client that is ended while it connects would never say so.
    close: () => begun.catch(() => undefined).then(() => client.end()),
  };
}

/** SQLSTATE of an error of the server's; see PostgreSQL, appendix A. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/**
 * Besides what makes commits durable: plans are kept, and tables grow faster than their statistics, so
 * that a plan made while they were small must not read them whole.
 */
async function prepare(client: pg.ClientBase, options: ConnectionOptions): Promise<void> {
  const limit = String(options.patience);
  await client.query(
    `SET synchronous_commit = on;
     SET default_transaction_isolation = 'read committed';
     SET plan_cache_mode = force_generic_plan;
     SET enable_seqscan = off;
     SET jit = off;
     SET statement_timeout = ${limit};
     SET lock_timeout = ${limit};
     SET idle_in_transaction_session_timeout = ${String(2 * options.patience)};`,
  );
  await options.inspect({
    query: async (text, ...values) => (await client.query<Row>(text, [...values])).rows,
    command: (sql) => command(client, sql),
  });
}

async function command(client: pg.ClientBase, sql: string): Promise<string> {
  // The declared type knows only of one statement; several give a list.
  const results: pg.QueryResult | readonly pg.QueryResult[] = await client.query<Row>(sql);
  return [results].flat().at(-1)?.command ?? '';
}

/** The server cannot be reached. */
class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway';
  constructor(cause: unknown) {
    super(`the database is away (${messageOf(cause)}); check DATABASE_URL and the server`, {
      cause,
    });
  }
}

/** The server answers, but must not be used as it is. */
export class UnfitServer extends Error {
  override readonly name = 'UnfitServer';
}

/** The durable memory on PostgreSQL, which several daemons may share. */
import { resolve as absolute } from 'node:path';

import type { Reason } from '../../core/outcome.ts';
import { type Clock, CommitUnknown, type Store, type Transaction } from '../../core/ports.ts';
import type { SlashingLedger } from '../../core/slashing.ts';
import { messageOf } from '../store/error-message.ts';
import type { Probe } from '../../core/probe.ts';
import { type KillAt, killProbe } from '../store/kill-point.ts';
import { createLanes } from '../store/lanes.ts';
import { takeDirectory } from '../store/lock.ts';
import { type Marker, readMark } from '../store/marker.ts';
import { readMigrations } from '../store/migrations.ts';
import type { Meta } from '../store/prepare-database.ts';
import { bigint } from '../store/rows.ts';
import type { CommitReport, OpenedStore } from '../store/sqlite-store.ts';
import { createGroups, type Ends, type Member } from './groups.ts';
import {
  identify,
  instanceOf,
  openMarker,
  readGeneration,
  rememberGeneration,
} from './identity.ts';
import { joinDaemons, type Membership } from './membership.ts';
import { migrate } from './migrate.ts';
import {
  type Connection,
  type Connections,
  listenOnce,
  openConnections,
  type Query,
} from './pg-driver.ts';
import { createReader } from './reader.ts';
import { STANDBYS } from './server.ts';
import { createServerGuard, type ServerGuard } from './server-guard.ts';
import { createLedger, createSlashingReader } from './slashing.ts';
import { statementsFor } from './statements.ts';
import { isFenced, openSharedTransaction, Refused, type SharedTransaction } from './transaction.ts';

export interface PostgresStoreOptions {
  /** `postgres://…` */
  readonly url: string;
  /** Held by this process alone; names it among the daemons of the database. */
  readonly directory: string;
  /** Where the restore guard keeps its marker. */
  readonly markerPath?: string;
  readonly clock: Clock;
  /** Transactions at once. */
  readonly connections?: number;
  /** Milliseconds for a connection, a lock and a statement. */
  readonly patience?: number;
  /** Records duties although a failover could forget them. */
  readonly trustStandbys?: boolean;
  readonly alarm?: (reason: Reason) => void;
  /** This daemon was fenced, or the server became another one; only a new start helps. */
  readonly onBroken?: (reason: Reason) => void;
  /** The database stopped answering, or answers again; noticed within seconds. */
  readonly onReach?: (isReached: boolean) => void;
  /** Another daemon ended with work under way, which is free to be taken up. */
  readonly onAbandoned?: () => void;
  readonly onCommit?: (commit: CommitReport) => void;
  /** For fault tests alone. */
  readonly killAt?: KillAt;
}

const DEFAULT_CONNECTIONS = 16;
const DEFAULT_PATIENCE = 10_000;
/** Milliseconds after which a connection is made anew and the server looked at again. */
const CONNECTION_LIFETIME = 60_000;
/** Milliseconds between two notes of when a duty was last recorded. */
const ACTIVITY_STEP = 1_000;

/**
 * Opens the store of a database, creating its tables on first use. Throws when the server could lose
 * what it commits, when the schema is not ours, or when another process holds the data directory.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<OpenedStore> {
  const { clock, alarm = () => undefined } = options;
  const directory = absolute(options.directory);
  const { unlock } = takeDirectory(directory);
  const guard = createServerGuard(options.onBroken ?? (() => undefined));
  const { url, patience = DEFAULT_PATIENCE } = options;
  const connections = openConnections({
    url,
    atOnce: options.connections ?? DEFAULT_CONNECTIONS,
    patience,
    lifetime: CONNECTION_LIFETIME,
    inspect: guard.inspect,
  });
  try {
    await migrate(
      connections,
      readMigrations(new URL('./migrations/', import.meta.url)),
      clock.now(),
    );
    const { markerPath } = options;
    const mark = markerPath === undefined ? undefined : await readMark(absolute(markerPath));
    const remembered = { mark, generation: readGeneration(directory) };
    const { meta, restored } = await identify(connections, guard.server(), remembered, clock.now());
    rememberGeneration(directory, meta.generation);
    guard.committed(meta.sequence);
    const membership = await joinDaemons(connections, {
      instance: instanceOf(directory),
      clock,
      listen: (hear) => listenOnce(url, 'daemons', hear),
      onAbandoned: options.onAbandoned ?? (() => undefined),
      onReach(isReached) {
        if (guard.broken() === undefined) options.onReach?.(isReached);
      },
      onFenced() {
        guard.breakDown('another daemon took over: this one was silent for too long');
      },
    });
    const probe = killProbe(options.killAt);
    const marker = await openMarker({ markerPath, clock, alarm }, meta, probe);
    const store = createStore({
      options,
      connections,
      membership,
      guard,
      marker,
      meta,
      probe,
      unlock,
    });
    const standbys = guard.server().asynchronousStandbys > 0 ? [STANDBYS] : [];
    for (const reason of standbys) alarm(reason);
    return Object.freeze({ store, ...(restored && { restored }), warnings: standbys });
  } catch (error) {
    await connections.close();
    unlock();
    throw error;
  }
}

/** Each connection writes to a place of its own, unless two have the same. */
const PROGRESS = `UPDATE progress SET sequence = nextval('commits')
  WHERE place = pg_backend_pid() % 64 RETURNING sequence`;

interface Parts {
  readonly options: PostgresStoreOptions;
  readonly connections: Connections;
  readonly membership: Membership;
  readonly guard: ServerGuard;
  readonly marker: Marker;
  readonly meta: Meta;
  readonly probe: Probe;
  readonly unlock: () => void;
}

function createStore(parts: Parts): Store {
  const { options, connections, membership, guard, marker, meta, probe } = parts;
  const { clock } = options;
  const { token } = membership;
  const alone = createLanes();
  const join = createGroups(run);
  const statementsOf = statementsFor(token);
  const underWay = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;
  let notedAt = 0;

  function admit(): void {
    if (options.trustStandbys === true || guard.server().asynchronousStandbys === 0) return;
    throw new Error(STANDBYS.message);
  }

  function isNotable(at: number): boolean {
    if (at < notedAt + ACTIVITY_STEP) return false;
    notedAt = at;
    return true;
  }

  function transact<T>(
    lanes: readonly string[],
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    if (closed !== undefined) return Promise.reject(new Error('the store is closed'));
    const result = alone(lanes, () => join(lanes, work));
    const over = result.then(forget, forget);
    underWay.add(over);
    return result;

    function forget(): void {
      underWay.delete(over);
    }
  }

  /** One transaction for all; where one of them fails nothing is applied. */
  async function run(members: readonly Member[], patience: number | undefined): Promise<Ends> {
    refuseIfBroken();
    try {
      return await connections.lend(async (connection) => {
        probe('writer.before-begin');
        const lanes = members.flatMap((member) => member.lanes);
        const shared = openSharedTransaction(connection, {
          ...{ owner: token, statementsOf, ledger: ledgerOn, lanes, patience },
        });
        const ends = await Promise.allSettled(members.map(({ work }) => shared.use(work)));
        const isWhole = ends.every(({ status }) => status === 'fulfilled');
        if (isWhole) shared.flush();
        shared.close();
        if (isWhole) await commit(connection, shared.settled, members.length);
        else {
          await shared.settled();
          await connection.command('ROLLBACK');
        }
        return ends;
      });
    } catch (error) {
      if (isFenced(error)) guard.breakDown('another daemon took over the work of this one');
      throw error;
    }
  }

  function ledgerOn(query: Query): SlashingLedger {
    return createLedger({ query, now: clock.now, admit, isNotable });
  }

  /**
   * The commit travels right behind the last writes. A write that failed turns it into a rollback; an
   * error of the commit itself leaves open whether it was done.
   */
  async function commit(
    { query, command }: Connection,
    settled: SharedTransaction['settled'],
    batches: number,
  ): Promise<void> {
    const start = performance.now();
    probe('writer.before-commit');
    const [progress, committed, writes] = await Promise.allSettled([
      query(PROGRESS),
      command('COMMIT'),
      settled(),
    ]);
    if (committed.status === 'rejected') {
      throw new CommitUnknown(`the commit failed: ${messageOf(committed.reason)}`);
    }
    if (writes.status === 'rejected') throw writes.reason;
    if (committed.value !== 'COMMIT' || progress.status === 'rejected') {
      throw new Refused('the store refused a transaction: it was rolled back');
    }
    probe('writer.after-commit');
    const sequence = bigint(progress.value[0] ?? {}, 'sequence');
    guard.committed(sequence);
    marker.advance(sequence);
    options.onCommit?.({ batches, milliseconds: performance.now() - start });
  }

  function refuseIfBroken(): void {
    const cause = guard.broken();
    if (cause !== undefined) throw new CommitUnknown(`${cause}; restart the daemon`);
  }

  async function close(): Promise<void> {
    await Promise.all(underWay);
    await membership.leave();
    await connections.close();
    await marker.close();
    parts.unlock();
  }

  return Object.freeze({
    ...createReader(connections.query, token),
    slashing: createSlashingReader(connections.query),
    storeId: meta.storeId,
    createdAt: meta.createdAt,
    generation: meta.generation,
    transact,
    close: () => (closed ??= close()),
  });
}

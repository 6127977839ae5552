/** What a server must be like before anything is entrusted to it. */
import type { Reason } from '../../core/outcome.ts';
import { bigint, integer, text } from '../store/rows.ts';
import { type Connection, UnfitServer } from './pg-driver.ts';

/** Which history of which cluster a connection leads to. */
export interface ServerIdentity {
  readonly systemId: string;
  /** Rises when a standby is promoted or a backup recovered. */
  readonly timeline: bigint;
}

export interface Server extends ServerIdentity {
  /** Standbys that may lack what was committed, so that a failover to one forgets signed duties. */
  readonly asynchronousStandbys: number;
}

const OLDEST_VERSION = 130_000;

const INSPECT = `SELECT
  current_setting('fsync') AS fsync,
  current_setting('full_page_writes') AS full_page_writes,
  current_setting('synchronous_commit') AS synchronous_commit,
  current_setting('server_version_num')::integer AS version,
  current_setting('server_encoding') AS encoding,
  pg_is_in_recovery()::integer AS in_recovery,
  (SELECT system_identifier::text FROM pg_control_system()) AS system_id,
  CASE WHEN pg_is_in_recovery() THEN 0
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint END AS timeline,
  CASE WHEN current_setting('synchronous_standby_names') = ''
    THEN (SELECT count(*) FROM pg_stat_replication WHERE application_name <> 'pg_basebackup')
    ELSE 0 END AS asynchronous_standbys`;

/** Throws for a server that could lose what it committed, saying what to set. */
export async function inspectServer({ query }: Connection): Promise<Server> {
  const [row = {}] = await query(INSPECT);
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    if (text(row, setting) !== 'on') {
      throw new UnfitServer(
        `\`${setting}\` of the database is not on; set it and reload the server`,
      );
    }
  }
  if (integer(row, 'version') < OLDEST_VERSION) {
    throw new UnfitServer('the database is older than PostgreSQL 13; upgrade it');
  }
  if (text(row, 'encoding') !== 'UTF8') {
    throw new UnfitServer('the encoding of the database is not UTF8; create one that is');
  }
  if (bigint(row, 'in_recovery') === 1n) {
    throw new UnfitServer('DATABASE_URL leads to a standby; name the primary');
  }
  return {
    systemId: text(row, 'system_id'),
    timeline: bigint(row, 'timeline'),
    asynchronousStandbys: integer(row, 'asynchronous_standbys'),
  };
}

export const STANDBYS: Reason = {
  code: 'store.standbys',
  message:
    'a standby of the database is not in `synchronous_standby_names`; slashable duties are refused until it is',
};

/** A PostgreSQL server of the machine's own binaries, in a directory that is gone when the tests are. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const INSTALLED = '/usr/lib/postgresql';

/** Where `initdb` and its kin are; `undefined` where PostgreSQL is not installed. */
export function postgresBinaries(): string | undefined {
  // eslint-disable-next-line n/no-process-env -- whoever starts the tests says where it is
  const named = process.env['POSTGRES_BIN'];
  if (named !== undefined) return named;
  if (!existsSync(INSTALLED)) return undefined;
  const [newest] = readdirSync(INSTALLED)
    .map((version) => join(INSTALLED, version, 'bin'))
    .filter((folder) => existsSync(join(folder, 'initdb')))
    .sort()
    .reverse();
  return newest;
}

export interface PostgresServer {
  /** Creates a database of its own; resolves to its URL. */
  readonly createDatabase: () => Promise<string>;
  /** Runs SQL as the superuser. */
  readonly sql: (database: string, sql: string) => Promise<string>;
  readonly stop: (mode: 'fast' | 'immediate') => Promise<void>;
  readonly start: () => Promise<void>;
  /** Takes a backup while the server runs; the returned function puts it in the server's place. */
  readonly backup: () => Promise<() => Promise<void>>;
  /** Attaches a standby that only receives, until the returned function is called. */
  readonly attachStandby: () => Promise<() => Promise<void>>;
  readonly dispose: () => Promise<void>;
}

/** The server refuses to run as root, so root runs it as the user whom the package made for it. */
function asServerUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

export async function startPostgres(
  binaries: string,
  settings: string[] = [],
): Promise<PostgresServer> {
  const user = asServerUser();
  const directory = mkdtempSync(join(tmpdir(), 'countersign-pg-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const call = (program: string, ...args: string[]): Promise<{ stdout: string }> =>
    run(join(binaries, program), args, { ...user, cwd: directory, env: { LC_ALL: 'C.UTF-8' } });
  const flags = ['listen_addresses=', `unix_socket_directories=${directory}`, ...settings].map(
    (setting) => `-c ${setting}`,
  );
  const start = async (): Promise<void> => {
    await call(
      'pg_ctl',
      '-D',
      data,
      '-o',
      flags.join(' '),
      '-l',
      join(directory, 'log'),
      '-w',
      'start',
    );
  };
  const stop = async (mode: string): Promise<void> => {
    await call('pg_ctl', '-D', data, '-m', mode, '-w', 'stop');
  };
  const sql = async (database: string, text: string): Promise<string> =>
    (
      await call('psql', '-h', directory, '-U', 'signer', '-At', '-c', text, database)
    ).stdout.trim();

  await call('initdb', '-D', data, '-A', 'trust', '-U', 'signer', '-E', 'UTF8', '--no-sync');
  await start();
  // Tests that end by force must not leave a server behind.
  const kill = (): void => {
    try {
      execFileSync(join(binaries, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop'], {
        ...user,
        cwd: directory,
        stdio: 'ignore',
      });
    } catch {
      // It is not running.
    }
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', kill);
  let databases = 0;
  let backups = 0;

  return {
    async createDatabase() {
      const name = `test_${String((databases += 1))}`;
      await sql('postgres', `CREATE DATABASE ${name}`);
      return `postgres://signer@/${name}?host=${encodeURIComponent(directory)}`;
    },
    sql,
    stop,
    start,
    async backup() {
      const kept = join(directory, `backup-${String((backups += 1))}`);
      await call(
        'pg_basebackup',
        '-h',
        directory,
        '-U',
        'signer',
        '-D',
        kept,
        '-c',
        'fast',
        '--no-sync',
      );
      return async () => {
        await stop('immediate');
        rmSync(data, { recursive: true });
        await run('cp', ['-a', kept, data]);
        await start();
      };
    },
    async attachStandby() {
      const received = join(directory, 'received');
      mkdirSync(received, { recursive: true });
      if (user.uid !== undefined && user.gid !== undefined) {
        chownSync(received, user.uid, user.gid);
      }
      const receiver = spawn(
        join(binaries, 'pg_receivewal'),
        ['-h', directory, '-U', 'signer', '-D', received],
        { ...user, cwd: directory, stdio: 'ignore' },
      );
      const exited = new Promise((resolve) => receiver.once('exit', resolve));
      while ((await sql('postgres', 'SELECT count(*) FROM pg_stat_replication')) !== '1') {
        if (receiver.exitCode !== null) throw new Error('the standby did not start');
      }
      return async () => {
        receiver.kill();
        await exited;
      };
    },
    async dispose() {
      process.off('exit', kill);
      await stop('immediate').catch(() => undefined);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Notices that a server became another one, before anything is entrusted to it. */
import type { Reason } from '../../core/outcome.ts';
import type { Connection } from './pg-driver.ts';
import { readProgress } from './identity.ts';
import { inspectServer, type Server } from './server.ts';

export interface ServerGuard {
  readonly inspect: (connection: Connection) => Promise<void>;
  readonly server: () => Server;
  /** The database has come so far; one that has not is an older one. */
  readonly committed: (sequence: bigint) => void;
  readonly breakDown: (cause: string) => void;
  /** Why nothing can be committed any more. */
  readonly broken: () => string | undefined;
}

/**
 * Looks at the server on every new connection. One that is of another history than at the start may
 * lack what was committed, and one that is not as far as it was does: this process goes no further,
 * and its next start finds what to do.
 */
export function createServerGuard(onBroken: (reason: Reason) => void): ServerGuard {
  let first: Server | undefined;
  let latest: Server | undefined;
  let latestCommit: bigint | undefined;
  let broken: string | undefined;

  function breakDown(cause: string): void {
    if (broken !== undefined) return;
    broken = cause;
    onBroken({ code: 'store.broken', message: `${cause}; restart the daemon` });
  }

  return {
    async inspect(connection) {
      // What others commit from here on is not missed where it is not seen.
      const mustHold = latestCommit;
      latest = await inspectServer(connection);
      first ??= latest;
      if (latest.systemId !== first.systemId || latest.timeline !== first.timeline) {
        breakDown('the database failed over or was restored');
      } else if (mustHold !== undefined && (await readProgress(connection)) < mustHold) {
        breakDown('the database is older than it was');
      }
      if (broken !== undefined) throw new Error(`${broken}; restart the daemon`);
    },
    server() {
      if (latest === undefined) throw new Error('no server was inspected yet');
      return latest;
    },
    committed(sequence) {
      if (latestCommit === undefined || sequence > latestCommit) latestCommit = sequence;
    },
    breakDown,
    broken: () => broken,
  };
}

/** Notices that a server became another one, before anything is entrusted to it. */
import type { Reason } from '../../core/outcome.ts';
import type { Connection } from './pg-driver.ts';
import { inspectServer, type Server } from './server.ts';

export interface ServerGuard {
  readonly inspect: (connection: Connection) => Promise<void>;
  readonly server: () => Server;
  readonly breakDown: (cause: string) => void;
  /** Why nothing can be committed any more. */
  readonly broken: () => string | undefined;
}

/**
 * Looks at the server on every new connection. One that is of another history than at the start may
 * lack what was committed, so this process goes no further; its next start finds what to do.
 */
export function createServerGuard(onBroken: (reason: Reason) => void): ServerGuard {
  let first: Server | undefined;
  let latest: Server | undefined;
  let broken: string | undefined;

  function breakDown(cause: string): void {
    if (broken !== undefined) return;
    broken = cause;
    onBroken({ code: 'store.broken', message: `${cause}; restart the daemon` });
  }

  return {
    async inspect(connection) {
      latest = await inspectServer(connection);
      first ??= latest;
      if (latest.systemId === first.systemId && latest.timeline === first.timeline) return;
      breakDown('the database failed over or was restored');
      throw new Error('the database is of another history than at the start; restart the daemon');
    },
    server() {
      if (latest === undefined) throw new Error('no server was inspected yet');
      return latest;
    },
    breakDown,
    broken: () => broken,
  };
}

/**
 * Several daemons on one database: each holds a lease while it lives. Whoever finds a lease that has
 * passed fences its holder, which can commit nothing from then on, and takes over its work.
 */
import type { Clock } from '../../core/ports.ts';
import type { Connections } from './pg-driver.ts';
import { integer } from '../store/rows.ts';

export interface Membership {
  /** Names this run of this daemon; whatever it has under way is marked with it. */
  readonly token: number;
  /** Lets others take over at once. */
  readonly leave: () => Promise<void>;
}

export interface MembershipOptions {
  /** The same for every run on one data directory, which no two processes hold at once. */
  readonly instance: string;
  readonly clock: Clock;
  /** Others were fenced: their work is to be taken up. */
  readonly onAbandoned: () => void;
  /** This daemon was fenced: it must not go on. */
  readonly onFenced: () => void;
  /** The database stopped answering, or answers again. */
  readonly onReach: (isReached: boolean) => void;
}

/** Seconds that a daemon may be silent. */
const LEASE = 15;
/** Milliseconds between two signs of life. */
const PULSE = 5_000;

export async function joinDaemons(
  connections: Connections,
  { instance, clock, onAbandoned, onFenced, onReach }: MembershipOptions,
): Promise<Membership> {
  const [row = {}] = await connections.query(
    `INSERT INTO daemons (instance, lease_until)
      VALUES ($1, clock_timestamp() + $2 * interval '1 second') RETURNING token`,
    ...[instance, LEASE],
  );
  const token = integer(row, 'token');
  await fenceOthers();
  let stopped = false;
  let isReached = true;
  let pulse: Promise<void> = Promise.resolve();
  let cancel = schedule();

  return Object.freeze({
    token,
    async leave() {
      stopped = true;
      cancel();
      await pulse;
      await connections
        .query('UPDATE daemons SET is_fenced = true WHERE token = $1', token)
        // Its lease will pass by itself.
        .catch(() => undefined);
    },
  });

  function schedule(): () => void {
    return clock.after(PULSE, () => {
      pulse = beat()
        // While the database is away nobody can take over either.
        .then(
          () => {
            tell(true);
          },
          () => {
            tell(false);
          },
        )
        .finally(() => {
          if (!stopped) cancel = schedule();
        });
    });
  }

  function tell(answered: boolean): void {
    if (answered === isReached) return;
    isReached = answered;
    onReach(answered);
  }

  async function beat(): Promise<void> {
    const alive = await connections.query(
      `UPDATE daemons SET lease_until = clock_timestamp() + $2 * interval '1 second'
        WHERE token = $1 AND NOT is_fenced RETURNING token`,
      ...[token, LEASE],
    );
    if (alive.length === 0) {
      stopped = true;
      onFenced();
      return;
    }
    if ((await fenceOthers()) > 0) onAbandoned();
  }

  async function fenceOthers(): Promise<number> {
    const [counted = {}] = await connections.query(
      'SELECT fence_others($1, $2) AS fenced',
      ...[token, instance],
    );
    return integer(counted, 'fenced');
  }
}

/**
 * Several daemons on one database: each holds a lease while it lives. Whoever finds a lease that has
 * passed fences its holder, which can commit nothing from then on; all others may take over its work.
 * They are woken for it, and look by themselves where nobody wakes them.
 */
import type { Clock } from '../../core/ports.ts';
import { keepListening } from './listen.ts';
import type { Connections, Listener } from './pg-driver.ts';
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
  /** Hears that some daemon was fenced or has left. */
  readonly listen: (hear: () => void) => Listener;
  /** Others were fenced or have left: their work is to be taken up. */
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
  { instance, clock, listen, onAbandoned, onFenced, onReach }: MembershipOptions,
): Promise<Membership> {
  const [row = {}] = await connections.query(
    `INSERT INTO daemons (instance, lease_until)
      VALUES ($1, clock_timestamp() + $2 * interval '1 second') RETURNING token`,
    ...[instance, LEASE],
  );
  const token = integer(row, 'token');
  let fenced = await fenceOthers();
  let isStopped = false;
  let isReached = true;
  let underWay: Promise<void> | undefined;
  let isAskedAgain = false;
  let cancel = (): void => undefined;
  beatLater();
  const listening = keepListening(listen, beat, clock);

  return Object.freeze({
    token,
    async leave() {
      isStopped = true;
      cancel();
      await listening.close();
      await underWay;
      await connections
        .query(`SELECT leave($1)`, token)
        // Its lease will pass by itself.
        .catch(() => undefined);
    },
  });

  function beatLater(): void {
    cancel();
    if (!isStopped) cancel = clock.after(PULSE, beat);
  }

  /** A sign of life, and a look at the others. */
  function beat(): void {
    if (isStopped) return;
    if (underWay !== undefined) {
      isAskedAgain = true;
      return;
    }
    underWay = look()
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
        underWay = undefined;
        const isDue = isAskedAgain;
        isAskedAgain = false;
        if (isDue) beat();
        else beatLater();
      });
  }

  function tell(answered: boolean): void {
    if (answered === isReached) return;
    isReached = answered;
    onReach(answered);
  }

  async function look(): Promise<void> {
    const alive = await connections.query(
      `UPDATE daemons SET lease_until = clock_timestamp() + $2 * interval '1 second'
        WHERE token = $1 AND NOT is_fenced RETURNING token`,
      ...[token, LEASE],
    );
    if (alive.length === 0) {
      isStopped = true;
      onFenced();
      return;
    }
    const before = fenced;
    fenced = await fenceOthers();
    if (fenced > before) onAbandoned();
  }

  /** Resolves to how many there ever were, whoever fenced them. */
  async function fenceOthers(): Promise<number> {
    const [counted = {}] = await connections.query(
      'SELECT fence_others($1, $2) AS fenced',
      ...[token, instance],
    );
    return integer(counted, 'fenced');
  }
}

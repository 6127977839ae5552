/**
 * Who shares a transaction with whom: what arrives while others are under way goes together, in one
 * commit and few round trips.
 */
import type { Transaction } from '../../core/ports.ts';
import { isLate, Refused } from './transaction.ts';

/** Work that waits for its transaction. */
export interface Member {
  readonly lanes: readonly string[];
  readonly work: (tx: Transaction) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How the work of each member ended; nothing is applied unless all are fulfilled. */
export type Ends = readonly PromiseSettledResult<unknown>[];

/**
 * Runs members, of whom no two share a lane, in one transaction. `patience` is how many milliseconds
 * each lane is waited for; absent: as long as it takes.
 */
export type Run = (members: readonly Member[], patience: number | undefined) => Promise<Ends>;

export type Join = <T>(
  lanes: readonly string[],
  work: (tx: Transaction) => Promise<T>,
) => Promise<T>;

/** Groups under way at once: while one waits for the disk, the next is filled. */
const AT_ONCE = 2;
const LARGEST = 256;
/** Milliseconds that a group waits for a lane which another daemon is in. */
const PATIENCE = 50;
/** Milliseconds after which work waits no longer for the groups under way. */
const LONGEST_WAIT = 100;

export function createGroups(run: Run): Join {
  const waiting: Member[] = [];
  let underWay = 0;
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    clearTimeout(timer);
    timer = undefined;
    underWay += 1;
    void settle(waiting.splice(0, LARGEST)).finally(() => {
      underWay -= 1;
      startNext();
    });
    startNext();
  }

  function startNext(): void {
    if (waiting.length === 0) return;
    if (underWay < AT_ONCE) start();
    else timer ??= setTimeout(start, LONGEST_WAIT);
  }

  /** Where one fails the others begin again: together if it failed by itself, else each alone. */
  async function settle(members: readonly Member[]): Promise<void> {
    try {
      const others = tell(members, await run(members, PATIENCE));
      if (others.length > 0) await settle(others);
    } catch (error) {
      const isWorthwhile = error instanceof Refused && (members.length > 1 || isLate(error));
      for (const member of members) {
        if (isWorthwhile) void settleAlone(member);
        else member.reject(error);
      }
    }
  }

  /** Waits as long as it takes, and nobody with it. */
  async function settleAlone(member: Member): Promise<void> {
    try {
      tell([member], await run([member], undefined));
    } catch (error) {
      member.reject(error);
    }
  }

  return (lanes, work) =>
    new Promise((resolve, reject) => {
      // SAFETY: what it resolves with is what this `work` gave.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
      waiting.push({ lanes, work, resolve: resolve as (value: unknown) => void, reject });
      startNext();
    });
}

/** Returns those whose work came to nothing because that of another failed. */
function tell(members: readonly Member[], ends: Ends): readonly Member[] {
  const isApplied = ends.every(({ status }) => status === 'fulfilled');
  return members.filter(({ resolve, reject }, index) => {
    const end = ends[index];
    if (end?.status === 'rejected') reject(end.reason);
    else if (isApplied) resolve(end?.value);
    else return true;
    return false;
  });
}

/** Time that passes only when a test says so; the timers of an outage run in milliseconds. */
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../src/core/ports.ts';

export interface SimulatedClock extends Clock {
  /** Lets `milliseconds` pass, running due timers in order and real I/O between them. */
  readonly advance: (milliseconds: number) => Promise<void>;
  /** Lets time pass at once; timers that fell due run with the next `advance`. */
  readonly skip: (milliseconds: number) => void;
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** Real work that a test must wait for, e.g. transactions of the store. */
export interface Activity {
  readonly underWay: () => number;
  readonly done: () => number;
}

export function createSimulatedClock(
  activity: Activity = { underWay: () => 0, done: () => 0 },
): SimulatedClock {
  let now = 1_760_000_000_000;
  const timers = new Set<Timer>();

  function nextDue(limit: number): Timer | undefined {
    return [...timers].filter(({ at }) => at <= limit).sort((a, b) => a.at - b.at)[0];
  }

  return {
    now: () => now,
    elapsed: () => now,
    after(delay, task) {
      const timer = { at: now + delay, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    skip(milliseconds) {
      now += milliseconds;
    },
    async advance(milliseconds) {
      const target = now + milliseconds;
      await settle(activity);
      for (let due = nextDue(target); due !== undefined; due = nextDue(target)) {
        now = Math.max(now, due.at);
        timers.delete(due);
        due.task();
        await settle(activity);
      }
      now = target;
      await settle(activity);
    },
  };
}

/** Lets real I/O come to rest: nothing under way, or nothing moving for a while. */
async function settle(activity: Activity): Promise<void> {
  let quiet = 0;
  let done = activity.done();
  let movedAt = Date.now();
  while (quiet < 6) {
    await setImmediate();
    if (activity.done() !== done) {
      done = activity.done();
      movedAt = Date.now();
      quiet = 0;
    } else if (activity.underWay() === 0 || Date.now() - movedAt > STUCK) {
      quiet += 1;
    }
  }
}

/** Milliseconds after which work that does not move is taken for work that waits on purpose. */
const STUCK = 200;

/** How often each of many names may do something: one token bucket for each (not the bearer kind). */
import type { Clock } from '../core/ports.ts';
import { problemReply } from './problem.ts';
import type { Reply } from './reply.ts';

export interface Rate {
  readonly perSecond: number;
  /** How many at once after a rest. */
  readonly burst: number;
}

export interface RateLimit {
  /** Counts one. Otherwise milliseconds until there is room again, and nothing is counted. */
  readonly take: (name: string) => number | undefined;
  /** The same without counting. */
  readonly look: (name: string) => number | undefined;
}

/** Names remembered; the one that was quiet for longest is forgotten first, which forgives it. */
const MAX_NAMES = 4_096;

interface Bucket {
  readonly left: number;
  readonly at: number;
}

export function createRateLimit({ perSecond, burst }: Rate, clock: Pick<Clock, 'now'>): RateLimit {
  const buckets = new Map<string, Bucket>();

  function leftFor(name: string, now: number): number {
    const bucket = buckets.get(name);
    if (bucket === undefined) return burst;
    // A clock that was set back gives nothing and takes nothing.
    const seconds = Math.max(0, now - bucket.at) / 1_000;
    return Math.min(burst, bucket.left + seconds * perSecond);
  }

  function waitFor(left: number): number | undefined {
    return left >= 1 ? undefined : Math.ceil(((1 - left) / perSecond) * 1_000);
  }

  function take(name: string): number | undefined {
    const now = clock.now();
    const left = leftFor(name, now);
    const wait = waitFor(left);
    buckets.delete(name);
    buckets.set(name, { left: wait === undefined ? left - 1 : left, at: now });
    const [oldest] = buckets.size > MAX_NAMES ? buckets.keys() : [];
    if (oldest !== undefined) buckets.delete(oldest);
    return wait;
  }

  return Object.freeze({ take, look: (name: string) => waitFor(leftFor(name, clock.now())) });
}

export const UNLIMITED: RateLimit = Object.freeze({
  take: () => undefined,
  look: () => undefined,
});

/** Asks to come again; `wait` in milliseconds. */
export function tooMany(what: string, message: string, wait: number): Reply {
  const seconds = Math.max(1, Math.ceil(wait / 1_000));
  return {
    ...problemReply(429, { code: `caller.${what}`, message }),
    headers: { 'retry-after': String(seconds) },
  };
}

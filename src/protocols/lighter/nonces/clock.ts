/** Whether the clock can be relied on for what a signature makes of it: nonces and expiries. */
import type { Reason } from '../../../core/outcome.ts';
import { CLOCK_TOLERANCE } from './limits.ts';

export interface ClockReadings {
  /** Epoch milliseconds. */
  readonly now: bigint;
  /** Time of the last decision on the same key. */
  readonly seenAt: bigint;
  /** How far the clock has moved against a monotonic one, if anybody watches. */
  readonly step?: bigint;
}

/**
 * A clock that is set back is seen by the time of the decision before; one that is set forward only
 * where a monotonic clock is compared.
 */
export function clockDoubt({ now, seenAt, step = 0n }: ClockReadings): Reason | undefined {
  const moved = seenAt - now > CLOCK_TOLERANCE ? now - seenAt : step;
  if (-CLOCK_TOLERANCE <= moved && moved <= CLOCK_TOLERANCE) return undefined;
  const way = moved < 0n ? 'back' : 'forward';
  const distance = moved < 0n ? -moved : moved;
  return {
    code: 'lighter.clock_step',
    message: `the clock stepped ${way} by ${String(distance)} ms; set it right, or refresh the nonce to accept it`,
  };
}

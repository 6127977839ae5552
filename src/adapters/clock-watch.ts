/**
 * Watches the clock of the machine against one that nobody can set. A jump makes times that were taken
 * before it worthless, so whatever is derived from the clock has to know of it.
 */
import { performance } from 'node:perf_hooks';

/** Clocks that are disciplined run a little faster or slower for hours; that is no jump. */
const DRIFT = 0.001;
/** Milliseconds that two readings may lie apart because the process was not running between them. */
const BLUR = 1_000;

export interface Clocks {
  /** Epoch milliseconds. */
  readonly wall: () => number;
  /** Milliseconds, never set. */
  readonly steady: () => number;
}

const SYSTEM: Clocks = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * Milliseconds that the clock has jumped by since the start, forward or back; small steps that make
 * up for drift do not add up to a jump.
 */
export function watchClock({ wall, steady }: Clocks = SYSTEM): () => number {
  let lastWall = wall();
  let lastSteady = steady();
  let jumped = 0;
  return () => {
    const [nowWall, nowSteady] = [wall(), steady()];
    const elapsed = nowSteady - lastSteady;
    const moved = nowWall - lastWall - elapsed;
    if (Math.abs(moved) > BLUR + DRIFT * elapsed) jumped += moved;
    [lastWall, lastSteady] = [nowWall, nowSteady];
    return jumped;
  };
}

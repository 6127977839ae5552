/** Lets a fault test end the process, without any farewell, at a named place. */
import process from 'node:process';

import type { KillPoint, Probe } from '../../core/probe.ts';

/** Which place, and at which passing of it, counted from 1. */
export interface KillAt {
  readonly point: KillPoint;
  readonly hit: number;
}

/** Without `at` the probe does nothing. */
export function killProbe(at: KillAt | undefined): Probe {
  if (at === undefined) return () => undefined;
  let hits = 0;
  return (point) => {
    if (point !== at.point) return;
    hits += 1;
    if (hits === at.hit) process.kill(process.pid, 'SIGKILL');
  };
}

/** Keeps the store from growing for ever: now and then it forgets what ended long ago. */
import { setTimeout as pause } from 'node:timers/promises';

import { forgetEnded } from '../core/forget.ts';
import type { Clock, Store } from '../core/ports.ts';
import { startUpkeep, type StopUpkeep } from './upkeep.ts';

const MINUTE = 60_000;
/** The first time when the rush of a start is over. */
export const FORGETTING_TIMES = { first: 10 * MINUTE, interval: 60 * MINUTE } as const;
/** Milliseconds between two transactions of it. */
const REST = 50;

export interface ForgettingDeps {
  readonly store: Pick<Store, 'endedBefore' | 'transact'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly onForgotten: (forgotten: {
    readonly jobs: number;
    readonly milliseconds: number;
  }) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Forgets what ended longer ago than `kept` milliseconds. */
export function startForgetting(
  kept: number,
  { store, clock, onForgotten, onFailure }: ForgettingDeps,
): StopUpkeep {
  const rest = (): Promise<void> => pause(REST, undefined, { ref: false });

  async function forget(signal: AbortSignal): Promise<void> {
    const startedAt = clock.now();
    const jobs = await forgetEnded(store, startedAt - kept, { rest, signal });
    if (jobs > 0) onForgotten({ jobs, milliseconds: clock.now() - startedAt });
  }

  return startUpkeep(FORGETTING_TIMES, forget, { clock, onFailure });
}

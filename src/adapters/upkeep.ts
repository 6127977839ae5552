/** Work that is done in the background now and then, for as long as the daemon runs. */
import type { Clock } from '../core/ports.ts';

export interface UpkeepTimes {
  /** Milliseconds from the start to the first time. */
  readonly first: number;
  /** Milliseconds from one end to the next beginning. */
  readonly interval: number;
}

export interface UpkeepDeps {
  readonly clock: Pick<Clock, 'after'>;
  readonly onFailure: (error: unknown) => void;
}

/** Resolves, when called, once nothing of it runs any more. */
export type StopUpkeep = () => Promise<void>;

/** Does `work` until it is stopped, which its signal says; a failure is told, and the next time tries again. */
export function startUpkeep(
  { first, interval }: UpkeepTimes,
  work: (signal: AbortSignal) => Promise<void>,
  { clock, onFailure }: UpkeepDeps,
): StopUpkeep {
  const stopping = new AbortController();
  let underWay: Promise<void> = Promise.resolve();
  let cancel = clock.after(first, begin);

  function begin(): void {
    underWay = work(stopping.signal)
      .catch(onFailure)
      .finally(() => {
        if (!stopping.signal.aborted) cancel = clock.after(interval, begin);
      });
  }

  return () => {
    stopping.abort();
    cancel();
    return underWay;
  };
}

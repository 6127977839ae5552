/** What the pipeline tells its observer: one event per stage, an alarm for every refusal. */
import { CannotSign, type Reason, type Stage } from './outcome.ts';
import { CommitUnknown, type Clock, type Observer, type StageEvent } from './ports.ts';

export type Ending = Pick<StageEvent, 'stage'> &
  Partial<Omit<StageEvent, 'stage' | 'source' | 'job' | 'milliseconds'>>;

/** A stage being timed; `end` reports it. */
export interface Timed {
  readonly startedAt: number;
  readonly end: (ending: Ending, job?: string) => void;
}

export function startStage(
  deps: { readonly clock: Clock; readonly observer: Observer },
  source: string,
): Timed {
  const startedAt = deps.clock.elapsed();
  return {
    startedAt: deps.clock.now(),
    end(ending, job): void {
      deps.observer.stage({
        source,
        ...(job === undefined ? {} : { job }),
        ...ending,
        milliseconds: deps.clock.elapsed() - startedAt,
      });
      for (const reason of alarmsOf(ending)) deps.observer.alarm(reason, job);
    },
  };
}

/** One for each kind of refusal, of the whole or of its parts; mostly there are none. */
function alarmsOf(ending: Ending): Iterable<Reason> {
  const refusals = [ending, ...(ending.parts ?? [])].filter(isAlarming);
  if (refusals.length === 0) return [];
  return new Map(
    refusals.flatMap(({ reason }) => (reason ? [[reason.code, reason]] : [])),
  ).values();
}

/** Nothing was signed although somebody asked for it, and it is not simply somebody else's. */
function isAlarming({ outcome }: Pick<StageEvent, 'outcome'>): boolean {
  return (
    outcome === 'withheld' ||
    outcome === 'declined' ||
    outcome === 'failed' ||
    outcome === 'conflict'
  );
}

/** Why machinery broke. Of an unexpected error only its name is safe to tell; the log has more. */
export function brokenReason(where: Stage, error: unknown): Reason {
  if (error instanceof CommitUnknown) {
    return {
      code: 'machinery.commit_unknown',
      message: `${where}: the store could not confirm a commit; nothing was signed on its account`,
    };
  }
  if (error instanceof CannotSign) return error.reason;
  const name = error instanceof Error ? error.name : 'unknown error';
  return { code: 'machinery.broken', message: `${where} broke: ${name}; the log says where` };
}

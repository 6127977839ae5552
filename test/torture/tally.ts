/** Counts by name, in the order in which names were first counted. */

export interface Tally {
  readonly count: (name: string, by?: number) => void;
  readonly of: (name: string) => number;
  readonly total: () => number;
  readonly entries: () => readonly (readonly [name: string, count: number])[];
}

export function createTally(names: readonly string[] = []): Tally {
  const counts = new Map(names.map((name) => [name, 0]));
  return Object.freeze({
    count(name: string, by = 1): void {
      counts.set(name, (counts.get(name) ?? 0) + by);
    },
    of: (name: string) => counts.get(name) ?? 0,
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    entries: () => [...counts],
  });
}

/** What a run has seen and done, all worlds together. */
export interface Tallies {
  /** Events by their fate. */
  readonly events: Tally;
  /** What senders did beside sending each event once. */
  readonly mischief: Tally;
  /** Deaths by kill point. */
  readonly kills: Tally;
  /** Failures of the endpoint by kind. */
  readonly failures: Tally;
  readonly other: Tally;
  /** Sentences; each one is a failure of the run. */
  readonly violations: string[];
}

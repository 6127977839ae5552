/** What is counted during a run, and what must never be. */
import { KILL_POINTS } from '../../src/core/probe.ts';

/** Counts by name, in the order in which names were first counted. */
export interface Tally {
  readonly count: (name: string, by?: number) => void;
  readonly of: (name: string) => number;
  readonly total: () => number;
  readonly entries: () => readonly (readonly [name: string, count: number])[];
}

function createTally(names: readonly string[] = []): Tally {
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

/** What must not happen, worst first. */
export const WRONGS = [
  'losses',
  'second effects',
  'effects off the record',
  'revocations broken',
  'leaks',
  'wrong answers',
  'troubles',
] as const;
export type Wrong = (typeof WRONGS)[number];

export interface Violation {
  readonly wrong: Wrong;
  readonly sentence: string;
}

export function violations(wrong: Wrong, sentences: readonly string[]): readonly Violation[] {
  return sentences.map((sentence) => ({ wrong, sentence }));
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
  /** Each one is a failure of the run. */
  readonly violations: readonly Violation[];
  readonly violate: (wrong: Wrong, ...sentences: readonly string[]) => void;
}

export function createTallies(): Tallies {
  const found: Violation[] = [];
  return Object.freeze({
    events: createTally(),
    mischief: createTally(),
    kills: createTally([...KILL_POINTS, BY_CHANCE]),
    failures: createTally(),
    other: createTally(),
    violations: found,
    violate(wrong: Wrong, ...sentences: readonly string[]): void {
      found.push(...violations(wrong, sentences));
    },
  });
}

/** Deaths at any moment, by a signal from outside. */
export const BY_CHANCE = 'by chance';

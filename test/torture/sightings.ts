/** Every answer that became visible outside, whatever became of it then. */
import { type Mutation, secretsIn, statementsOf } from './statements.ts';

export interface Sightings {
  /** `arrived`: the other side keeps it, and will not ask again. */
  readonly saw: (mutation: Mutation, arrived: boolean) => void;
  readonly wasSeen: (question: string) => boolean;
  readonly hasArrived: (question: string) => boolean;
  /** Resolves when an answer to every question has arrived, or the time is over. */
  readonly arrival: (questions: readonly string[], milliseconds: number) => Promise<void>;
  readonly distinct: () => number;
  readonly secrets: () => readonly string[];
}

export function createSightings(onContradiction: (sentence: string) => void): Sightings {
  const answers = new Map<string, string>();
  const arrived = new Set<string>();
  const secrets = new Set<string>();
  const waiting = new Set<() => void>();
  const haveAll = (questions: readonly string[]): boolean =>
    questions.every((question) => arrived.has(question));

  return Object.freeze({
    saw(mutation: Mutation, isKept: boolean): void {
      for (const secret of secretsIn(mutation)) secrets.add(secret);
      for (const { question, answer } of statementsOf(mutation)) {
        const first = answers.get(question);
        if (first === undefined) answers.set(question, answer);
        else if (first !== answer) onContradiction(`two different answers to ${question}`);
        if (isKept) arrived.add(question);
      }
      for (const look of waiting) look();
    },
    wasSeen: (question: string) => answers.has(question),
    hasArrived: (question: string) => arrived.has(question),
    arrival(questions: readonly string[], milliseconds: number): Promise<void> {
      if (haveAll(questions)) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        const look = (): void => {
          if (haveAll(questions)) done();
        };
        const timer = setTimeout(done, milliseconds);
        waiting.add(look);
      });
    },
    distinct: () => answers.size,
    secrets: () => [...secrets],
  });
}

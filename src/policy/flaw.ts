import type { ProblemCode } from './problem.ts';

/** What is wrong in a condition, with offsets into the condition's own text. */
export interface Flaw {
  readonly code: ProblemCode;
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

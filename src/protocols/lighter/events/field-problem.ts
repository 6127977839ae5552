/** Why a request cannot be read. */
import type { Reason } from '../../../core/outcome.ts';

/** A field, and the rule it breaks; never its value. */
export interface FieldProblem {
  readonly field: string;
  readonly rule: string;
}

/** A bad field, or a client that is not there. */
export type ReadingProblem = FieldProblem | Reason;

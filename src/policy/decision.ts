/** What policy answers: a verdict with the rules that caused it, never a bare boolean. */

/** Why the verdict is what it is; a world decides how loudly each refusal is spoken. */
export type Cause = 'permit' | 'forbid' | 'no-rule' | 'error';

export interface RuleError {
  readonly rule: string;
  readonly message: string;
}

export interface Decision {
  readonly verdict: 'allow' | 'deny';
  readonly cause: Cause;
  /** Ids of the rules that decided: the forbids, else the permits, else the failing rules. */
  readonly rules: readonly string[];
  readonly errors: readonly RuleError[];
  /** Hash of the policy set in force; its text is kept under this hash. */
  readonly policyHash: string;
}

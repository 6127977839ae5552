/**
 * The decision. A forbid beats a permit, an error beats a permit, and where no rule matched nothing
 * is signed; the order of rules and files never matters.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Condition } from './condition.ts';
import type { Cause, Decision, RuleError } from './decision.ts';
import type { Effect } from './document.ts';
import type { CheckFacts } from './fact-check.ts';
import type { FactRecord, FactValue } from './facts.ts';

/** A rule as it stands in one action's scope. */
export interface ScopedRule {
  readonly id: string;
  readonly effect: Effect;
  /** Absent: the rule always matches. */
  readonly condition?: Condition;
}

export interface ActionRules {
  readonly check: CheckFacts;
  /** In the order of their ids, so that decisions are equal texts as well as equal verdicts. */
  readonly rules: readonly ScopedRule[];
}

/**
 * Decides by all rules in scope. Facts that do not fit their declaration fail every rule but a
 * forbid without a condition, which needs none.
 */
export function evaluate(
  { check, rules }: ActionRules,
  values: Readonly<Record<string, FactValue>>,
  policyHash: string,
): Decision {
  const facts = check(values);
  const permits: string[] = [];
  const forbids: string[] = [];
  const errors: RuleError[] = [];
  for (const rule of rules) {
    const match = matches(rule, facts);
    if (!match.ok) errors.push({ rule: rule.id, message: match.error });
    else if (match.value) (rule.effect === 'forbid' ? forbids : permits).push(rule.id);
  }
  if (forbids.length > 0) return decision('forbid', forbids);
  if (errors.length > 0)
    return decision(
      'error',
      errors.map(({ rule }) => rule),
    );
  return permits.length > 0 ? decision('permit', permits) : decision('no-rule', []);

  function decision(cause: Cause, decisive: readonly string[]): Decision {
    const verdict = cause === 'permit' ? 'allow' : 'deny';
    return { verdict, cause, rules: decisive, errors, policyHash };
  }
}

function matches(rule: ScopedRule, facts: Result<FactRecord, string>): Result<boolean, string> {
  if (rule.condition === undefined && rule.effect === 'forbid') return ok(true);
  if (!facts.ok) return err(facts.error);
  return rule.condition?.holds(facts.value) ?? ok(true);
}

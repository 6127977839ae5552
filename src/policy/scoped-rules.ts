/** Rules → rules by action, each compiled against the facts of every action in its scope. */
import { createConditionCompiler, type CompileCondition, type Lists } from './condition.ts';
import type { RuleDeclaration } from './document.ts';
import type { ActionRules, ScopedRule } from './evaluate.ts';
import { createFactCheck } from './fact-check.ts';
import type { ActionSpec, Vocabulary } from './facts.ts';
import type { Flaw } from './flaw.ts';
import { problemAt, type PolicyProblem } from './problem.ts';
import { restsOnClaims } from './provenance.ts';
import { resolveScope, type ScopedAction } from './scope.ts';
import { factsIn, type Term } from './term.ts';

export interface ScopedRules {
  /** By `world.action`; actions without rules are absent. */
  readonly actions: ReadonlyMap<string, ActionRules>;
  readonly problems: readonly PolicyProblem[];
}

interface OpenScope extends ActionRules {
  readonly compile: CompileCondition;
  readonly rules: ScopedRule[];
}

export function scopeRules(
  declarations: readonly RuleDeclaration[],
  lists: Lists,
  vocabulary: Vocabulary,
): ScopedRules {
  const scopes = new Map<string, OpenScope>();
  const problems: PolicyProblem[] = [];
  const inOrderOfId = [...declarations].sort((a, b) => (a.id.text < b.id.text ? -1 : 1));
  for (const rule of inOrderOfId) {
    const actions = actionsOf(rule);
    const flaws = actions.flatMap((action) => addTo(action, rule));
    problems.push(...problemsOf(rule, flaws, actions.length));
  }
  return { actions: scopes, problems };

  /** The actions that `on` names, each once. */
  function actionsOf(rule: RuleDeclaration): readonly ScopedAction[] {
    const named = rule.on.flatMap(({ text, place }) => {
      const actions = resolveScope(text, vocabulary);
      if (actions.ok) return actions.value;
      problems.push(problemAt(place, 'policy.scope', actions.error));
      return [];
    });
    return [...new Map(named.map((action) => [action.name, action])).values()];
  }

  function addTo(action: ScopedAction, rule: RuleDeclaration): readonly ActionFlaw[] {
    const scope = scopeOf(action);
    const { effect } = rule;
    const id = rule.id.text;
    if (rule.when === undefined) {
      scope.rules.push({ id, effect });
      return [];
    }
    const condition = scope.compile(rule.when.text);
    const flaws = condition.ok
      ? claimFlaws(rule, action.spec, condition.value.term)
      : condition.error;
    if (condition.ok) scope.rules.push({ id, effect, condition: condition.value });
    return flaws.map((flaw) => ({ ...flaw, action: action.name }));
  }

  function scopeOf({ name, spec }: ScopedAction): OpenScope {
    const scope = scopes.get(name) ?? {
      check: createFactCheck(spec),
      compile: createConditionCompiler(spec, lists),
      rules: [],
    };
    scopes.set(name, scope);
    return scope;
  }
}

interface ActionFlaw extends Flaw {
  readonly action: string;
}

/**
 * A permit that moves value must test, in each of its alternatives, a fact that is proven or
 * configured. A permit that reads no fact at all is the operator's own word, not the sender's, and
 * stands.
 */
function claimFlaws(rule: RuleDeclaration, spec: ActionSpec, term: Term): readonly Flaw[] {
  if (rule.effect !== 'permit' || !spec.movesValue) return [];
  const isClaimed = (fact: string): boolean => spec.facts[fact]?.provenance === 'claimed';
  const claimed = [...new Set(factsIn(term).filter(isClaimed))];
  if (claimed.length === 0 || !restsOnClaims(term, (fact) => !isClaimed(fact))) return [];
  const names = claimed.map((fact) => `\`${fact}\``).join(', ');
  const message = `this permit moves value on the sender's word alone (${names}); also test a fact that is proven or configured`;
  return [{ code: 'policy.claimed-only', message, start: 0, end: rule.when?.text.length ?? 0 }];
}

/** One problem per flaw, naming the actions unless all that the rule is on share it. */
function problemsOf(
  rule: RuleDeclaration,
  flaws: readonly ActionFlaw[],
  actionCount: number,
): readonly PolicyProblem[] {
  const { when } = rule;
  if (when === undefined) return [];
  const groups = new Map<string, ActionFlaw[]>();
  for (const flaw of flaws) {
    const key = `${String(flaw.start)} ${flaw.message}`;
    groups.set(key, [...(groups.get(key) ?? []), flaw]);
  }
  return [...groups.values()].flatMap(([flaw, ...others]) => {
    if (flaw === undefined) return [];
    const actions = [flaw, ...others].map(({ action }) => `\`${action}\``);
    const where = actionCount === actions.length ? '' : ` (in ${actions.join(', ')})`;
    const place = when.within(flaw.start, flaw.end);
    return [problemAt(place, flaw.code, `${flaw.message}${where}`)];
  });
}

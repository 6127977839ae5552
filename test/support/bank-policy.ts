/** A small vocabulary of its own for tests of the policy engine, and short ways to load texts. */
import { ok, type Result } from '../../src/base/result.ts';
import type { Decision } from '../../src/policy/decision.ts';
import type { Facts, FactSpec, FactValue, Vocabulary } from '../../src/policy/facts.ts';
import { loadPolicySet, type PolicySet } from '../../src/policy/policy-set.ts';
import { formatProblem, type PolicyProblem } from '../../src/policy/problem.ts';

const proven = (type: FactSpec['type']): FactSpec => ({
  type,
  provenance: 'proven',
  about: 'test',
});

export const BANK: Vocabulary = {
  bank: {
    pay: {
      movesValue: true,
      about: 'sends money',
      facts: {
        amount: proven('int'),
        to: proven('string'),
        outputs: proven('list<int>'),
        labels: proven('list<string>'),
        fee: { ...proven('int'), optional: true },
        trusted: { type: 'bool', provenance: 'configured', about: 'test' },
        memo: { type: 'string', provenance: 'claimed', about: 'test' },
        reference: { type: 'string', provenance: 'claimed', optional: true, about: 'test' },
      },
    },
    look: {
      movesValue: false,
      about: 'shows a balance',
      facts: { memo: { type: 'string', provenance: 'claimed', about: 'test' } },
    },
  },
  post: { send: { movesValue: false, about: 'sends a letter', facts: {} } },
};

export const PAYMENT: Readonly<Record<string, FactValue>> = {
  amount: 500n,
  to: 'alice',
  outputs: [1n, 2n, 3n],
  labels: ['a', 'b'],
  trusted: true,
  memo: 'rent',
};

export function payment(changes: Readonly<Record<string, FactValue>> = {}): Facts {
  return { world: 'bank', action: 'pay', values: { ...PAYMENT, ...changes } };
}

export interface RuleText {
  readonly id?: string;
  readonly on?: string;
  readonly effect?: string;
  readonly when?: string;
}

/** One document with these rules; conditions are written as blocks. */
export function documentOf(rules: readonly RuleText[], lists: readonly string[] = []): string {
  const declared = lists.map((name) => `  ${name}: lists/${name}.txt\n`).join('');
  const written = rules.map(({ id = 'rule', on = 'bank.pay', effect = 'permit', when }) => {
    const condition = when === undefined ? '' : `    when: |\n      ${when}\n`;
    return `  - id: ${id}\n    on: ${on}\n    effect: ${effect}\n${condition}`;
  });
  const head = `version: 1\n${declared === '' ? '' : `lists:\n${declared}`}`;
  return written.length === 0 ? `${head}rules: []\n` : `${head}rules:\n${written.join('')}`;
}

type Loaded = Result<PolicySet, readonly PolicyProblem[]>;

export function loadText(text: string, lists: Readonly<Record<string, string>> = {}): Loaded {
  const texts = Object.entries(lists).map(([path, list]) => [path, ok(list)] as const);
  return loadPolicySet([{ file: 'test.yaml', text }], new Map(texts), BANK);
}

/** The set, or the problems as a failure that shows them. */
export function loaded(result: Loaded): PolicySet {
  if (result.ok) return result.value;
  throw new Error(result.error.map(formatProblem).join('\n'));
}

/** What is wrong in a text, as operators see it. */
export function refusals(text: string, lists: Readonly<Record<string, string>> = {}): string[] {
  const result = loadText(text, lists);
  return result.ok ? [] : result.error.map(formatProblem);
}

/** What is wrong in one condition, without its place. */
export function flaws(when: string, rule: Omit<RuleText, 'when'> = {}): string[] {
  const result = loadText(documentOf([{ ...rule, when }]));
  return result.ok ? [] : result.error.map(({ message }) => message);
}

/** Decides a payment by one permit with this condition. */
export function decide(when: string, facts: Facts = payment()): Decision {
  return loaded(loadText(documentOf([{ when }]))).evaluate(facts);
}

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Decision } from '../../src/policy/decision.ts';
import type { Facts, FactValue } from '../../src/policy/facts.ts';
import {
  decide,
  documentOf,
  loaded,
  loadText,
  payment,
  PAYMENT,
  type RuleText,
} from '../support/bank-policy.ts';

function decideBy(rules: readonly RuleText[], facts: Facts = payment()): Decision {
  return loaded(loadText(documentOf(rules))).evaluate(facts);
}

/** Divides by zero for every payment; no way around it at load time. */
const BREAKS = '1 / (fact.amount - fact.amount) == 1';

describe('a decision', () => {
  test('is a refusal where no rule matched', () => {
    expect(decideBy([{ when: 'fact.amount > 500' }])).toMatchObject({
      verdict: 'deny',
      cause: 'no-rule',
      rules: [],
      errors: [],
    });
  });

  test('is a refusal where no rule speaks of the action, or the action is unknown', () => {
    const set = loaded(loadText(documentOf([{}])));
    for (const action of ['look', 'steal', 'toString']) {
      const decision = set.evaluate({ world: 'bank', action, values: {} });
      expect(decision).toMatchObject({ verdict: 'deny', cause: 'no-rule' });
    }
  });

  test('allows by every permit that matched and names them', () => {
    const rules = [
      { id: 'small', when: 'fact.amount <= 500' },
      { id: 'large', when: 'fact.amount > 500' },
      { id: 'always' },
    ];
    expect(decideBy(rules)).toMatchObject({
      verdict: 'allow',
      cause: 'permit',
      rules: ['always', 'small'],
    });
  });

  test('lets a forbid beat any number of permits and names only forbids', () => {
    const rules = [
      { id: 'a' },
      { id: 'b', when: 'fact.trusted' },
      { id: 'c', effect: 'forbid', when: 'fact.to == "alice"' },
      { id: 'd', effect: 'forbid' },
    ];
    expect(decideBy(rules)).toMatchObject({ verdict: 'deny', cause: 'forbid', rules: ['c', 'd'] });
  });

  test('lets the error of any rule in scope beat a permit', () => {
    for (const effect of ['permit', 'forbid']) {
      const decision = decideBy([{ id: 'fine' }, { id: 'broken', effect, when: BREAKS }]);
      expect(decision).toEqual({
        verdict: 'deny',
        cause: 'error',
        rules: ['broken'],
        errors: [{ rule: 'broken', message: 'the condition cannot be computed: division by zero' }],
        policyHash: decision.policyHash,
      });
    }
  });

  test('lets a forbid beat an error, and still tells the error', () => {
    const decision = decideBy([
      { id: 'no', effect: 'forbid' },
      { id: 'broken', when: BREAKS },
    ]);
    expect(decision).toMatchObject({ cause: 'forbid', rules: ['no'] });
    expect(decision.errors).toHaveLength(1);
  });

  test('is not touched by an error outside of its scope', () => {
    const set = loaded(
      loadText(
        documentOf([
          { id: 'broken', when: BREAKS },
          { id: 'seen', on: 'bank.look' },
        ]),
      ),
    );
    const look = { world: 'bank', action: 'look', values: { memo: '' } };
    expect(set.evaluate(look)).toMatchObject({ verdict: 'allow', errors: [] });
  });

  test('carries the hash of the policy set', () => {
    const set = loaded(loadText(documentOf([{}])));
    expect(set.evaluate(payment()).policyHash).toBe(set.hash);
  });

  test('reaches every action of a world that a rule names alone', () => {
    const set = loaded(loadText(documentOf([{ on: 'bank' }])));
    const look = { world: 'bank', action: 'look', values: { memo: 'rent' } };
    expect(set.evaluate(look).verdict).toBe('allow');
    expect(set.evaluate(payment()).verdict).toBe('allow');
    expect(decideBy([{ on: '[bank.look, post]' }]).cause).toBe('no-rule');
  });
});

describe('facts', () => {
  const unfit: Readonly<Record<string, Readonly<Record<string, FactValue>>>> = {
    'is not of type `int`': { amount: 'five' },
    'is not of type `string`': { to: 5n },
    'is not of type `bool`': { trusted: 'true' },
    'is not of type `list<int>`': { outputs: ['1'] },
    'is not of type `list<string>`': { labels: [1n] },
  };

  test.each(Object.entries(unfit))('whose value %s are an error of the rule', (fault, values) => {
    const [name] = Object.keys(values);
    const { cause, errors } = decideBy([{ id: 'any' }], payment(values));
    expect(cause).toBe('error');
    expect(errors).toEqual([{ rule: 'any', message: `fact \`${String(name)}\` ${fault}` }]);
  });

  test('that are JavaScript numbers are an error, not an approximation', () => {
    // @ts-expect-error a number is no fact value
    expect(decide('fact.amount == 5', payment({ amount: 5 })).cause).toBe('error');
  });

  test('beyond 64 bits are an error in both directions, also inside of lists', () => {
    const limit = 2n ** 63n;
    for (const amount of [limit - 1n, -limit]) {
      expect(decide('fact.amount != 0', payment({ amount })).cause).toBe('permit');
    }
    for (const amount of [limit, -limit - 1n, 2n ** 70n]) {
      expect(decide('fact.amount != 0', payment({ amount })).cause).toBe('error');
      expect(decide('fact.amount != 0', payment({ outputs: [amount] })).cause).toBe('error');
    }
  });

  test('that are missing or undeclared are an error, also for rules that do not read them', () => {
    const incomplete = Object.entries(PAYMENT).filter(([name]) => name !== 'amount');
    const facts = { world: 'bank', action: 'pay', values: Object.fromEntries(incomplete) };
    expect(decideBy([{}], facts).errors).toEqual([
      { rule: 'rule', message: 'fact `amount` is missing' },
    ]);
    expect(decideBy([{}], payment({ surprise: 1n })).errors).toEqual([
      { rule: 'rule', message: 'fact `surprise` is not declared by the action' },
    ]);
  });

  test('that do not fit still meet a forbid without a condition', () => {
    const rules = [{ id: 'no', effect: 'forbid' }, { id: 'yes' }];
    expect(decideBy(rules, payment({ surprise: 1n })).cause).toBe('forbid');
  });

  test('that only a prototype carries are missing', () => {
    const values = Object.fromEntries(
      Object.entries(PAYMENT).filter(([name]) => name !== 'amount'),
    );
    Reflect.setPrototypeOf(values, { amount: 5n });
    expect(decideBy([{}], { world: 'bank', action: 'pay', values }).cause).toBe('error');
  });

  test('whose lists are very long are an error, so that no condition costs seconds', () => {
    const outputs = Array.from({ length: 4097 }, () => 1n);
    expect(decide('fact.amount > 0', payment({ outputs })).errors[0]?.message).toBe(
      'fact `outputs` has more than 4096 entries',
    );
  });

  test('never appear with their values in an error', () => {
    const { errors } = decide('fact.amount * 2 > 0', payment({ amount: 2n ** 62n }));
    expect(errors[0]?.message).toBe('the condition cannot be computed: numeric overflow');
  });
});

describe('for any rules', () => {
  const conditions = [
    undefined,
    'fact.amount > 400',
    'fact.amount < 100',
    'fact.to == "alice"',
    'has(fact.fee) && fact.fee > 10',
    'fact.outputs.exists(x, x > 2)',
    BREAKS,
  ];
  const rule = (effect: fc.Arbitrary<string>): fc.Arbitrary<RuleText> =>
    fc
      .record({ effect, when: fc.constantFrom(...conditions) })
      .map(({ effect: chosen, when }) =>
        when === undefined ? { effect: chosen } : { effect: chosen, when },
      );
  const anyRules = fc.array(rule(fc.constantFrom('permit', 'forbid')), { maxLength: 6 });
  const numbered = (rules: readonly RuleText[]): RuleText[] =>
    rules.map((one, index) => ({ ...one, id: `rule-${String(index)}` }));
  const facts = fc
    .record({ amount: fc.bigInt({ min: 0n, max: 1000n }), to: fc.constantFrom('alice', 'bob') })
    .map((values) => payment(values));

  test('adding a forbid never allows', () => {
    fc.assert(
      fc.property(anyRules, rule(fc.constant('forbid')), facts, (rules, forbid, request) => {
        const before = decideBy(numbered(rules), request);
        const after = decideBy([...numbered(rules), { ...forbid, id: 'added' }], request);
        if (before.verdict === 'deny') expect(after.verdict).toBe('deny');
      }),
      { numRuns: 60 },
    );
  });

  test('the order of rules, and of documents, is irrelevant', () => {
    fc.assert(
      fc.property(anyRules, facts, (rules, request) => {
        const decision = decideBy(numbered(rules), request);
        const reversed = decideBy(numbered(rules).reverse(), request);
        expect({ ...reversed, policyHash: '' }).toEqual({ ...decision, policyHash: '' });
      }),
      { numRuns: 60 },
    );
  });

  test('an allow needs a permit that matched, no forbid that matched and no error', () => {
    fc.assert(
      fc.property(anyRules, facts, (rules, request) => {
        const { verdict, cause, errors } = decideBy(numbered(rules), request);
        expect(verdict === 'allow').toBe(cause === 'permit');
        if (verdict === 'allow') expect(errors).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

/** The two analyses that look at a whole condition: presence of optional facts, and provenance. */
import { describe, expect, test } from '@jest/globals';

import { decide, flaws, payment } from '../support/bank-policy.ts';

describe('an optional fact', () => {
  const unguarded = ['fact `fee` may be absent; write `has(fact.fee) && …` before it'];

  test.each([
    'has(fact.fee) && fact.fee > 5',
    '!has(fact.fee) || fact.fee > 5',
    'has(fact.fee) ? fact.fee > 5 : fact.trusted',
    '!has(fact.fee) ? fact.trusted : fact.fee > 5',
    'fact.trusted && has(fact.fee) && fact.amount > 1 && fact.fee > 5',
    '!(has(fact.fee) && fact.trusted) || fact.fee > 5',
    '!(!has(fact.fee) || fact.trusted) && fact.fee > 5',
    'has(fact.fee) && (fact.trusted || fact.fee > 5)',
    'has(fact.fee) && fact.outputs.all(x, x < fact.fee)',
    '(has(fact.fee) && fact.trusted || has(fact.fee) && !fact.trusted) && fact.fee > 5',
    'has(fact.fee)',
  ])('may be read in: %s', (when) => {
    expect(flaws(when)).toEqual([]);
  });

  test.each([
    'fact.fee > 5',
    'fact.fee > 5 && has(fact.fee)',
    'has(fact.fee) || fact.fee > 5',
    '!has(fact.fee) && fact.fee > 5',
    'has(fact.reference) && fact.fee > 5',
    '(has(fact.fee) || fact.trusted) && fact.fee > 5',
    '(has(fact.fee) && fact.trusted) || fact.fee > 5',
    'has(fact.fee) ? fact.trusted : fact.fee > 5',
    '(fact.trusted ? has(fact.fee) : true) && fact.fee > 5',
    'fact.outputs.exists(x, has(fact.fee)) && fact.fee > 5',
    '(has(fact.fee) == true) && fact.fee > 5',
  ])('may not be read in: %s', (when) => {
    expect(flaws(when)).toEqual(unguarded);
  });

  test('that is absent makes `has` false, and never an error behind its guard', () => {
    const when = 'has(fact.fee) && fact.fee > 5';
    expect(decide(when).cause).toBe('no-rule');
    expect(decide(when, payment({ fee: 6n })).cause).toBe('permit');
  });
});

describe('a permit that moves value', () => {
  const refused = (when: string): boolean =>
    flaws(when).some((message) =>
      message.startsWith("this permit moves value on the sender's word"),
    );

  test.each([
    'fact.memo == "rent"',
    'has(fact.reference)',
    'fact.amount < 500 || fact.memo == "rent"',
    'fact.memo == "rent" || true',
    '!(fact.memo != "rent" && fact.amount > 5)',
    'fact.memo == "rent" ? true : fact.amount < 5',
    'fact.amount < 5 && false || fact.memo == "rent"',
  ])('may not rest on claims alone: %s', (when) => {
    expect(refused(when)).toBe(true);
  });

  test.each([
    'fact.memo == "rent" && fact.amount < 5',
    'fact.trusted && (fact.memo == "rent" || fact.memo == "food")',
    'fact.memo == "rent" && fact.amount < 5 || fact.memo == "food" && fact.trusted',
    '!(fact.memo != "rent" || fact.amount > 5)',
    'fact.trusted ? fact.memo == "rent" : fact.memo == "food"',
    'fact.memo == fact.to',
    'fact.outputs.all(x, x > 5 || fact.memo == "rent")',
    'true',
  ])('may rest on: %s', (when) => {
    expect(refused(when)).toBe(false);
  });

  test('may stand without any condition: it is the operator who says so, not the sender', () => {
    expect(decide('true').cause).toBe('permit');
  });

  test('names the claims it would rest on', () => {
    expect(flaws('fact.memo == "rent" && has(fact.reference)')).toEqual([
      "this permit moves value on the sender's word alone (`memo`, `reference`); also test a fact that is proven or configured",
    ]);
  });

  test('is the only thing so limited: forbids, and actions that move nothing, may use any fact', () => {
    expect(flaws('fact.memo == "rent"', { effect: 'forbid' })).toEqual([]);
    expect(flaws('fact.memo == "rent"', { on: 'bank.look' })).toEqual([]);
  });
});

/** What the condition language refuses at load, and why: each was seen to go wrong in plain CEL. */
import { describe, expect, test } from '@jest/globals';

import { decide, documentOf, flaws, payment, refusals } from '../support/bank-policy.ts';

describe('the condition language refuses', () => {
  test('`matches`, because a pattern can take seconds on a short text', () => {
    const refusal =
      '`matches` can take seconds on a short text; use `startsWith`, `endsWith`, `contains` or a list file';
    expect(flaws('fact.to.matches("^(a+)+$")')).toEqual([refusal]);
    expect(flaws('matches(fact.to, "^(a+)+$")')).toEqual([refusal]);
    expect(flaws('fact.labels.exists(x, x.matches("a"))')).toEqual([refusal]);
  });

  test('comprehensions inside of comprehensions, because their cost multiplies', () => {
    expect(flaws('fact.outputs.all(x, fact.outputs.exists(y, x == y))')).toEqual([
      '`exists` inside of another one could take seconds',
    ]);
    expect(flaws('fact.outputs.filter(x, x > 1).all(y, y > 2)')).toEqual([]);
  });

  test('fractions, because an integer would be compared with an approximation', () => {
    for (const when of ['fact.amount < 5.0', 'fact.amount == 1e3', 'fact.amount in [1.5]']) {
      expect(flaws(when)).toEqual([
        'fractions are not exact; write an integer in the smallest unit',
      ]);
    }
  });

  test('integers beyond 64 bits, because the library accepts them', () => {
    expect(flaws('fact.amount < 9223372036854775808')).toEqual([
      'the integer does not fit into 64 bits',
    ]);
    expect(flaws('fact.amount < 9223372036854775807')).toEqual([]);
  });

  test('unsigned integers, bytes and null', () => {
    for (const when of ['5u == 5u', 'b"a" == b"a"']) {
      expect(flaws(when)[0]).toBe('only integers, texts, `true` and `false` can be written out');
    }
    expect(flaws('fact.to == null')).toEqual([
      'there is no null; ask `has(fact.name)` for an optional fact',
    ]);
  });

  test('conversions and `dyn`, because they defeat type checking', () => {
    for (const called of ['dyn', 'int', 'double', 'string', 'type', 'bool', 'timestamp']) {
      expect(flaws(`${called}(fact.amount) == ${called}(fact.amount)`)[0]).toBe(
        `there is no function \`${called}\` in the condition language`,
      );
    }
  });

  test('maps and indices, because they hide which fact is read', () => {
    const refusal = 'maps and indices are not part of the condition language';
    expect(flaws('fact["amount"] == 5')).toEqual([refusal]);
    expect(flaws('fact.outputs[0] == 5')).toEqual([refusal]);
    expect(flaws('{"a": 1} == {"a": 1}')).toEqual([refusal, refusal]);
  });

  test('the way to prototypes and constructors', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty']) {
      expect(flaws(`fact.${name} == 5`)).toEqual([`unknown fact \`${name}\``]);
      expect(flaws(`has(fact.${name})`)).toEqual([`unknown fact \`${name}\``]);
    }
    expect(flaws('fact.to.constructor == "x"')).toEqual([
      'only `fact.name` and `list.name` have a dot',
    ]);
  });

  test('unknown facts, even where `has` would let them pass as absent', () => {
    expect(flaws('has(fact.referense) && fact.amount < 5')).toEqual([
      'unknown fact `referense`; did you mean `reference`?',
    ]);
  });

  test('names that are neither facts nor entries of a comprehension', () => {
    expect(flaws('amount < 5')).toEqual(['unknown name `amount`; facts are read as `fact.name`']);
    expect(flaws('LIST == 5')).toEqual(['unknown name `LIST`; facts are read as `fact.name`']);
    expect(flaws('string == int')).toHaveLength(2);
    expect(flaws('fact')).toEqual(['`fact` stands alone; write `fact.name`']);
    expect(flaws('list')).toEqual(['`list` stands alone; write `list.name`']);
  });

  test('entry names that would hide facts or lists', () => {
    for (const name of ['fact', 'list', 'has', 'LIST', '_x']) {
      expect(flaws(`fact.outputs.all(${name}, true)`)).toEqual([
        `\`${name}\` cannot name an entry; choose a word like \`x\``,
      ]);
    }
  });

  test('comprehensions with the wrong number of arguments', () => {
    expect(flaws('fact.outputs.all(x)')).toEqual([
      '`all` takes a name and a condition, as in `all(x, x > 0)`',
    ]);
  });

  test('unknown functions, with the nearest name', () => {
    expect(flaws('fact.to.startWith("a")')).toEqual([
      'there is no function `startWith` in the condition language; did you mean `startsWith`?',
    ]);
    expect(flaws('cel.bind(x, 1, x == 1)')).toHaveLength(1);
  });

  test('`has` of anything but one fact', () => {
    for (const call of ['has(fact)', 'has(fact.to.x)', 'has(fact.to, fact.to)', 'has("to")']) {
      expect(flaws(call)).toEqual(['`has` takes one fact, as in `has(fact.name)`']);
    }
  });

  test('comparisons of different types', () => {
    expect(flaws('fact.amount == "5"')).toEqual(['no such overload: int == string']);
    expect(flaws('fact.amount in ["5"]')).toEqual(['no such overload: int in list<string>']);
    expect(flaws('"a" in "abc"')).toEqual(['no such overload: string in string']);
    expect(flaws('fact.amount in [1, "a"]')).toHaveLength(1);
  });

  test('conditions that are not true or false', () => {
    expect(flaws('fact.amount')).toEqual([
      'a condition is true or false, but this is of type `int`',
    ]);
    expect(flaws('fact.trusted ? fact.amount : 2')).toHaveLength(1);
  });

  test('what is not CEL', () => {
    expect(flaws('fact.amount >')).toEqual(['unexpected token: EOF']);
    expect(flaws('fact.amount > 5 extra')).toHaveLength(1);
    expect(flaws('fact.amount = 5')).toEqual(['unexpected character: =']);
  });

  test('expressions too deep to be meant', () => {
    expect(flaws(`${'('.repeat(400)}true${')'.repeat(400)}`)[0]).toMatch(/^exceeded maxDepth/);
  });
});

describe('the condition language computes', () => {
  const holds = (when: string): boolean => decide(when).cause === 'permit';

  test.each([
    'fact.amount * 2 - 1 == 999 && fact.amount / 3 == 166 && fact.amount % 3 == 2',
    '-fact.amount < 0 && fact.amount != 501',
    'fact.to.startsWith("al") && fact.to.endsWith("ce") && fact.to.contains("lic")',
    'size(fact.outputs) == 3 && fact.to.size() == 5',
    'fact.amount in [1, 500] && fact.to in ["alice"] && 2 in fact.outputs',
    'fact.outputs.all(x, x > 0) && fact.outputs.exists_one(x, x == fact.amount - 498)',
    'size(fact.outputs.filter(x, x > 1)) == 2',
    'fact.trusted ? fact.amount == 500 : false',
    '!has(fact.fee) && has(fact.amount)',
  ])('%s', (when) => {
    expect(holds(when)).toBe(true);
  });

  test('arithmetic that leaves 64 bits as an error, never as a wrong number', () => {
    const amount = 2n ** 62n;
    for (const when of [
      'fact.amount + fact.amount > 0',
      'fact.amount * 2 > 0',
      '0 - 2 - fact.amount - fact.amount < 0',
    ]) {
      expect(decide(when, payment({ amount })).cause).toBe('error');
    }
  });

  test('integers exactly where floating point would round', () => {
    const amount = 9007199254740993n;
    expect(decide('fact.amount == 9007199254740993', payment({ amount })).cause).toBe('permit');
    expect(decide('fact.amount == 9007199254740992', payment({ amount })).cause).toBe('no-rule');
  });

  test('an error in one side of a logical operator as CEL does: the other side may settle it', () => {
    const fails = '1 / (fact.amount - 500) == 1';
    expect(decide(`${fails} || fact.trusted`).cause).toBe('permit');
    expect(decide(`${fails} && !fact.trusted`).cause).toBe('no-rule');
    expect(decide(`${fails} && fact.trusted`).cause).toBe('error');
    expect(decide(`fact.outputs.all(x, 1 / (x - 1) > 5)`).cause).toBe('no-rule');
  });
});

test('all flaws of a condition are told at once', () => {
  const when = 'fact.amuont > 5.0 && fact.fee > 1 && foo()';
  expect(refusals(documentOf([{ when }])).map((refusal) => refusal.split('\n')[0])).toEqual([
    'test.yaml:7:12: unknown fact `amuont`; did you mean `amount`?',
    'test.yaml:7:21: fractions are not exact; write an integer in the smallest unit',
    'test.yaml:7:33: fact `fee` may be absent; write `has(fact.fee) && …` before it',
    'test.yaml:7:44: there is no function `foo` in the condition language',
  ]);
});

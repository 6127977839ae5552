import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  describeNeed,
  type GrantableScope,
  isAllowed,
  isCallerName,
  type Need,
  OPERATOR,
  type Scope,
} from '../../src/core/caller.ts';

const WORLDS = ['one', 'two'] as const;
const KEYS = ['1/1', '1/2', '2/1'] as const;
const ACTIONS = ['spend', 'cancel', 'all'] as const;

/** Few words, so that scopes and needs often meet. */
const need: fc.Arbitrary<Need> = fc.oneof(
  fc.constant({ may: 'admin' } as const),
  fc.constant({ may: 'metrics' } as const),
  fc.record({
    may: fc.constant('sign' as const),
    world: fc.constantFrom(...WORLDS),
    key: fc.constantFrom(...KEYS),
    action: fc.constantFrom(...ACTIONS),
  }),
);
const scope: fc.Arbitrary<GrantableScope> = fc.oneof(
  fc.constant({ may: 'admin' } as const),
  fc.constant({ may: 'metrics' } as const),
  fc.record({
    may: fc.constant('sign' as const),
    world: fc.constantFrom(...WORLDS),
    keys: fc.oneof(fc.constant('all' as const), fc.subarray([...KEYS])),
    actions: fc.subarray([...ACTIONS]),
  }),
);
const scopes = fc.array(scope, { maxLength: 5 });

describe('scopes', () => {
  test('together allow exactly what one of them allows by itself', () => {
    fc.assert(
      fc.property(scopes, need, (all, asked) => {
        const bySome = all.some((each) => isAllowed([each], asked));
        expect(isAllowed(all, asked)).toBe(bySome);
      }),
    );
  });

  test('of one capability never allow another', () => {
    fc.assert(
      fc.property(scope, need, (given, asked) => {
        if (given.may !== asked.may) expect(isAllowed([given], asked)).toBe(false);
      }),
    );
  });

  test('that are written down never allow an action that they do not name', () => {
    fc.assert(
      fc.property(scopes, need, (all, asked) => {
        if (asked.may !== 'sign') return;
        const named = all.some(
          (each) => each.may === 'sign' && each.actions.includes(asked.action),
        );
        if (!named) expect(isAllowed(all, asked)).toBe(false);
      }),
    );
  });

  test('for one key and one action do not cross over to the other pair', () => {
    const given: readonly Scope[] = [
      { may: 'sign', world: 'one', keys: ['1/1'], actions: ['spend'] },
      { may: 'sign', world: 'one', keys: ['1/2'], actions: ['cancel'] },
    ];
    const may = (key: string, action: string): boolean =>
      isAllowed(given, { may: 'sign', world: 'one', key, action });
    expect([may('1/1', 'spend'), may('1/2', 'cancel')]).toEqual([true, true]);
    expect([may('1/1', 'cancel'), may('1/2', 'spend')]).toEqual([false, false]);
  });

  test.each([
    ['another world', { world: 'two' }, false],
    ['a key that comes later', { key: '9/9' }, true],
    ['an action that comes later', { action: 'withdraw' }, false],
    ['an action that is called like the word for every key', { action: 'all' }, false],
  ])('for every key of a world: %s', (_name, change, allowed) => {
    const given: Scope = { may: 'sign', world: 'one', keys: 'all', actions: ['spend'] };
    const task = { world: 'one', key: '1/1', action: 'spend', ...change };
    expect(isAllowed([given], { may: 'sign', ...task })).toBe(allowed);
  });

  test('of the operator allow everything', () => {
    fc.assert(
      fc.property(need, (asked) => {
        expect(isAllowed(OPERATOR.scopes, asked)).toBe(true);
      }),
    );
  });

  test('that are none allow nothing', () => {
    fc.assert(
      fc.property(need, (asked) => {
        expect(isAllowed([], asked)).toBe(false);
      }),
    );
  });
});

test('a need is named as the scope that it asks for', () => {
  const task = { world: 'one', key: '1/1', action: 'spend' };
  expect(describeNeed({ may: 'sign', ...task })).toBe('`sign` for `one.spend` with key `1/1`');
  expect(describeNeed({ may: 'admin' })).toBe('`admin`');
});

test.each([
  ['bot1', true],
  ['desk.eu-1_b', true],
  ['operator', false],
  ['loopback', false],
  ['socket', false],
  ['one/secret-1', false],
  ['Bot', false],
  ['.bot', false],
  ['', false],
  ['b'.repeat(64), false],
])('whether %j can be the name of a caller: %j', (text, can) => {
  expect(isCallerName(text)).toBe(can);
});

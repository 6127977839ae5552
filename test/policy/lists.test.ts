import { describe, expect, test } from '@jest/globals';

import { err, ok } from '../../src/base/result.ts';
import { listPathsOf, loadPolicySet } from '../../src/policy/policy-set.ts';
import { formatProblem } from '../../src/policy/problem.ts';
import { BANK, documentOf, loaded, loadText, payment, refusals } from '../support/bank-policy.ts';

const friends = documentOf([{ when: 'fact.to in list.friends' }], ['friends']);
const amounts = documentOf([{ when: 'fact.amount in list.amounts' }], ['amounts']);

describe('a list', () => {
  test('has one entry per line, and comments after `#`', () => {
    const list = '\uFEFF# people\r\nbob # from work\r\n\r\n  alice  \r\n#carol\r\nd#e';
    const set = loaded(loadText(friends, { 'lists/friends.txt': list }));
    const permits = (to: string): boolean => set.evaluate(payment({ to })).verdict === 'allow';
    expect(['alice', 'bob', 'd#e'].map(permits)).toEqual([true, true, true]);
    expect(['carol', 'd', '', '# people', 'from', 'Alice'].map(permits)).not.toContain(true);
  });

  test('of integers is searched by value, and as text where a text is asked for', () => {
    const files = { 'lists/amounts.txt': '500\n-7\n9223372036854775807\n' };
    const set = loaded(loadText(amounts, files));
    expect(set.evaluate(payment()).verdict).toBe('allow');
    expect(set.evaluate(payment({ amount: 9223372036854775807n })).verdict).toBe('allow');
    expect(set.evaluate(payment({ amount: 7n })).verdict).toBe('deny');
    const texts = documentOf([{ when: 'fact.to in list.amounts' }], ['amounts']);
    expect(loaded(loadText(texts, files)).evaluate(payment({ to: '-7' })).verdict).toBe('allow');
  });

  test.each(['x', '1.5', '007', '+5', '-0', '9223372036854775808', '1e3'])(
    'with the entry `%s` holds text, so an integer in it is a load error',
    (entry) => {
      expect(refusals(amounts, { 'lists/amounts.txt': `500\n${entry}\n` })).toEqual([
        [
          'test.yaml:9:7: no such overload: int in text_list; the list holds text, so an integer is never in it',
          '    9 |       fact.amount in list.amounts',
          '      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^',
        ].join('\n'),
      ]);
    },
  );

  test('that is empty contains neither texts nor integers', () => {
    const file = '# nobody yet\n';
    expect(loaded(loadText(friends, { 'lists/friends.txt': file })).evaluate(payment()).cause).toBe(
      'no-rule',
    );
    expect(loaded(loadText(amounts, { 'lists/amounts.txt': file })).evaluate(payment()).cause).toBe(
      'no-rule',
    );
  });

  test('with two entries on one line is refused, since a forbid on it would never match', () => {
    expect(refusals(friends, { 'lists/friends.txt': '# a\nalice bob # both\n' })).toEqual([
      [
        'lists/friends.txt:2:1: a list file has one entry per line',
        '    2 | alice bob # both',
        '      | ^^^^^^^^^^^^^^^^',
      ].join('\n'),
    ]);
  });

  test('is used beside `fact`, also inside of comprehensions and behind negations', () => {
    const when = 'fact.labels.all(x, !(x in list.friends)) && !("list.x" in list.friends)';
    const set = loaded(
      loadText(documentOf([{ when }], ['friends']), { 'lists/friends.txt': 'c\n' }),
    );
    expect(set.evaluate(payment()).verdict).toBe('allow');
    expect(set.evaluate(payment({ labels: ['c'] })).verdict).toBe('deny');
  });

  test('can only follow `in`', () => {
    for (const when of ['list.friends', 'size(list.friends) > 0', 'list.friends == list.friends']) {
      const all = refusals(documentOf([{ when }], ['friends']), { 'lists/friends.txt': '' });
      expect(all[0]).toContain('`list.friends` can only follow `in`');
    }
  });

  test('that nobody declared is refused, with the nearest name', () => {
    const text = friends.replace('list.friends', 'list.freinds');
    expect(refusals(text, { 'lists/friends.txt': '' })[0]?.split('\n')[0]).toBe(
      'test.yaml:9:23: unknown list `freinds`; did you mean `friends`?',
    );
  });

  test('whose file cannot be used is refused where it is declared, and only there', () => {
    const result = loadPolicySet(
      [{ file: 'test.yaml', text: amounts }],
      new Map([['lists/amounts.txt', err('it does not exist')]]),
      BANK,
    );
    expect(result.ok ? [] : result.error.map(formatProblem)).toEqual([
      [
        'test.yaml:3:12: list file `lists/amounts.txt` cannot be used: it does not exist',
        '    3 |   amounts: lists/amounts.txt',
        '      |            ^^^^^^^^^^^^^^^^^',
      ].join('\n'),
    ]);
  });

  test.each([
    '/etc/passwd',
    '../secrets.txt',
    'lists/../../x',
    'lists//x',
    './x',
    'a\\b',
    '.hidden',
  ])('may not be named `%s`, outside of its folder', (path) => {
    const [first] = refusals(`version: 1\nlists:\n  x: ${path}\n`);
    expect(first).toContain(
      `test.yaml:3:6: list file \`${path}\` must lie below the folder of its document`,
    );
  });

  test('may not have a name that conditions cannot write', () => {
    expect(refusals('version: 1\nlists:\n  Cold-Wallets: x.txt\n')[0]).toContain(
      'test.yaml:3:3: list name `Cold-Wallets` must be lower-case letters, digits and `_`',
    );
  });

  test('belongs to the whole set, so its name is unique and other documents may use it', () => {
    const sources = [
      { file: 'a.yaml', text: friends },
      { file: 'b.yaml', text: 'version: 1\nlists: { friends: other.txt }\n' },
    ];
    const texts = new Map([
      ['lists/friends.txt', ok('')],
      ['other.txt', ok('')],
    ]);
    const result = loadPolicySet(sources, texts, BANK);
    expect(result.ok ? [] : result.error.map(({ file, message }) => [file, message])).toEqual([
      ['b.yaml', 'list name `friends` is used twice, first in a.yaml'],
    ]);
    const split = [
      { file: 'a.yaml', text: 'version: 1\nlists: { friends: other.txt }\n' },
      { file: 'b.yaml', text: documentOf([{ when: 'fact.to in list.friends' }]) },
    ];
    expect(loadPolicySet(split, texts, BANK).ok).toBe(true);
  });

  test('file is relative to its document', () => {
    expect(listPathsOf([{ file: 'sub/a.yaml', text: friends }])).toEqual(['sub/lists/friends.txt']);
  });
});

describe('a list of 100,000 entries', () => {
  const entries = Array.from({ length: 100_000 }, (_, index) => `account-${String(index)}`);
  const file = entries.join('\n');

  test('decides by its last entry as by its first', () => {
    const set = loaded(loadText(friends, { 'lists/friends.txt': file }));
    const last = payment({ to: 'account-99999' });
    expect(set.evaluate(last).verdict).toBe('allow');
    expect(set.evaluate(payment({ to: 'account-100000' })).verdict).toBe('deny');
  });

  test('is the longest that loads', () => {
    expect(refusals(friends, { 'lists/friends.txt': `${file}\none-more` })).toEqual([
      'lists/friends.txt:1:1: the list has more than 100000 entries; split it',
    ]);
  });
});

import { createHash } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { ok } from '../../src/base/result.ts';
import { loadPolicySet } from '../../src/policy/policy-set.ts';
import { formatProblem, type PolicySource } from '../../src/policy/problem.ts';
import { BANK, documentOf, loaded, payment } from '../support/bank-policy.ts';

const LISTS = new Map([
  ['lists/friends.txt', ok('alice\n')],
  ['lists/unused.txt', ok('nobody\n')],
]);
const SOURCES: readonly PolicySource[] = [
  { file: 'a.yaml', text: documentOf([{ id: 'a', when: 'fact.to in list.friends' }], ['friends']) },
  { file: 'b.yaml', text: documentOf([{ id: 'b', effect: 'forbid', when: 'fact.amount > 900' }]) },
  { file: 'c.yaml', text: documentOf([{ id: 'c', on: 'bank.look' }]) },
];

function hashOf(sources: readonly PolicySource[], lists = LISTS): string {
  return loaded(loadPolicySet(sources, lists, BANK)).hash;
}

describe('a policy set', () => {
  test('merges its documents', () => {
    const set = loaded(loadPolicySet(SOURCES, LISTS, BANK));
    expect(set.evaluate(payment())).toMatchObject({ cause: 'permit', rules: ['a'] });
    expect(set.evaluate(payment({ amount: 901n }))).toMatchObject({
      cause: 'forbid',
      rules: ['b'],
    });
  });

  test('keeps the text that its hash is the SHA-256 of, with all documents and used lists', () => {
    const { hash, text } = loaded(loadPolicySet(SOURCES, LISTS, BANK));
    expect(hash).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
    expect(JSON.parse(text)).toEqual({
      documents: Object.fromEntries(SOURCES.map((source) => [source.file, source.text])),
      lists: { 'lists/friends.txt': 'alice\n' },
    });
  });

  test('has the same hash in whatever order its files were read', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...SOURCES], { minLength: 3 }), (sources) => {
        expect(hashOf(sources)).toBe(hashOf(SOURCES));
      }),
      { numRuns: 6 },
    );
  });

  test('has another hash after any change of a document, a file name or a list', () => {
    const [first, ...others] = SOURCES;
    if (first === undefined) throw new Error('no sources');
    const hashes = [
      hashOf(SOURCES),
      hashOf(others),
      hashOf([{ ...first, text: `${first.text}# a remark\n` }, ...others]),
      hashOf([{ ...first, file: 'z.yaml' }, ...others]),
      hashOf(SOURCES, new Map([...LISTS, ['lists/friends.txt', ok('alice\nbob\n')]])),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('tells the problems of all documents at once, in the order of their places', () => {
    const result = loadPolicySet(
      [
        { file: 'b.yaml', text: documentOf([{ id: 'same', when: 'fact.amuont > 5' }]) },
        { file: 'a.yaml', text: documentOf([{ id: 'same' }, { id: 'odd', on: 'bnak' }]) },
        { file: 'c.yaml', text: 'version: 1\nrules: [' },
      ],
      new Map(),
      BANK,
    );
    const problems = result.ok ? [] : result.error;
    expect(problems.map((problem) => formatProblem(problem).split('\n')[0])).toEqual([
      'a.yaml:3:9: rule id `same` is used twice, first in b.yaml',
      'a.yaml:7:9: unknown world `bnak`; did you mean `bank`?',
      'b.yaml:7:12: unknown fact `amuont`; did you mean `amount`?',
      'c.yaml:2:9: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
    ]);
    expect(problems.map(({ code }) => code)).toEqual([
      'policy.duplicate',
      'policy.scope',
      'policy.unknown-fact',
      'policy.yaml',
    ]);
  });

  test('of no rules decides nothing', () => {
    const set = loaded(loadPolicySet([], new Map(), BANK));
    expect(set.evaluate(payment()).cause).toBe('no-rule');
  });
});

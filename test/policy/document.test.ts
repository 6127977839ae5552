import { describe, expect, test } from '@jest/globals';

import { documentOf, loaded, loadText, payment, refusals } from '../support/bank-policy.ts';

const RULE = 'version: 1\nrules:\n  - id: a-rule\n    on: bank.pay\n    effect: permit\n';

/** The only refusal of a text, with its excerpt. */
function refusal(text: string): string {
  const all = refusals(text);
  expect(all).toHaveLength(1);
  return all[0] ?? '';
}

describe('a rule document', () => {
  test('may have comments, flow style, quotes, lists of actions and words about a rule', () => {
    const text = `# first
version: 1
rules:
  - { id: "one", on: [bank.pay, 'bank.look'], effect: permit } # why not
  - id: two
    on:
      - post.send
    effect: forbid
    about: nobody writes letters
`;
    expect(loaded(loadText(text)).evaluate(payment()).rules).toEqual(['one']);
  });

  test('with an unknown field is refused with its place, a caret and the nearest name', () => {
    expect(refusal(`${RULE}    wehn: fact.amount > 5\n`)).toBe(
      [
        'test.yaml:6:5: a rule has no field `wehn`; did you mean `when`?',
        '    6 |     wehn: fact.amount > 5',
        '      |     ^^^^',
      ].join('\n'),
    );
    expect(refusal(`${RULE}priority: 3\n`)).toBe(
      [
        'test.yaml:6:1: a policy document has no field `priority`',
        '    6 | priority: 3',
        '      | ^^^^^^^^',
      ].join('\n'),
    );
  });

  test.each(['approvals: 2', 'expires: 10m', 'shadow: true'])(
    'that uses `%s` in a rule is told that it is not supported yet',
    (field) => {
      const [name] = field.split(':');
      expect(refusal(`${RULE}    ${field}\n`)).toBe(
        `test.yaml:6:5: \`${String(name)}\` is not supported yet\n    6 |     ${field}\n      |     ${'^'.repeat(String(name).length)}`,
      );
    },
  );

  test('that holds, limits or shadows is told that this is not supported yet', () => {
    expect(refusal(RULE.replace('permit', 'hold'))).toMatch(
      /^test.yaml:5:13: `hold` is not supported yet\n/,
    );
    expect(refusal(`${RULE}limits: []\n`)).toMatch(/^test.yaml:6:1: `limits` is not supported yet/);
    expect(refusal(`${RULE}shadow: yes\n`)).toMatch(
      /^test.yaml:6:1: `shadow` is not supported yet/,
    );
  });

  test('without version, or with another one, is refused', () => {
    expect(refusal('rules: []\n')).toBe(
      'test.yaml:1:1: the document has no `version`; write `version: 1`\n    1 | rules: []\n      | ^',
    );
    expect(refusal('version: 2\n')).toMatch(
      /^test.yaml:1:10: unknown version `2`; this program reads version 1/,
    );
  });

  test('whose rule lacks something says what to write', () => {
    const all = refusals('version: 1\nrules:\n  - id: empty\n  - on: bank.pay\n');
    expect(all.map((one) => one.split('\n')[0])).toEqual([
      'test.yaml:3:9: the rule has no `on`; write a world or `world.action`',
      'test.yaml:3:9: the rule has no `effect`; write `permit` or `forbid`',
      'test.yaml:4:5: the rule has no `id`; write `id: a-name-of-your-own`',
      'test.yaml:4:5: the rule has no `effect`; write `permit` or `forbid`',
    ]);
  });

  test('with an effect, id or version of another kind is refused', () => {
    expect(refusal(RULE.replace('permit', 'alow'))).toMatch(
      /:5:13: unknown effect `alow`; write `permit` or `forbid`/,
    );
    expect(refusal(RULE.replace('a-rule', 'A_Rule'))).toMatch(
      /:3:9: rule id `A_Rule` must be lower-case words joined by `-`/,
    );
    expect(refusal(RULE.replace('a-rule', '[a]'))).toMatch(/:3:9: `id` must be text/);
    expect(refusal('version: [1]\n')).toMatch(/:1:10: `version` must be text/);
    expect(refusal(`${RULE}    when:\n`)).toMatch(
      /:6:5: `when` is empty; write it or leave it out/,
    );
    expect(refusal(RULE.replace('bank.pay', '[]'))).toMatch(/:4:5: `on` is empty/);
  });

  test('of the wrong shape is refused', () => {
    expect(refusal('version: 1\nrules: none\n')).toMatch(/:2:8: `rules` must be a list/);
    expect(refusal('version: 1\nrules: [text]\n')).toMatch(/:2:9: a rule must be a mapping/);
    expect(refusals('- version: 1\n')[0]).toMatch(/:1:1: a policy document must be a mapping/);
    expect(refusals('just words\n')[0]).toMatch(/:1:1: a policy document must be a mapping/);
    expect(refusal('# nothing yet\n')).toBe(
      'test.yaml:1:1: the document is empty; write `version: 1`',
    );
  });

  test('takes no value for something else: every scalar is the text that it shows', () => {
    // YAML 1.1 reads these as true, 1000, null and 8.
    for (const id of ['yes', '1e3', 'null', '010']) {
      expect(loaded(loadText(RULE.replace('a-rule', id))).evaluate(payment()).rules).toEqual([id]);
    }
  });
});

describe('YAML', () => {
  test('that does not parse is refused once, at its first error', () => {
    expect(refusal('version: 1\nrules: [\n')).toMatch(/^test.yaml:3:1: not valid YAML: /);
    expect(refusal('version: 1\n\trules: []\n')).toMatch(/^test.yaml:2:1: not valid YAML: tabs/);
  });

  test('with a repeated key or several documents is refused', () => {
    expect(refusal('version: 1\nversion: 1\n')).toMatch(
      /:2:1: not valid YAML: map keys must be unique/,
    );
    expect(refusal('version: 1\n---\nversion: 1\n')).toMatch(
      /:2:1: not valid YAML: source contains/,
    );
  });

  test('with anchors, aliases, tags or merges is refused', () => {
    expect(refusal(RULE.replace('a-rule', '&x a-rule'))).toMatch(
      /`id` must be text, without anchors/,
    );
    expect(refusal(RULE.replace('a-rule', '!!str a-rule'))).toMatch(/without anchors/);
    expect(refusals(`${RULE}  - *x\n`)).toHaveLength(1);
    expect(refusals(`${RULE}  - <<: { id: b }\n`)[0]).toMatch(/a rule has no field `<<`/);
  });

  test('says how to write a condition that looks like YAML', () => {
    const hint =
      '; a condition that contains `: ` or starts with punctuation belongs in a block after `when: |`';
    for (const when of [
      '!has(fact.fee) || fact.trusted',
      'fact.trusted ? true : false',
      '"a" == fact.to',
    ]) {
      expect(refusal(`${RULE}    when: ${when}\n`).split('\n')[0]).toContain(hint);
      expect(refusals(`${RULE}    when: |\n      ${when}\n`)).toEqual([]);
    }
  });

  test('nested so deep that the parser would exhaust the process is refused before it is parsed', () => {
    expect(refusal(`version: 1\nrules: ${'['.repeat(20000)}`)).toBe(
      'test.yaml:1:1: brackets are nested deeper than 16 levels',
    );
  });

  test('may have Windows line ends and a byte order mark', () => {
    const text = `\uFEFF${documentOf([{ when: 'fact.amuont > 5' }])}`.replaceAll('\n', '\r\n');
    expect(refusal(text)).toBe(
      [
        'test.yaml:7:12: unknown fact `amuont`; did you mean `amount`?',
        '    7 |       fact.amuont > 5',
        '      |            ^^^^^^',
      ].join('\n'),
    );
  });
});

describe('the place of a flaw in a condition', () => {
  const at = (when: string): string =>
    refusals(`${RULE}    when: ${when}\n`).join().split(': ')[0] ?? '';

  test.each([
    ['plain', 'fact.amount > 1 && fact.tto == "x"', '6:35'],
    ['plain over two lines', 'fact.amount > 1 &&\n      fact.tto == "x"', '7:12'],
    ['single quoted', "'fact.to == ''x'' && fact.tto == \"y\"'", '6:37'],
    ['double quoted', '"fact.to == \\"x\\" && fact.tto == \\"y\\""', '6:37'],
    ['literal block', '|\n      fact.amount > 1 &&\n        fact.tto == "x"', '8:14'],
    [
      'literal block with explicit indentation',
      '|2-\n       fact.amount > 1 &&\n        fact.tto == "x"',
      '8:14',
    ],
    ['folded block', '>-\n      fact.amount > 1 &&\n\n      fact.tto == "x"', '9:12'],
    ['commented CEL', '|\n      fact.amount > 1 // enough\n      && fact.tto == "x"', '8:15'],
  ])('is exact in a %s scalar', (_style, when, place) => {
    expect(at(when)).toBe(`test.yaml:${place}`);
  });

  test('is that of the whole condition where escapes stand between', () => {
    expect(at('"fact.to == \\u0022x\\u0022 && fact.tto == \\u0022y\\u0022"')).toBe(
      'test.yaml:6:11',
    );
  });

  test('has its caret under the text also after tabs', () => {
    expect(refusal(`${RULE}    when: |\n      fact.trusted &&\n      \tfact.tto == "x"\n`)).toBe(
      [
        'test.yaml:8:13: unknown fact `tto`; did you mean `to`?',
        '    8 |       \tfact.tto == "x"',
        '      |       \t     ^^^',
      ].join('\n'),
    );
  });
});

describe('`on`', () => {
  test.each([
    ['bnak.pay', 'unknown world `bnak`; did you mean `bank`?'],
    ['bank.pya', 'world `bank` has no action `pya`; did you mean `pay`?'],
    ['bank.pay.now', 'world `bank` has no action `pay.now`; did you mean `pay`?'],
    ['bank.*', 'world `bank` has no action `*`; write `bank` for all of its actions'],
    ['bank.', 'world `bank` has no action ``'],
    ['constructor', 'unknown world `constructor`'],
    ['bank.toString', 'world `bank` has no action `toString`'],
  ])('%s is refused', (on, message) => {
    expect(refusal(documentOf([{ on }])).split('\n')[0]).toBe(`test.yaml:4:9: ${message}`);
  });

  test('a whole world is refused where an action of it lacks a fact, naming the action', () => {
    expect(refusal(documentOf([{ on: 'bank', when: 'fact.amount > 5' }])).split('\n')[0]).toBe(
      'test.yaml:7:12: unknown fact `amount` (in `bank.look`)',
    );
  });

  test('several actions with the same flaw are one problem', () => {
    expect(refusals(documentOf([{ on: 'bank', when: 'fact.colour == "red"' }]))).toHaveLength(1);
  });

  test('an action named twice counts once', () => {
    const set = loaded(loadText(documentOf([{ on: '[bank, bank.pay, bank.pay]' }])));
    expect(set.evaluate(payment()).rules).toEqual(['rule']);
  });
});

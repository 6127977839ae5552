import { expect, test } from '@jest/globals';

import { renderPairs, renderTable } from '../../src/cli/table.ts';

test('columns are as wide as their widest cell, and lines end without blanks', () => {
  const columns = [
    { title: 'event' },
    { title: 'time', align: 'right' },
    { title: 'note' },
  ] as const;
  const rows = [
    ['sign', '12 ms', ''],
    ['release', '3 ms', 'withheld'],
  ];
  expect(renderTable(columns, rows)).toBe(
    ['EVENT     TIME  NOTE', 'sign     12 ms', 'release   3 ms  withheld'].join('\n'),
  );
});

test('a missing cell is empty, and a table without rows is its titles', () => {
  expect(renderTable([{ title: 'a' }, { title: 'b' }], [['1']])).toBe('A  B\n1');
  expect(renderTable([{ title: 'a' }], [])).toBe('A');
});

test('a cell cannot command the terminal or break the line', () => {
  const text = renderTable([{ title: 'a' }], [['\u001b[31mred\nnext\u0007\u009b2J\u202e']]);
  expect(text).toBe('A\n\ufffd[31mred\ufffdnext\ufffd\ufffd2J\ufffd');
});

test('signs outside the basic plane count once', () => {
  expect(
    renderTable(
      [{ title: 'a' }, { title: 'b' }],
      [
        ['🔑', 'x'],
        ['ab', 'y'],
      ],
    ),
  ).toBe('A   B\n🔑   x\nab  y');
});

test('pairs stand in one column', () => {
  expect(
    renderPairs([
      ['key', 'a/b'],
      ['kind', 'seed\n'],
    ]),
  ).toBe('key   a/b\nkind  seed\ufffd');
});

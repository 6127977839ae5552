import { expect, test } from '@jest/globals';

import { createPrompt } from '../../src/cli/prompt.ts';
import { ok } from '../../src/base/result.ts';
import { testTerminal } from '../support/command-line.ts';

test('at a terminal a hidden answer is never echoed, and can be corrected while typing', async () => {
  const terminal = testTerminal({ isTTY: true });
  using prompt = createPrompt(terminal);
  const answer = prompt.hidden('Password: ');
  for (const key of ['s', 'e', 'x', '\u007f', 'c', 'r', 'e', 't', '\r']) terminal.type(key);
  expect(await answer).toEqual(ok('secret'));
  expect(terminal.noted()).toBe('Password: \n');
  expect(terminal.printed()).toBe('');
});

test('a hidden answer cannot be recalled by a later question', async () => {
  const terminal = testTerminal({ isTTY: true });
  using prompt = createPrompt(terminal);
  const first = prompt.hidden('Password: ');
  terminal.type('secret\r');
  await first;
  const second = prompt.confirm('Sure?');
  terminal.type('\u001b[A\r');
  expect(await second).toEqual(ok(false));
  expect(terminal.noted()).not.toContain('secret');
});

test('the terminal is given back when the prompt is done', () => {
  const terminal = testTerminal({ isTTY: true });
  createPrompt(terminal)[Symbol.dispose]();
  expect(terminal.rawModes).toEqual([true, false]);
});

test.each([
  ['y', true],
  ['YES', true],
  ['', false],
  ['n', false],
  ['yesterday', false],
])('`%s` confirms: %s', async (typed, expected) => {
  const terminal = testTerminal({ isTTY: true });
  using prompt = createPrompt(terminal);
  const answer = prompt.confirm('Sure?');
  terminal.type(`${typed}\r`);
  expect(await answer).toEqual(ok(expected));
  expect(terminal.noted()).toContain(`Sure? [y/N] ${typed}`);
});

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s is no answer', async (_name, key) => {
  const terminal = testTerminal({ isTTY: true });
  using prompt = createPrompt(terminal);
  const answer = prompt.hidden('Password: ');
  terminal.type(key);
  expect(await answer).toMatchObject({ ok: false, error: { code: 'cli.no-answer' } });
});

test('without a terminal each question takes one line, and nothing is asked aloud', async () => {
  const terminal = testTerminal();
  terminal.type('first\nsecond\r\ny');
  terminal.hangUp();
  using prompt = createPrompt(terminal);
  expect(await prompt.hidden('One: ')).toEqual(ok('first'));
  expect(await prompt.hidden('Two: ')).toEqual(ok('second'));
  expect(await prompt.confirm('Three?')).toEqual(ok(true));
  expect(await prompt.hidden('Four: ')).toMatchObject({
    error: { message: 'no answer to `Four:`; type it, or pipe one line for each question' },
  });
  expect(terminal.noted()).toBe('');
});

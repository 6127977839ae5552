import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import {
  openOperatorToken,
  type OperatorToken,
} from '../../../src/adapters/callers/operator-token.ts';
import { digestOfToken } from '../../../src/adapters/callers/token.ts';

let directory = '';
let path = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-token-'));
  path = join(directory, 'data', 'api-token');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function opened(): OperatorToken {
  const token = openOperatorToken(path);
  if (!token.ok) throw new Error(token.error.message);
  return token.value;
}

function refusal(): string {
  const token = openOperatorToken(path);
  return token.ok ? 'accepted' : token.error.message;
}

test('the first start makes 32 random bytes that only the owner can read', async () => {
  const token = opened();
  const text = await readFile(path, 'utf8');
  expect(token.created).toBe(true);
  expect(text).toMatch(/^[0-9a-f]{64}\n$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(token.digest).toEqual(digestOfToken(text.trim()));
});

test('a later start reads the same token', async () => {
  opened();
  const text = (await readFile(path, 'utf8')).trim();
  const again = opened();
  expect(again.created).toBe(false);
  expect(again.digest).toEqual(digestOfToken(text));
});

test('a file that others can read is refused with the command that mends it', async () => {
  opened();
  await chmod(path, 0o640);
  expect(refusal()).toContain(`chmod 600 '${path}'`);
});

test('a token that is easy to guess is refused', async () => {
  opened();
  await writeFile(path, 'short\n');
  expect(refusal()).toBe(`\`${path}\` holds less than 32 characters; delete it to get a new token`);
});

test('only a hash of the token stays in memory', async () => {
  const token = opened();
  const text = (await readFile(path, 'utf8')).trim();
  expect(inspect(token, { depth: 9, showHidden: true })).not.toContain(text);
});

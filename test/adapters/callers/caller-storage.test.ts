import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { createCallerStorage } from '../../../src/adapters/callers/caller-storage.ts';
import { digestOfToken } from '../../../src/adapters/callers/token.ts';
import { utf8Text } from '../../../src/base/bytes.ts';
import { toHex } from '../../../src/base/hex.ts';
import type { Result } from '../../../src/base/result.ts';
import type { CallerStorage } from '../../../src/core/caller-storage.ts';
import type { GrantableScope } from '../../../src/core/caller.ts';
import type { Reason } from '../../../src/core/outcome.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
const NOW = Date.parse('2026-05-06T07:08:09.000Z');
const BOT: readonly GrantableScope[] = [
  { may: 'sign', world: 'one', keys: ['1/1'], actions: ['spend'] },
  { may: 'metrics' },
];
let count = 0;

function place(): { readonly file: string; readonly storage: CallerStorage } {
  count += 1;
  const file = join(root, `data-${String(count)}`, 'api-callers.json');
  return { file, storage: createCallerStorage({ file }, { clock: { now: () => NOW } }) };
}

function messageOf(result: Result<unknown, Reason>): string {
  return result.ok ? 'done' : result.error.message;
}

describe('adding a caller', () => {
  test('makes a token of 32 random bytes and keeps only its hash, for the owner alone', () => {
    const { file, storage } = place();
    const added = storage.add({ name: 'bot1', scopes: BOT });
    const token = added.ok ? added.value.reveal(utf8Text) : undefined;
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      version: 1,
      callers: [
        {
          name: 'bot1',
          sha256: toHex(digestOfToken(token ?? '')),
          created: '2026-05-06T07:08:09.000Z',
          scopes: BOT,
        },
      ],
    });
    expect(readFileSync(file, 'utf8')).not.toContain(token);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  });

  test('keeps the callers before it, and when each expires', () => {
    const { storage } = place();
    storage.add({ name: 'bot1', scopes: BOT });
    storage.add({ name: 'bot2', scopes: [{ may: 'admin' }], expiresAt: NOW + 1 });
    expect(storage.list()).toEqual({
      ok: true,
      value: [
        { name: 'bot1', scopes: BOT, createdAt: NOW },
        { name: 'bot2', scopes: [{ may: 'admin' }], createdAt: NOW, expiresAt: NOW + 1 },
      ],
    });
  });

  test('never gives a name twice', () => {
    const { file, storage } = place();
    storage.add({ name: 'bot1', scopes: BOT });
    const before = readFileSync(file, 'utf8');
    expect(messageOf(storage.add({ name: 'bot1', scopes: [{ may: 'admin' }] }))).toBe(
      'there is a caller `bot1` already; revoke it first',
    );
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test.each(['operator', 'loopback', 'Bot', 'a/b'])('refuses the name %s', (name) => {
    const { file, storage } = place();
    expect(messageOf(storage.add({ name, scopes: BOT }))).toContain(`\`${name}\` cannot be`);
    expect(existsSync(file)).toBe(false);
  });
});

describe('revoking a caller', () => {
  test('forgets it and nobody else', () => {
    const { storage } = place();
    for (const name of ['bot1', 'bot2']) storage.add({ name, scopes: BOT });
    expect(messageOf(storage.revoke('bot1'))).toBe('done');
    expect(storage.list()).toMatchObject({ value: [{ name: 'bot2' }] });
  });

  test('names the callers there are when asked for another', () => {
    const { storage } = place();
    expect(messageOf(storage.revoke('bot'))).toBe('no caller `bot`; there are none');
    storage.add({ name: 'bot1', scopes: BOT });
    expect(messageOf(storage.revoke('bot'))).toBe('no caller `bot`; there are `bot1`');
  });
});

describe('one command at a time', () => {
  test('another command that is changing the file is not overtaken', () => {
    const { file, storage } = place();
    storage.add({ name: 'bot1', scopes: BOT });
    writeFileSync(`${file}.lock`, '');
    expect(messageOf(storage.revoke('bot1'))).toBe(
      `another command is changing \`${file}\`; try again, or remove \`${file}.lock\` if none is running`,
    );
    expect(storage.list()).toMatchObject({ value: [{ name: 'bot1' }] });
  });

  test('also a command that fails leaves the file free', () => {
    const { file, storage } = place();
    storage.revoke('nobody');
    expect(existsSync(`${file}.lock`)).toBe(false);
  });
});

describe('the file', () => {
  test.each([
    ['can be read by others', 0o640],
    ['can be written by others', 0o602],
  ])('that %s is refused, and the message has the command that repairs it', (_name, mode) => {
    const { file, storage } = place();
    storage.add({ name: 'bot1', scopes: BOT });
    chmodSync(file, mode);
    for (const result of [storage.list(), storage.add({ name: 'bot2', scopes: BOT })]) {
      expect(messageOf(result)).toContain(`chmod 600 '${file}'`);
    }
  });

  test('in a directory where others could replace it is refused', () => {
    const { file, storage } = place();
    storage.add({ name: 'bot1', scopes: BOT });
    chmodSync(dirname(file), 0o770);
    expect(messageOf(storage.list())).toContain(`chmod 700 '${dirname(file)}'`);
  });

  const bot = {
    name: 'bot1',
    sha256: 'ab'.repeat(32),
    created: '2026-01-01T00:00:00Z',
    scopes: [{ may: 'metrics' }],
  };
  const sign = { may: 'sign', world: 'one', keys: ['1/1'], actions: ['spend'] };

  test.each([
    ['is not JSON', '{'],
    ['is of a later version', { version: 2, callers: [] }],
    ['has a member that nobody knows', { version: 1, callers: [], owner: 'me' }],
    ['has a caller with a member that nobody knows', [{ ...bot, note: 'x' }]],
    ['gives a capability that nobody knows', [{ ...bot, scopes: [{ may: 'export' }] }]],
    ['gives everything', [{ ...bot, scopes: [{ may: 'sign-anything' }] }]],
    [
      'gives a scope with a member that nobody knows',
      [{ ...bot, scopes: [{ ...sign, key: 'x' }] }],
    ],
    ['gives every action', [{ ...bot, scopes: [{ ...sign, actions: 'all' }] }]],
    ['gives no scope', [{ ...bot, scopes: [] }]],
    ['gives no key', [{ ...bot, scopes: [{ ...sign, keys: [] }] }]],
    ['has a name of the daemon itself', [{ ...bot, name: 'operator' }]],
    ['has a name twice', [bot, { ...bot, sha256: 'cd'.repeat(32) }]],
    ['has a token twice', [bot, { ...bot, name: 'bot2' }]],
    ['has a hash of another length', [{ ...bot, sha256: 'ab' }]],
    ['has a time that is none', [{ ...bot, expires: 'tomorrow' }]],
  ])('that %s is refused whole', (_name, content) => {
    const { file, storage } = place();
    mkdirSync(dirname(file), { mode: 0o700 });
    const whole = Array.isArray(content) ? { version: 1, callers: content } : content;
    const text = typeof whole === 'string' ? whole : JSON.stringify(whole);
    writeFileSync(file, text, { mode: 0o600 });
    expect(messageOf(storage.list())).toBe(
      `cannot understand \`${file}\`; repair it, or remove it and add the callers anew`,
    );
    expect(storage.add({ name: 'bot3', scopes: BOT }).ok).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

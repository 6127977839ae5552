import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { createKeyStorage } from '../../src/adapters/keys/key-storage.ts';
import { readSecretFile } from '../../src/adapters/keys/private-file.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { toHex } from '../../src/base/hex.ts';
import { err, ok } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import { keysCommand, type KeysDeps } from '../../src/cli/keys.ts';
import type { EnvironmentKey, KeyStorage } from '../../src/core/key-storage.ts';
import { startAdminStandIn } from '../support/admin-stand-in.ts';
import { run, runAt, testTerminal, type Ended } from '../support/command-line.ts';
import { cheapCost, keyKinds } from '../support/key-kinds.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = temporaryDirectory();
const word = 'a password of some length';
const seed = '5eed'.repeat(32);
let count = 0;

interface Place {
  readonly directory: string;
  readonly storage: KeyStorage;
  readonly deps: Omit<KeysDeps, 'terminal'>;
  readonly keys: (args: readonly string[], input?: string) => Promise<Ended>;
}

function place(
  environment: readonly EnvironmentKey[] = [],
  overrides: Partial<KeysDeps> = {},
): Place {
  count += 1;
  let made = 0xaa;
  const directory = join(root, `keys-${String(count)}`);
  const storage = createKeyStorage(
    { directory, environment, cost: cheapCost },
    { kinds: keyKinds, alarm: () => undefined },
  );
  const deps = {
    kinds: keyKinds,
    storage: () => ok(storage),
    passwordFile: () => undefined,
    adminTarget: () => ({ url: 'http://127.0.0.1:1', tokenFile: join(root, 'no-token') }),
    readSecretFile,
    randomSecret: (length: number) => new Secret(new Uint8Array(length).fill((made += 1))),
    ...overrides,
  };
  const keys = (args: readonly string[], input?: string) =>
    run((terminal) => keysCommand({ ...deps, terminal }), args, input);
  return { directory, storage, deps, keys };
}

function secretFile(name: string, text: string): string {
  const path = join(root, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function opened(storage: KeyStorage, id: string): Promise<string | undefined> {
  const secret = await storage.open(id, () => Promise.resolve(ok(new Secret(utf8(word)))));
  return secret.ok ? secret.value.reveal(toHex) : undefined;
}

describe('keys generate', () => {
  test('writes 64 random bytes to an encrypted file, and prints id, file and fingerprint', async () => {
    const { directory, storage, keys } = place();
    const ended = await keys(['generate'], `${word}\n`);
    expect(ended).toMatchObject({ exitCode: 0, error: '' });
    expect(ended.printed).toMatch(
      new RegExp(
        `^key +lightspark/main\nkind +lightning-seed\nfile +${directory}/lightspark.main.json\nfingerprint +[0-9a-f]{40}\n$`,
      ),
    );
    expect(ended.noted).toContain('Keep a copy of the file and of its password');
    expect(await opened(storage, 'lightspark/main')).toBe('ab'.repeat(64));
  });

  test('takes kind, id and description from its options', async () => {
    const { keys, storage } = place();
    const options = ['--kind', 'lightning-test-seed', '--id', 'a/b', '--description', 'spare'];
    expect((await keys(['generate', ...options], `${word}\n`)).exitCode).toBe(0);
    expect(storage.list()).toMatchObject({ value: [{ id: 'a/b', kind: 'lightning-test-seed' }] });
  });

  test('gives a key the id of its kind', async () => {
    const { keys } = place();
    const ended = await keys(['generate', '--kind', 'lightning-test-seed'], `${word}\n`);
    expect(ended.printed).toContain('lightspark/test');
  });

  test.each([
    ['another than the key has', { idFor: () => 'wallet/1' }, '`wallet/1`'],
    ['where nobody looks', { isId: (id: string) => id === 'slot/1' }, '`lightspark/main`'],
  ])('refuses an id %s', async (_what, trait, expected) => {
    const { keys, storage } = place([], { kinds: [{ ...keyKinds[0], ...trait }] });
    const ended = await keys(['generate', '--id', 'slot/300'], `${word}\n`);
    expect(ended).toMatchObject({ exitCode: 1, error: expect.stringContaining(expected) });
    expect(storage.list()).toEqual(ok([]));
  });

  test('takes the password from a file, its option before the configured one', async () => {
    const file = secretFile('password', `${word}\n`);
    const other = secretFile('other-password', 'another password\n');
    const configured = place([], { passwordFile: () => file });
    expect((await configured.keys(['generate'])).exitCode).toBe(0);
    expect(await opened(configured.storage, 'lightspark/main')).toBeDefined();
    const given = place([], { passwordFile: () => other });
    expect((await given.keys(['generate', '--password-file', file])).exitCode).toBe(0);
    expect(await opened(given.storage, 'lightspark/main')).toBeDefined();
  });

  test('asks a person twice for a new password', async () => {
    const { deps, directory } = place();
    const terminal = testTerminal({ isTTY: true });
    const ended = runAt(terminal, keysCommand({ ...deps, terminal }), ['generate']);
    for (const answer of [word, 'something else']) terminal.type(`${answer}\r`);
    expect(await ended).toMatchObject({
      exitCode: 1,
      error: 'error: the two passwords differ; start again\n',
    });
    expect((await ended).everything).not.toContain(word);
    expect(() => readdirSync(directory)).toThrow('ENOENT');
  });

  test('asks for the present password once there is a key file, and refuses another', async () => {
    const { deps, keys } = place();
    await keys(['generate'], `${word}\n`);
    const more = ['generate', '--kind', 'lightning-test-seed'];
    const terminal = testTerminal({ isTTY: true });
    const ended = runAt(terminal, keysCommand({ ...deps, terminal }), more);
    terminal.type('another password\r');
    expect(await ended).toMatchObject({ exitCode: 1, noted: 'Password of the key files: \n' });
    expect((await ended).error).toContain('all key files share one password');
    expect((await keys(more, `${word}\n`)).exitCode).toBe(0);
  });

  test('warns of a short password', async () => {
    const ended = await place().keys(['generate'], 'short\n');
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.noted).toContain('warning: the password has fewer than 12 characters');
  });

  test.each([
    [
      'an unknown kind',
      ['--kind', 'thunder'],
      /Allowed choices are lightning-seed, lightning-test-seed/,
    ],
    ['an id without a world', ['--id', 'main'], /`main` is not a key id/],
    ['no password', [], /no answer to/, ''],
    ['an empty password', [], /the password is empty/, '\n'],
  ])('refuses %s', async (_name, options, message, input = `${word}\n`) => {
    const { directory, keys } = place();
    const ended = await keys(['generate', ...options], input);
    expect(ended.exitCode).toBe(1);
    expect(ended.error).toMatch(message);
    expect(() => readdirSync(directory)).toThrow('ENOENT');
  });

  test('refuses a key that is there under another id already', async () => {
    const { keys } = place();
    await keys(['import'], `${seed}\n${word}\n`);
    const ended = await keys(['import', '--kind', 'lightning-test-seed'], `${seed}\n${word}\n`);
    expect(ended.error).toBe(
      'error: key `lightspark/test` is the same secret as key `lightspark/main`; give each id its own\n',
    );
  });

  test('never replaces a key', async () => {
    const { directory, keys } = place();
    await keys(['generate'], `${word}\n`);
    const before = readFileSync(join(directory, 'lightspark.main.json'), 'utf8');
    const ended = await keys(['generate'], `${word}\n`);
    expect(ended.error).toContain('there is a key `lightspark/main` already');
    expect(readFileSync(join(directory, 'lightspark.main.json'), 'utf8')).toBe(before);
  });
});

describe('keys import', () => {
  test('takes the key from the first line and the password from the second', async () => {
    const { storage, keys } = place();
    const ended = await keys(['import'], `  ${seed.toUpperCase()} \n${word}\n`);
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(await opened(storage, 'lightspark/main')).toBe(seed);
    expect(ended.everything.toLowerCase()).not.toContain(seed.slice(0, 16));
  });

  test('never shows what a person types', async () => {
    const { deps, storage } = place();
    const terminal = testTerminal({ isTTY: true });
    const ended = runAt(terminal, keysCommand({ ...deps, terminal }), ['import']);
    for (const line of [seed, word, word]) terminal.type(`${line}\r`);
    expect((await ended).noted).toBe(
      [
        'Key in hex: ',
        'New password for the key files: ',
        'The same password again: ',
        'Keep a copy of the file and of its password: neither can be made again.',
        '',
      ].join('\n'),
    );
    expect(await opened(storage, 'lightspark/main')).toBe(seed);
  });

  test.each([
    ['not hex', 'xyz', /the key is not hex/],
    ['an odd number of digits', seed.slice(1), /the key is not hex/],
    ['empty', '', /the key is not hex/],
    ['too short', 'ab'.repeat(15), /16 to 64 bytes, not 15/],
    ['too long', 'ab'.repeat(65), /16 to 64 bytes, not 65/],
  ])('refuses a key that is %s, without repeating it', async (_name, key, message) => {
    const ended = await place().keys(['import'], `${key}\n${word}\n`);
    expect(ended.exitCode).toBe(1);
    expect(ended.error).toMatch(message);
    if (key !== '') expect(ended.everything).not.toContain(key);
  });

  test('refuses a key as an argument, without repeating it', async () => {
    const ended = await place().keys(['import', seed]);
    expect(ended.error).toContain('too many arguments');
    expect(ended.everything).not.toContain(seed);
  });
});

describe('keys list', () => {
  const environment = [
    { id: 'lightspark/test', kind: 'lightning-test-seed', secret: new Secret(new Uint8Array(32)) },
  ];

  test('shows id, kind, state, origin and fingerprint of every key without a password', async () => {
    const { keys } = place(environment);
    await keys(['generate'], `${word}\n`);
    await keys(['freeze', 'lightspark/test']);
    const lines = (await keys(['list'])).printed.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ +/).slice(0, 4))).toEqual([
      ['ID', 'KIND', 'STATE', 'ORIGIN'],
      ['lightspark/main', 'lightning-seed', 'active', 'lightspark.main.json'],
      ['lightspark/test', 'lightning-test-seed', 'frozen', 'environment'],
    ]);
  });

  test('prints JSON for programs', async () => {
    const { keys, storage } = place(environment);
    const listed = storage.list();
    expect(JSON.parse((await keys(['list', '--json'])).printed)).toEqual(listed.ok && listed.value);
  });

  test('says that there are none', async () => {
    const { directory, keys } = place();
    expect(await keys(['list'])).toMatchObject({
      exitCode: 0,
      printed: '',
      noted: `There are no keys in ${directory}.\n`,
    });
  });

  test('ends with the reason why the configuration gives no storage', async () => {
    const reason = { code: 'config', message: '`KEYS_DIR` is wrong' };
    const { keys } = place([], { storage: () => err(reason) });
    expect(await keys(['list'])).toMatchObject({
      exitCode: 1,
      error: 'error: `KEYS_DIR` is wrong\n',
    });
  });
});

describe('keys freeze and unfreeze', () => {
  test('write to the directory', async () => {
    const { keys, storage } = place();
    await keys(['generate'], `${word}\n`);
    expect((await keys(['freeze', 'lightspark/main'])).printed).toBe('lightspark/main is frozen\n');
    expect(storage.list()).toMatchObject({ value: [{ state: 'frozen' }] });
    expect((await keys(['unfreeze', 'lightspark/main'])).printed).toBe(
      'lightspark/main is active\n',
    );
    expect(storage.list()).toMatchObject({ value: [{ state: 'active' }] });
  });

  test('name the keys there are when asked for another', async () => {
    const { keys } = place();
    await keys(['generate'], `${word}\n`);
    expect(await keys(['freeze', 'lightspark/mian'])).toMatchObject({
      exitCode: 1,
      error: 'error: no key `lightspark/mian`; there are `lightspark/main`\n',
    });
  });

  test('ask a daemon by its admin route with the bearer token', async () => {
    const daemon = await startAdminStandIn(200, '{"id":"lightspark/main","state":"frozen"}');
    try {
      const tokenFile = secretFile('token', 'a-token-of-the-daemon\n');
      const call = ['--url', daemon.url, '--token-file', tokenFile];
      const { keys } = place();
      const ended = await keys(['freeze', 'lightspark/main', ...call]);
      expect(ended.printed).toBe(`lightspark/main is frozen at ${daemon.url}\n`);
      expect((await keys(['unfreeze', 'lightspark/main', ...call])).exitCode).toBe(0);
      const request = {
        method: 'POST',
        authorization: 'Bearer a-token-of-the-daemon',
        contentType: 'application/json',
        body: '{}',
      };
      expect(daemon.requests).toEqual([
        { ...request, path: '/admin/v1/keys/lightspark%2Fmain/freeze' },
        { ...request, path: '/admin/v1/keys/lightspark%2Fmain/unfreeze' },
      ]);
    } finally {
      await daemon.close();
    }
  });
});

describe('help', () => {
  test.each(['generate', 'import', 'freeze', 'unfreeze'])('of %s has an example', async (name) => {
    const ended = await place().keys([name, '--help']);
    expect(ended.printed).toContain(`$ countersign keys ${name}`);
  });
});

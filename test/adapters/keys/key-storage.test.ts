import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { createKeyStorage } from '../../../src/adapters/keys/key-storage.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { toHex } from '../../../src/base/hex.ts';
import { ok } from '../../../src/base/result.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { EnvironmentKey } from '../../../src/core/key-storage.ts';
import { cheapCost, keyKinds as kinds } from '../../support/key-kinds.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
let count = 0;

function storage(environment: readonly EnvironmentKey[] = [], directory?: string) {
  count += 1;
  const place = directory ?? join(root, `keys-${String(count)}`);
  const opened = createKeyStorage(
    { directory: place, environment, cost: cheapCost },
    { kinds, alarm: () => undefined },
  );
  return { ...opened, directory: place };
}

function word(text = 'a password of some length'): Secret {
  return new Secret(utf8(text));
}

function key(byte: number, id = 'lightspark/main', kind = 'lightning-seed') {
  return { id, kind, secret: new Secret(new Uint8Array(64).fill(byte)) };
}

test('an added key lies in a file named after its id, with mode 0600 in a directory of 0700', async () => {
  const { directory, add, list } = storage();
  const added = await add({ ...key(1), description: 'node of the shop' }, word());
  expect(added).toMatchObject({
    ok: true,
    value: { id: 'lightspark/main', state: 'active', origin: 'lightspark.main.json' },
  });
  expect(readdirSync(directory)).toEqual(['lightspark.main.json']);
  expect(statSync(join(directory, 'lightspark.main.json')).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(directory, 'lightspark.main.json'), 'utf8')).toContain(
    'node of the shop',
  );
  expect(list()).toEqual(ok([added.ok ? added.value : undefined]));
});

test('a key opens with its password, which is asked for only where a file needs it', async () => {
  const fromEnvironment = key(2, 'lightspark/test', 'lightning-test-seed');
  const { add, open } = storage([fromEnvironment]);
  await add(key(1), word());
  const opened = await open('lightspark/main', () => Promise.resolve(ok(word())));
  expect(opened.ok && opened.value.reveal(toHex)).toBe('01'.repeat(64));
  const neverAsked = () => Promise.reject(new Error('asked'));
  expect(await open('lightspark/test', neverAsked)).toEqual(ok(fromEnvironment.secret));
  expect(await open('lightspark/other', neverAsked)).toMatchObject({
    error: { message: 'no key `lightspark/other`; there are `lightspark/main`, `lightspark/test`' },
  });
});

test('a key is never replaced, whether it lies in a file or comes with the environment', async () => {
  const { add } = storage([key(2, 'lightspark/test', 'lightning-test-seed')]);
  await add(key(1), word());
  for (const again of [key(3), key(3, 'lightspark/test')]) {
    expect(await add(again, word())).toMatchObject({
      ok: false,
      error: { message: `there is a key \`${again.id}\` already; give the new one another id` },
    });
  }
});

test('a second file must have the password of the first, as the daemon has only one', async () => {
  const { add, list } = storage();
  await add(key(1), word());
  const other = key(2, 'lightspark/test', 'lightning-test-seed');
  const refused = await add(other, word('some other password'));
  expect(refused.ok ? '' : refused.error.message).toMatch(/^all key files share one password: /);
  expect(list()).toMatchObject({ value: [{ id: 'lightspark/main' }] });
  expect((await add(other, word())).ok).toBe(true);
});

test.each(['main', 'Lightspark/main', '../main', 'a//b', '/a', 'a/', 'a/b c', 'a/b.c', 'a/é'])(
  'the id `%s` is refused',
  async (id) => {
    const { directory, add } = storage();
    expect(await add(key(1, id), word())).toMatchObject({ error: { code: 'keys.id' } });
    expect(existsSync(directory)).toBe(false);
  },
);

test('nothing is written for a key of wrong kind or length, or for an empty password', async () => {
  const { directory, add } = storage();
  const short = { ...key(1), secret: new Secret(new Uint8Array(15)) };
  expect((await add(short, word())).ok).toBe(false);
  expect((await add(key(1, 'a/b', 'thunder-seed'), word())).ok).toBe(false);
  expect((await add(key(1), word(''))).ok).toBe(false);
  expect(existsSync(directory)).toBe(false);
});

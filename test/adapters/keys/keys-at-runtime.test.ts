import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { createKeyRing, type OpenKeyRing } from '../../../src/adapters/keys/key-ring.ts';
import { createKeyStorage } from '../../../src/adapters/keys/key-storage.ts';
import { createKeysPassword } from '../../../src/adapters/keys/keys-password.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { toHex } from '../../../src/base/hex.ts';
import { ok, type Result } from '../../../src/base/result.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { NewKey } from '../../../src/core/key-storage.ts';
import type { Reason } from '../../../src/core/outcome.ts';
import { cheapCost, keyKinds as kinds } from '../../support/key-kinds.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
const [{ kind }, { kind: otherKind }] = kinds;

function password(word = 'a password of some length'): Secret {
  return new Secret(utf8(word));
}

function newKey(id: string, byte: number): NewKey {
  return { id, kind, secret: new Secret(new Uint8Array(32).fill(byte)) };
}

interface Given {
  readonly directory: string;
  readonly passwordForNew?: () => Result<Secret, Reason>;
}

async function openRing({
  directory,
  passwordForNew = () => ok(password()),
}: Given): Promise<OpenKeyRing> {
  const ring = await createKeyRing(
    { directory, password: password(), passwordForNew, environment: [], cost: cheapCost },
    { kinds, alarm: () => undefined },
  );
  if (!ring.ok) throw new Error(ring.error.message);
  return ring.value;
}

function freshDirectory(): string {
  return join(mkdtempSync(join(root, 'home-')), 'keys');
}

describe('a key added while the daemon runs', () => {
  test('is usable at once, and after a restart', async () => {
    const directory = freshDirectory();
    const ring = await openRing({ directory });
    const added = await ring.add(newKey('lighter/304/1/5', 1));
    expect(added).toMatchObject({
      ok: true,
      value: { id: 'lighter/304/1/5', kind, state: 'active', origin: 'lighter.304.1.5.json' },
    });
    expect(ring.secret('lighter/304/1/5')?.reveal(toHex)).toBe('01'.repeat(32));
    expect(ring.list().map(({ id }) => id)).toEqual(['lighter/304/1/5']);

    const restarted = await openRing({ directory });
    expect(restarted.secret('lighter/304/1/5')?.reveal(toHex)).toBe('01'.repeat(32));
  });

  test('lies encrypted in a file that only its owner may read', async () => {
    const directory = freshDirectory();
    const ring = await openRing({ directory });
    await ring.add(newKey('lighter/304/1/5', 0xa7));
    const path = join(directory, 'lighter.304.1.5.json');
    expect(readFileSync(path, 'utf8')).not.toContain('a7a7a7a7');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test('can be opened by the command line with the password alone', async () => {
    const directory = freshDirectory();
    await (await openRing({ directory })).add(newKey('lighter/304/1/5', 1));
    const storage = createKeyStorage(
      { directory, environment: [] },
      { kinds, alarm: () => undefined },
    );
    const opened = await storage.open('lighter/304/1/5', () => Promise.resolve(ok(password())));
    expect(opened.ok && opened.value.reveal(toHex)).toBe('01'.repeat(32));
  });

  test('is the same key where it comes again', async () => {
    const directory = freshDirectory();
    const ring = await openRing({ directory });
    const first = await ring.add(newKey('lighter/304/1/5', 1));
    const again = newKey('lighter/304/1/5', 1);
    expect(await ring.add(again)).toEqual(first);
    expect(again.secret.reveal(toHex)).toBe('00'.repeat(32));
    expect(ring.secret('lighter/304/1/5')?.reveal(toHex)).toBe('01'.repeat(32));
  });

  test.each<[string, string, NewKey]>([
    ['an id that has another key', 'keys.occupied', newKey('lighter/304/1/5', 2)],
    ['a key that has another id', 'keys.duplicate', newKey('lighter/304/1/6', 1)],
    [
      'the same key as one of another kind',
      'keys.occupied',
      { ...newKey('lighter/304/1/5', 1), kind: otherKind },
    ],
    ['an id that is a path', 'keys.id', newKey('../lighter', 2)],
    ['an unknown kind', 'keys.file', { ...newKey('lighter/304/1/7', 2), kind: 'thunder' }],
  ])('is refused and wiped: %s', async (_what, code, key) => {
    const directory = freshDirectory();
    const ring = await openRing({ directory });
    await ring.add(newKey('lighter/304/1/5', 1));
    expect(await ring.add(key)).toMatchObject({ ok: false, error: { code } });
    expect(key.secret.reveal((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    expect(readdirSync(directory)).toEqual(['lighter.304.1.5.json']);
    expect(ring.secret('lighter/304/1/5')?.reveal(toHex)).toBe('01'.repeat(32));
  });

  test('takes one id once, however many ask for it at one time', async () => {
    const ring = await openRing({ directory: freshDirectory() });
    const bytes = Array.from({ length: 8 }, (_unused, index) => index + 1);
    const answers = await Promise.all(
      bytes.map((byte) => ring.add(newKey('lighter/304/1/5', byte))),
    );
    expect(answers.filter(({ ok: isAdded }) => isAdded)).toHaveLength(1);
    expect(ring.list()).toHaveLength(1);
  });

  test('never replaces a file that another process wrote meanwhile', async () => {
    const directory = freshDirectory();
    const ring = await openRing({ directory });
    await ring.add(newKey('lighter/304/1/5', 1));
    const foreign = join(directory, 'lighter.304.1.6.json');
    writeFileSync(foreign, 'foreign', { mode: 0o600 });
    const refused = await ring.add(newKey('lighter/304/1/6', 2));
    expect(refused).toMatchObject({ ok: false, error: { code: 'keys.file' } });
    expect(readFileSync(foreign, 'utf8')).toBe('foreign');
  });

  test('must not get another password than the files there are', async () => {
    const directory = freshDirectory();
    const dear = { ...cheapCost, n: 4 };
    const storage = createKeyStorage(
      { directory, environment: [], cost: cheapCost },
      { kinds, alarm: () => undefined },
    );
    await storage.add(newKey('lightspark/main', 1), password());
    const ring = await createKeyRing(
      {
        directory,
        password: password(),
        passwordForNew: () => ok(password('changed since')),
        environment: [],
        cost: dear,
      },
      { kinds, alarm: () => undefined },
    );
    if (!ring.ok) throw new Error(ring.error.message);
    const refused = await ring.value.add(newKey('lighter/304/1/5', 2));
    expect(refused).toMatchObject({ ok: false, error: { code: 'keys.password' } });
    expect(refused.ok ? '' : refused.error.message).toMatch(/^all key files share one password/);
  });

  test('asks for the password once, however many keys are added', async () => {
    let asked = 0;
    const ring = await openRing({
      directory: freshDirectory(),
      passwordForNew: () => {
        asked += 1;
        return ok(password());
      },
    });
    for (let byte = 1; byte <= 5; byte += 1) {
      expect((await ring.add(newKey(`lighter/304/1/${String(byte)}`, byte))).ok).toBe(true);
    }
    expect(asked).toBe(1);
  });

  test('costs little to derive under a random password, and much under any other', async () => {
    const kdfUnder = async (words: string): Promise<unknown> => {
      const directory = freshDirectory();
      const ring = await openRing({ directory, passwordForNew: () => ok(password(words)) });
      expect((await ring.add(newKey('lighter/304/1/5', 1))).ok).toBe(true);
      const text = readFileSync(join(directory, 'lighter.304.1.5.json'), 'utf8');
      return z
        .object({ crypto: z.object({ kdf: z.object({ function: z.string() }) }) })
        .parse(JSON.parse(text)).crypto.kdf.function;
    };
    expect(await kdfUnder('0123456789abcdef'.repeat(4))).toBe('pbkdf2');
    expect(await kdfUnder('0123456789abcdeF'.repeat(4))).toBe('scrypt');
    expect(await kdfUnder('0123456789abcdef'.repeat(3))).toBe('scrypt');
  });

  test('is reached only as what it is', async () => {
    const ring = await openRing({ directory: freshDirectory() });
    await ring.add(newKey('lighter/304/1/5', 1));
    expect(ring.secretOfKind(kind, 'lighter/304/1/5')?.reveal(toHex)).toBe('01'.repeat(32));
    expect(ring.secretOfKind(otherKind, 'lighter/304/1/5')).toBe(undefined);
  });
});

describe('a key that gets another id', () => {
  test('has only that one from then on, and after a restart', async () => {
    const directory = freshDirectory();
    const ring = await openRing({ directory });
    await ring.add(newKey('lighter-pending/304/1/5', 1));
    const renamed = await ring.rename('lighter-pending/304/1/5', 'lighter/304/1/5');
    expect(renamed).toMatchObject({ ok: true, value: { id: 'lighter/304/1/5' } });
    expect(ring.secret('lighter-pending/304/1/5')).toBe(undefined);
    expect(readdirSync(directory)).toEqual(['lighter.304.1.5.json']);

    const restarted = await openRing({ directory });
    expect(restarted.secret('lighter/304/1/5')?.reveal(toHex)).toBe('01'.repeat(32));
    expect(restarted.list()).toHaveLength(1);
  });

  test.each([
    ['that is taken', 'keys.occupied', 'lighter/304/1/5', 'lighter/304/1/6'],
    ['of a key nobody knows', 'keys.unknown', 'lighter/304/1/9', 'lighter/304/1/7'],
    ['that is none', 'keys.id', 'lighter/304/1/5', 'Lighter'],
  ])('keeps its own instead of one %s', async (_what, code, from, to) => {
    const ring = await openRing({ directory: freshDirectory() });
    await ring.add(newKey('lighter/304/1/5', 1));
    await ring.add(newKey('lighter/304/1/6', 2));
    expect(await ring.rename(from, to)).toMatchObject({ ok: false, error: { code } });
    expect(ring.list().map(({ id }) => id)).toEqual(['lighter/304/1/5', 'lighter/304/1/6']);
  });

  test('cannot leave its freeze behind', async () => {
    const ring = await openRing({ directory: freshDirectory() });
    await ring.add(newKey('lighter/304/1/5', 1));
    ring.freeze('lighter/304/1/5');
    expect(await ring.rename('lighter/304/1/5', 'lighter/304/1/6')).toMatchObject({
      ok: false,
      error: { code: 'keys.frozen' },
    });
  });

  test('keeps its file where another file has the new name', async () => {
    const directory = freshDirectory();
    const ring = await openRing({ directory });
    await ring.add(newKey('lighter/304/1/5', 1));
    writeFileSync(join(directory, 'lighter.304.1.6.json'), 'foreign', { mode: 0o600 });
    const renamed = await ring.rename('lighter/304/1/5', 'lighter/304/1/6');
    expect(renamed).toMatchObject({ ok: true, value: { origin: 'lighter.304.1.5.json' } });
  });
});

describe('the password of key files', () => {
  test('is made where none is configured, and then stays', () => {
    const own = join(mkdtempSync(join(root, 'data-')), 'keys-password');
    const warnings: Reason[] = [];
    const source = createKeysPassword(
      { configured: undefined, own },
      { warn: (reason) => warnings.push(reason) },
    );
    expect(source.known()).toEqual(ok(undefined));
    const made = source.forNew();
    const text = made.ok ? made.value.reveal((bytes) => new TextDecoder().decode(bytes)) : '';
    expect(text).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(own).mode & 0o777).toBe(0o600);
    expect(warnings.map(({ code }) => code)).toEqual(['keys.own-password']);
    expect(JSON.stringify(warnings)).not.toContain(text);

    for (const again of [source.forNew(), source.known()]) {
      expect(again.ok && again.value?.reveal((bytes) => new TextDecoder().decode(bytes))).toBe(
        text,
      );
    }
    expect(warnings).toHaveLength(1);
  });

  test('is the configured one where there is one, and no other is made', () => {
    const directory = mkdtempSync(join(root, 'data-'));
    const configured = join(directory, 'password');
    const own = join(directory, 'keys-password');
    writeFileSync(configured, 'a password of some length\n', { mode: 0o600 });
    const source = createKeysPassword({ configured, own }, { warn: () => undefined });
    for (const found of [source.forNew(), source.known()]) {
      expect(found.ok && found.value?.length).toBe(25);
    }
    expect(existsSync(own)).toBe(false);
  });
});

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { describe, expect, test } from '@jest/globals';

import { createKeyRing, type OpenKeyRing } from '../../../src/adapters/keys/key-ring.ts';
import { createKeyStorage } from '../../../src/adapters/keys/key-storage.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { Reason } from '../../../src/core/outcome.ts';
import { cheapCost, keyKinds as kinds } from '../../support/key-kinds.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
const word = 'a password of some length';

function password(): Secret {
  return new Secret(utf8(word));
}

function secret(byte: number, length = 64): Secret {
  return new Secret(new Uint8Array(length).fill(byte));
}

/** A directory that holds `lightspark/main`, made of bytes 01. */
async function keysDirectory(): Promise<string> {
  const directory = mkdtempSync(join(root, 'keys-'));
  const key = { id: 'lightspark/main', kind: 'lightning-seed', secret: secret(1) };
  const added = await createKeyStorage(
    { directory, environment: [], cost: cheapCost },
    { kinds, alarm: () => undefined },
  ).add(key, password());
  if (!added.ok) throw new Error(added.error.message);
  return directory;
}

const fromEnvironment = () => [
  { id: 'lightspark/test', kind: 'lightning-test-seed', secret: secret(2, 32) },
];

interface Given {
  readonly directory: string;
  readonly password?: Secret;
  readonly environment?: ReturnType<typeof fromEnvironment>;
  readonly alarm?: (reason: Reason) => void;
}

async function open({ environment = [], alarm = () => undefined, ...given }: Given) {
  return await createKeyRing({ environment, ...given }, { kinds, alarm });
}

async function openRing(given: Given): Promise<OpenKeyRing> {
  const ring = await open(given);
  if (!ring.ok) throw new Error(ring.error.message);
  return ring.value;
}

async function refusal(given: Given): Promise<string> {
  const ring = await open(given);
  return ring.ok ? '' : ring.error.message;
}

describe('opening', () => {
  test('gives the keys of files and environment, each with its public fingerprint', async () => {
    const directory = await keysDirectory();
    const ring = await openRing({
      directory,
      password: password(),
      environment: fromEnvironment(),
    });
    expect(ring.list()).toEqual([
      {
        id: 'lightspark/main',
        kind: 'lightning-seed',
        state: 'active',
        origin: 'lightspark.main.json',
        fingerprint: kinds[0].fingerprint(secret(1)),
      },
      {
        id: 'lightspark/test',
        kind: 'lightning-test-seed',
        state: 'active',
        origin: 'environment',
        fingerprint: kinds[1].fingerprint(secret(2, 32)),
      },
    ]);
    expect(ring.secret('lightspark/main')?.reveal(toHex)).toBe('01'.repeat(64));
    expect(ring.secret('lightspark/test')?.reveal(toHex)).toBe('02'.repeat(32));
    expect(ring.secret('lightspark/none')).toBeUndefined();
  });

  test('needs neither directory nor password where the environment has the keys', async () => {
    const ring = await openRing({
      directory: join(root, 'nowhere'),
      environment: fromEnvironment(),
    });
    expect(ring.list().map((key) => key.id)).toEqual(['lightspark/test']);
  });

  test('wipes every secret when it is closed', async () => {
    const ring = await openRing({
      directory: await keysDirectory(),
      password: password(),
      environment: fromEnvironment(),
    });
    const secrets = ring.list().map(({ id }) => ring.secret(id));
    ring[Symbol.dispose]();
    for (const wiped of secrets) {
      expect(wiped?.reveal((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    }
  });

  test('does without a password only where there is no file', async () => {
    expect(await refusal({ directory: await keysDirectory() })).toBe(
      'key file `lightspark.main.json` needs a password; set `KEYS_PASSWORD_FILE`',
    );
  });

  test('names the file that a wrong password does not open', async () => {
    const directory = await keysDirectory();
    const message = await refusal({ directory, password: new Secret(utf8('another')) });
    expect(message).toMatch(/^key file `lightspark\.main\.json`: the password does not open it/);
  });

  test('refuses a key file that others can read', async () => {
    const directory = await keysDirectory();
    const path = join(directory, 'lightspark.main.json');
    chmodSync(path, 0o644);
    expect(await refusal({ directory, password: password() })).toBe(
      `\`${path}\` can be read by others; run: chmod 600 '${path}'`,
    );
  });

  test('refuses a directory in which others can replace files', async () => {
    const directory = await keysDirectory();
    chmodSync(directory, 0o777);
    expect(await refusal({ directory, password: password() })).toContain(
      `chmod 700 '${directory}'`,
    );
  });

  test('refuses one key from two sources, naming both', async () => {
    const directory = await keysDirectory();
    const twin = { id: 'lightspark/main', kind: 'lightning-seed', secret: secret(3) };
    expect(await refusal({ directory, password: password(), environment: [twin] })).toBe(
      'key `lightspark/main` is in the environment and in `lightspark.main.json`; remove one',
    );
    const path = join(directory, 'lightspark.main.json');
    writeFileSync(join(directory, 'copy.json'), readFileSync(path), { mode: 0o600 });
    expect(await refusal({ directory, password: password() })).toContain(
      '`copy.json` and `lightspark.main.json`',
    );
  });

  test.each([
    [
      'a label that was changed',
      '"pubkey": "',
      '"pubkey": "00',
      /`pubkey` is not that of its secret/,
    ],
    ['an unknown kind', 'lightning-seed', 'thunder-seed', /kind `thunder-seed` is not known/],
    ['no id', '"id"', '"ident"', /lacks `id`, `kind` or `pubkey`/],
    ['an id that is a path', 'lightspark/main', '../main', /lacks `id`, `kind` or `pubkey`/],
    ['another document', '"crypto"', '"crypt"', /not an EIP-2335 version 4 keystore/],
  ])('refuses a file with %s', async (_name, from, to, message) => {
    const directory = await keysDirectory();
    const path = join(directory, 'lightspark.main.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
    expect(await refusal({ directory, password: password() })).toMatch(message);
  });

  test('refuses an environment key of wrong length or kind', async () => {
    const directory = join(root, 'nowhere');
    const short = { id: 'lightspark/main', kind: 'lightning-seed', secret: secret(1, 15) };
    expect(await refusal({ directory, environment: [short] })).toContain('16 to 64 bytes, not 15');
    const strange = { ...short, kind: 'thunder-seed' };
    expect(await refusal({ directory, environment: [strange] })).toContain('must be one of');
  });
});

describe('freezing', () => {
  test('takes effect at once and outlives a restart', async () => {
    const given = { directory: await keysDirectory(), password: password() };
    const ring = await openRing(given);
    expect(ring.isFrozen('lightspark/main')).toBe(false);
    expect(ring.freeze('lightspark/main')).toMatchObject({ ok: true, value: { state: 'frozen' } });
    expect(ring.isFrozen('lightspark/main')).toBe(true);

    const restarted = await openRing(given);
    expect(restarted.isFrozen('lightspark/main')).toBe(true);
    expect(restarted.unfreeze('lightspark/main')).toMatchObject({ value: { state: 'active' } });
    expect(restarted.isFrozen('lightspark/main')).toBe(false);
    expect(ring.isFrozen('lightspark/main')).toBe(false);
  });

  test('by another process is seen at once', async () => {
    const directory = await keysDirectory();
    const ring = await openRing({ directory, password: password() });
    const storage = createKeyStorage(
      { directory, environment: [] },
      { kinds, alarm: () => undefined },
    );
    for (let round = 0; round < 20; round += 1) {
      expect(storage.freeze('lightspark/main').ok).toBe(true);
      expect(ring.isFrozen('lightspark/main')).toBe(true);
      expect(storage.unfreeze('lightspark/main').ok).toBe(true);
      expect(ring.isFrozen('lightspark/main')).toBe(false);
    }
  });

  test('from the command line works beside a key file that cannot be read', async () => {
    const directory = await keysDirectory();
    const ring = await openRing({ directory, password: password() });
    writeFileSync(join(directory, 'broken.json'), '{', { mode: 0o600 });
    const storage = createKeyStorage(
      { directory, environment: [] },
      { kinds, alarm: () => undefined },
    );
    expect(storage.list().ok).toBe(false);
    expect(storage.freeze('lightspark/main').ok).toBe(true);
    expect(ring.isFrozen('lightspark/main')).toBe(true);
  });

  test('works for a key of the environment, whose directory it makes', async () => {
    const given = { directory: join(root, 'made-by-freeze'), environment: fromEnvironment() };
    const ring = await openRing(given);
    expect(ring.freeze('lightspark/test').ok).toBe(true);
    expect((await openRing(given)).list()).toMatchObject([{ state: 'frozen' }]);
  });

  test('of an unknown key names the keys there are', async () => {
    const ring = await openRing({ directory: await keysDirectory(), password: password() });
    const error = {
      code: 'keys.unknown',
      message: 'no key `lightspark/mian`; there are `lightspark/main`',
    };
    expect(ring.freeze('lightspark/mian')).toEqual({ ok: false, error });
    expect(ring.unfreeze('lightspark/mian')).toEqual({ ok: false, error });
  });

  test('that cannot be saved holds until the end of the process and says so', async () => {
    const directory = await keysDirectory();
    const ring = await openRing({ directory, password: password() });
    // A directory in the place of the file that would be written.
    const blocked = join(directory, `frozen.json.${String(process.pid)}.new`);
    mkdirSync(blocked);
    const frozen = ring.freeze('lightspark/main');
    expect(frozen).toMatchObject({ ok: false, error: { code: 'keys.freeze-unsaved' } });
    expect(frozen.ok ? '' : frozen.error.message).toContain('(EISDIR)');
    expect(ring.isFrozen('lightspark/main')).toBe(true);
    expect(ring.unfreeze('lightspark/main').ok).toBe(true);
    expect(ring.isFrozen('lightspark/main')).toBe(false);
  });

  test('an incomprehensible list freezes every key, and alarms once for each version of it', async () => {
    const directory = await keysDirectory();
    const alarms: Reason[] = [];
    const ring = await openRing({
      directory,
      password: password(),
      alarm: (reason) => alarms.push(reason),
    });
    const list = join(directory, 'frozen.json');
    writeFileSync(list, '{"version":1,"frozen":["lightspark/ma');
    expect([ring.isFrozen('lightspark/main'), ring.isFrozen('lightspark/main')]).toEqual([
      true,
      true,
    ]);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]?.message).toContain(`cannot understand \`${list}\``);
    expect(ring.freeze('lightspark/main').ok).toBe(false);
    expect(ring.unfreeze('lightspark/main').ok).toBe(false);
    writeFileSync(list, '{"version":2,"frozen":[]}');
    expect(ring.isFrozen('lightspark/main')).toBe(true);
    expect(alarms).toHaveLength(2);
    rmSync(list);
    // The freeze that could not be saved above is still remembered.
    expect(ring.isFrozen('lightspark/main')).toBe(true);
    expect(ring.freeze('lightspark/main').ok).toBe(true);
    expect(ring.unfreeze('lightspark/main').ok).toBe(true);
    expect(ring.isFrozen('lightspark/main')).toBe(false);
  });
});

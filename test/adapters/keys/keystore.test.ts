import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';

import {
  deriveWrappingKey,
  openKeystore,
  openUnder,
  sealKeystore,
  sealUnder,
} from '../../../src/adapters/keys/keystore.ts';
import { parseKeystore, writeKeystore } from '../../../src/adapters/keys/keystore-document.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { cheapCost } from '../../support/key-kinds.ts';

const vectors = {
  scrypt: readFileSync(new URL('../../vectors/eip2335/scrypt.json', import.meta.url), 'utf8'),
  pbkdf2: readFileSync(new URL('../../vectors/eip2335/pbkdf2.json', import.meta.url), 'utf8'),
};
const vectorPassword = '𝔱𝔢𝔰𝔱𝔭𝔞𝔰𝔰𝔴𝔬𝔯𝔡🔑';
const vectorSecret = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';

function password(text: string): Secret {
  return new Secret(utf8(text));
}

function parsed(text: string) {
  const keystore = parseKeystore(text);
  if (!keystore.ok) throw new Error(keystore.error.message);
  return keystore.value;
}

async function opened(text: string, word: string): Promise<string | undefined> {
  const secret = await openKeystore(parsed(text), password(word));
  return secret.ok ? secret.value.reveal(toHex) : undefined;
}

async function sealed(secret: Uint8Array, word: string, label = { path: '' }) {
  const keystore = await sealKeystore(new Secret(secret), password(word), label, cheapCost);
  if (!keystore.ok) throw new Error(keystore.error.message);
  return keystore.value;
}

describe('the vectors of EIP-2335', () => {
  test.each(Object.entries(vectors))('%s opens to the secret', async (_name, text) => {
    expect(await opened(text, vectorPassword)).toBe(vectorSecret);
  });

  test('a password with control codes opens it too, as they are stripped', async () => {
    expect(await opened(vectors.pbkdf2, `test\u0000password\u007f🔑\u0085\n`)).toBe(vectorSecret);
  });

  test.each(['testpassword', 'TESTPASSWORD🔑', 'testpassword 🔑'])(
    'another password (%s) does not open it',
    async (word) => {
      const result = await openKeystore(parsed(vectors.pbkdf2), password(word));
      expect(result).toMatchObject({ ok: false, error: { code: 'keys.password' } });
    },
  );

  test('are written again as they were read', () => {
    for (const text of Object.values(vectors)) {
      expect(JSON.parse(writeKeystore(parsed(text)))).toEqual(JSON.parse(text));
    }
  });

  test('a field that other tools add is left alone', () => {
    expect(parseKeystore(vectors.scrypt.replace('{', '{ "name": "Test",')).ok).toBe(true);
  });

  test('a keystore without path, uuid and description, or with null for them, is read', async () => {
    const { path, uuid, description, ...bare } = z
      .looseObject({})
      .parse(JSON.parse(vectors.pbkdf2));
    expect([path, uuid, description]).not.toContain(undefined);
    for (const text of [
      JSON.stringify(bare),
      JSON.stringify({ ...bare, path: null, uuid: null, description: null }),
    ]) {
      expect(parsed(text)).toMatchObject({ path: '' });
      expect(await opened(text, vectorPassword)).toBe(vectorSecret);
    }
    expect(parsed(JSON.stringify({ ...bare, pubkey: null })).pubkey).toBeUndefined();
  });

  test('hex may be upper-case and prefixed, as some tools write it', () => {
    const text = vectors.pbkdf2.replace(/"pubkey": "([0-9a-f]+)"/, (_, hex: string) => {
      return `"pubkey": "0x${hex.toUpperCase()}"`;
    });
    expect(parsed(text).pubkey).toBe(parsed(vectors.pbkdf2).pubkey);
  });
});

describe('a keystore that is not followed', () => {
  const mutations: readonly [name: string, from: string | RegExp, to: string, message: RegExp][] = [
    ['version 3', '"version": 4', '"version": 3', /`version` must be 4/],
    ['no version', /,\s*"version": 4/, '', /`version` must be 4/],
    ['no crypto', '"crypto"', '"crypt"', /`crypto` is missing/],
    ['no kdf', '"kdf"', '"kdg"', /`crypto.kdf` is missing/],
    [
      'another kdf',
      '"scrypt"',
      '"argon2"',
      /`crypto.kdf.function` is not supported; only `scrypt`/,
    ],
    ['another checksum', '"sha256"', '"sha128"', /`crypto.checksum.function` is not supported/],
    ['another cipher', 'aes-128-ctr', 'aes-128-cbc', /`crypto.cipher.function` is not supported/],
    ['dklen below 32', '"dklen": 32', '"dklen": 31', /dklen` must be from 32 to 64/],
    ['an unknown kdf parameter', '"r": 8', '"r": 8, "q": 1', /params` has unknown fields: q/],
    ['a fraction', '"r": 8', '"r": 8.5', /params.r` must be an integer/],
    ['a number as text', '"r": 8', '"r": "8"', /params.r` must be an integer/],
    ['a negative number', '"r": 8', '"r": -8', /params.r` is out of range/],
    ['n that is no power of two', '262144', '262143', /must be a power of two/],
    ['n of one', '262144', '1', /must be a power of two/],
    ['n above the domain of r', '"r": 8', '"r": 1', /`n` must be below 2/],
    ['more than 1 GiB', '262144', '2097152', /more than 1 GiB/],
    ['an absurd n', '262144', '9999999999999999999999', /params.n` is out of range/],
    ['an absurd p', '"p": 1', '"p": 65', /8 times the standard work/],
    ['p of nought', '"p": 1', '"p": 0', /must be at least 1/],
    ['salt that is no hex', '"salt": "d4', '"salt": "zz', /salt` must be hex/],
    ['a short iv', '"iv": "26', '"iv": "', /iv` must be 16 bytes of hex/],
    ['a short secret', /"message": "06ae[0-9a-f]{30}/, '"message": "', /16 to 64 bytes of hex/],
    ['a duplicate key', '"version": 4', '"version": 4, "version": 4', /duplicate key/],
    ['no JSON', '"version"', 'version', /not valid JSON/],
  ];
  test.each(mutations)('%s', (_name, from, to, message) => {
    const text = vectors.scrypt.replace(from, to);
    expect(text).not.toBe(vectors.scrypt);
    const result = parseKeystore(text);
    expect(result).toMatchObject({ ok: false, error: { code: 'keys.keystore' } });
    expect(result.ok ? '' : result.error.message).toMatch(message);
  });

  test.each([
    ['no iterations', '"c": 262144', '"c": 0', /`c` must be from 1/],
    ['absurdly many iterations', '"c": 262144', '"c": 10000001', /`c` must be from 1/],
    ['another prf', 'hmac-sha256', 'hmac-sha1', /prf` is not supported; only `hmac-sha256`/],
  ])('%s', (_name, from, to, message) => {
    const result = parseKeystore(vectors.pbkdf2.replace(from, to));
    expect(result.ok ? '' : result.error.message).toMatch(message);
  });

  test('a flipped bit of ciphertext or checksum is found', async () => {
    const text = writeKeystore(await sealed(new Uint8Array(32).fill(7), 'a good password'));
    expect(await opened(text, 'a good password')).toBe('07'.repeat(32));
    for (const field of ['ciphertext', 'checksum', 'iv'] as const) {
      const keystore = parsed(text);
      const hex = keystore[field];
      const other = text.replace(hex, (hex.startsWith('0') ? '1' : '0') + hex.slice(1));
      // CTR with another iv decrypts to other bytes; whoever opens it compares the public key.
      const expected = field === 'iv' ? expect.not.stringMatching('07'.repeat(32)) : undefined;
      expect(await opened(other, 'a good password')).toEqual(expected);
    }
  });
});

describe('sealing', () => {
  test('opens again for every secret of 16 to 64 bytes and every password', async () => {
    const secrets = fc.uint8Array({ minLength: 16, maxLength: 64 });
    const words = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((word) => /\P{Cc}/u.test(word));
    await fc.assert(
      fc.asyncProperty(secrets, words, async (secret, word) => {
        const text = writeKeystore(await sealed(secret, word));
        expect(await opened(text, word)).toBe(toHex(secret));
        expect(await opened(text, word.normalize('NFC'))).toBe(toHex(secret));
        expect(text).not.toContain(toHex(secret));
      }),
      { numRuns: 50 },
    );
  });

  test('takes the standard cost unless told otherwise', async () => {
    const result = await sealKeystore(
      new Secret(new Uint8Array(64).fill(1)),
      password('a good password'),
      { path: '' },
    );
    expect(result).toMatchObject({
      ok: true,
      value: { kdf: { function: 'scrypt', n: 262_144, r: 8, p: 1, dklen: 32 } },
    });
  });

  test('accepts pbkdf2', async () => {
    const cost = { function: 'pbkdf2', c: 10 } as const;
    const secret = new Uint8Array(32).fill(3);
    const result = await sealKeystore(new Secret(secret), password('word'), { path: 'm/1' }, cost);
    if (!result.ok) throw new Error(result.error.message);
    const text = writeKeystore(result.value);
    expect(await opened(text, 'word')).toBe(toHex(secret));
    expect(parsed(text).path).toBe('m/1');
  });

  test('never uses a salt or an iv twice', async () => {
    const secret = new Uint8Array(32);
    const [one, two] = [await sealed(secret, 'word'), await sealed(secret, 'word')];
    expect(one.kdf.salt).not.toBe(two.kdf.salt);
    expect(one.iv).not.toBe(two.iv);
    expect(one.uuid).not.toBe(two.uuid);
  });

  test.each([
    ['empty', new Uint8Array(), /is empty/],
    ['only control codes', utf8('\r\n\t'), /is empty/],
    ['not UTF-8', new Uint8Array([0xff, 0xfe]), /not valid UTF-8/],
  ])('refuses a password that is %s', async (_name, bytes, message) => {
    const secret = new Secret(new Uint8Array(32));
    const result = await sealKeystore(secret, new Secret(bytes), { path: '' }, cheapCost);
    expect(result).toMatchObject({ ok: false, error: { code: 'keys.password' } });
    expect(result.ok ? '' : result.error.message).toMatch(message);
  });

  test.each([15, 65])('throws on a secret of %i bytes', async (length) => {
    await expect(sealed(new Uint8Array(length), 'word')).rejects.toThrow('16 to 64 bytes');
  });
});

describe('keystores that share one derivation', () => {
  test('have their own iv, and each opens with the password alone', async () => {
    const derived = await deriveWrappingKey(password('shared word'), cheapCost);
    if (!derived.ok) throw new Error(derived.error.message);
    const secrets = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
    const keystores = secrets.map((bytes) =>
      sealUnder(derived.value, new Secret(bytes.slice()), { path: '' }),
    );
    expect(new Set(keystores.map(({ iv }) => iv)).size).toBe(3);
    expect(new Set(keystores.map(({ kdf }) => kdf.salt)).size).toBe(1);
    for (const [index, keystore] of keystores.entries()) {
      const expected = `0${String(index + 1)}`.repeat(32);
      expect(await opened(writeKeystore(keystore), 'shared word')).toBe(expected);
      const under = openUnder(derived.value, keystore);
      expect(under.ok && under.value.reveal(toHex)).toBe(expected);
    }
  });

  test('a key derived with another password or salt opens none of them', async () => {
    const keystore = await sealed(new Uint8Array(32).fill(7), 'word');
    for (const [word, kdf] of [
      ['another word', keystore.kdf],
      ['word', cheapCost],
    ] as const) {
      const derived = await deriveWrappingKey(password(word), kdf);
      if (!derived.ok) throw new Error(derived.error.message);
      expect(openUnder(derived.value, keystore)).toMatchObject({
        error: { code: 'keys.password' },
      });
    }
  });
});

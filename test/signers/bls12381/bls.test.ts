import { beforeAll, describe, expect, test } from '@jest/globals';

import {
  type BlsSigner,
  createDutyReader,
  loadBlsSigner,
} from '../../../signers/bls12381/index.ts';
import { fromHex } from '../../../src/base/hex.ts';
import { isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import { Secret } from '../../../src/base/secret.ts';
import {
  networkOf,
  objectIn,
  readVectors,
  signingRootCases,
  textIn,
} from '../../support/bls-vectors.ts';
import { hex } from '../../support/hex.ts';

const ROOT_DIGITS = 64;
const document = readVectors('signatures/sign.json');
const vectors = listIn('cases').map((item) => ({
  privateKey: textIn(objectIn(item, 'input'), 'privkey').slice(2),
  message: hex(textIn(objectIn(item, 'input'), 'message').slice(2)),
  publicKey: hex(textIn(item, 'pubkey').slice(2)),
  signature: hex(textIn(item, 'output').slice(2)),
}));
const roots = vectors.filter(({ message }) => message.length === ROOT_DIGITS);

function listIn(name: string): readonly JsonObject[] {
  const list = isJsonObject(document) ? document[name] : undefined;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function secretOf(text: string): Secret {
  return new Secret(fromHex(hex(text)));
}

let bls: BlsSigner;
beforeAll(async () => {
  const loaded = await loadBlsSigner();
  if (!loaded.ok) throw new Error(loaded.error.message);
  bls = loaded.value;
});

describe('signatures', () => {
  test('are those of the published vectors', () => {
    expect(roots.length).toBeGreaterThan(8);
    for (const { privateKey, message, publicKey, signature } of roots) {
      using secret = secretOf(privateKey);
      expect(bls.publicKey(secret)).toEqual({ ok: true, value: publicKey });
      expect(bls.sign(secret, message)).toBe(signature);
      expect(bls.verify({ publicKey, signingRoot: message, signature })).toBe(true);
    }
  });

  test('are made of 32 bytes, of nothing else', () => {
    for (const { privateKey, message } of vectors) {
      if (message.length === ROOT_DIGITS) continue;
      using secret = secretOf(privateKey);
      expect(() => bls.sign(secret, message)).toThrow('32 bytes');
    }
    expect(vectors.length).toBeGreaterThan(roots.length);
  });

  test.each(['lodestar-1.5.1-captured-minimal-preset', 'produced-mainnet-preset-all-forks'])(
    'of %s are of the root that we compute',
    (file) => {
      for (const item of signingRootCases(file)) {
        const duty = createDutyReader(networkOf(item))(item.request['type'], item.request);
        const publicKey = hex(item.publicKey?.slice(2) ?? '');
        const signature = hex(item.signature?.slice(2) ?? '');
        const signingRoot = duty.ok ? duty.value.signingRoot : hex('');
        expect(bls.verify({ publicKey, signingRoot, signature })).toBe(true);
      }
    },
  );

  test('do not hold for another root, another key, or what is no point at all', () => {
    const [first, second] = roots;
    if (first === undefined || second === undefined) throw new Error('there are too few vectors');
    const { publicKey, message: signingRoot, signature } = first;
    const good = { publicKey, signingRoot, signature };
    expect(bls.verify({ ...good, signingRoot: second.message })).toBe(false);
    expect(bls.verify({ ...good, signature: second.signature })).toBe(false);
    expect(bls.verify({ ...good, publicKey: hex('00'.repeat(48)) })).toBe(false);
    expect(bls.verify({ ...good, publicKey: hex(`c0${'00'.repeat(47)}`) })).toBe(false);
    expect(bls.verify({ ...good, signature: hex('ff'.repeat(96)) })).toBe(false);
    expect(bls.verify({ ...good, signature: hex('') })).toBe(false);
  });
});

describe('a secret key', () => {
  test.each(listIn('invalid').map((item) => textIn(item, 'privkey')))('is not %s', (text) => {
    expect(bls.parseSecretKey(text)).toMatchObject({
      ok: false,
      error: { code: 'bls.secret-key' },
    });
    using secret = secretOf(text.slice(2));
    expect(bls.publicKey(secret)).toMatchObject({ ok: false });
    expect(() => bls.sign(secret, hex('00'.repeat(32)))).toThrow('no secret key');
  });

  test.each(['', '0x', 'ab'.repeat(31), `${'ab'.repeat(32)}00`, 'zz'.repeat(32)])(
    'is not written `%s`, and what was written is not repeated',
    (text) => {
      const key = bls.parseSecretKey(text);
      expect(key).toMatchObject({ ok: false, error: { code: 'bls.secret-key' } });
      if (text.length > 2) expect(JSON.stringify(key)).not.toContain(text);
    },
  );

  test('may be written in either case, with or without prefix', () => {
    const [{ privateKey, publicKey } = { privateKey: '', publicKey: hex('') }] = roots;
    for (const text of [privateKey, `0x${privateKey}`, privateKey.toUpperCase()]) {
      const key = bls.parseSecretKey(text);
      if (!key.ok) throw new Error(key.error.message);
      using secret = key.value;
      expect(bls.publicKey(secret)).toEqual({ ok: true, value: publicKey });
    }
  });

  test('has 32 bytes', () => {
    using short = new Secret(new Uint8Array(31).fill(1));
    expect(bls.publicKey(short)).toMatchObject({ ok: false });
  });
});

test('a machine without a binary is told so, and what to do', async () => {
  const loaded = await loadBlsSigner(() => Promise.reject(new Error('no such module')));
  expect(loaded).toMatchObject({
    ok: false,
    error: { code: 'bls.library', message: expect.stringContaining('optional dependencies') },
  });
});

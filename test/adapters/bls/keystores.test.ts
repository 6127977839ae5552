import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { openBlsKeystore } from '../../../src/adapters/bls/open-key.ts';
import { toHex } from '../../../src/base/hex.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import {
  blst,
  interopKey,
  interopKeystore,
  interopPassword,
  storeIn,
  word,
  writeInteropKeystores,
  writeSource,
} from '../../support/validator-files.ts';
import { keyConfigurations } from '../../../src/adapters/bls/key-configurations.ts';
import { keystoreDirectory } from '../../../src/adapters/bls/keystore-directory.ts';

const root = temporaryDirectory();
let homes = 0;
function newHome(): string {
  homes += 1;
  return join(root, String(homes));
}

const vectors = new URL('../../vectors/bls/eip2335/', import.meta.url);
const vectorPassword = '𝔱𝔢𝔰𝔱𝔭𝔞𝔰𝔰𝔴𝔬𝔯𝔡🔑';
const vectorSecret = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';

async function openVector(name: string, password = vectorPassword) {
  const text = readFileSync(new URL(`${name}.json`, vectors));
  return await openBlsKeystore(text, word(password), await blst());
}

describe('a keystore of EIP-2335', () => {
  test.each(['pbkdf2TestVector', 'scryptTestVector', 'scryptExtraFieldTestVector'])(
    '%s opens to its secret and public key',
    async (name) => {
      const opened = await openVector(name);
      if (!opened.ok) throw new Error(opened.error.message);
      expect(opened.value.secret.reveal(toHex)).toBe(vectorSecret);
      expect(opened.value.pubkey).toMatch(/^9612d7a727c9d0a2/);
    },
  );

  test.each([
    'missingCrypto',
    'missingKdfSectionTestVector',
    'missingVersion',
    'unsupportedChecksumFunction',
    'unsupportedCipherFunction',
    'unsupportedDkLen',
    'unsupportedKdfFunction',
    'unsupportedPBKDF2Prf',
    'v3TestVector',
  ])('%s is refused before anything is derived', async (name) => {
    expect(await openVector(name)).toMatchObject({ error: { code: 'keys.keystore' } });
  });

  test('does not open with another password', async () => {
    expect(await openVector('pbkdf2TestVector', 'testpassword')).toMatchObject({
      error: { code: 'keys.password' },
    });
  });

  test('whose public key is another is refused, however it is written', async () => {
    const library = await blst();
    const password = word(interopPassword);
    const right = interopKey(0).pubkey;
    for (const pubkey of [`0x${right.toUpperCase()}`, right, null, '']) {
      const opened = await openBlsKeystore(interopKeystore(0, { pubkey }), password, library);
      expect(opened).toMatchObject({ ok: true, value: { pubkey: right } });
    }
    const wrong = interopKeystore(0, { pubkey: interopKey(1).pubkey });
    expect(await openBlsKeystore(wrong, password, library)).toMatchObject({
      error: { code: 'bls.pubkey' },
    });
  });

  test('that asks for a gigabyte and more is refused at once', async () => {
    const hostile = interopKeystore(1).replace('"n":1024', '"n":1073741824');
    expect(hostile).not.toBe(interopKeystore(1));
    expect(await openBlsKeystore(hostile, word('x'), await blst())).toMatchObject({
      error: { code: 'keys.keystore', message: expect.stringContaining('1 GiB') },
    });
  });
});

describe('a directory of keystores', () => {
  test('is opened by password files beside it, in another directory, or by one file', async () => {
    const home = newHome();
    const beside = join(home, 'beside');
    writeInteropKeystores(beside, [0, 1]);
    const apart = join(home, 'apart');
    writeSource(apart, 'a.json', interopKeystore(2));
    writeSource(join(home, 'words'), 'a.password', interopPassword);
    const single = join(home, 'single');
    writeSource(single, 'b.json', interopKeystore(3));
    const one = writeSource(home, 'one.txt', `${interopPassword}\r\n`);
    const { reload, keys } = await storeIn(home, {
      sources: [
        keystoreDirectory({ directory: beside, exposed: 'refused' }),
        keystoreDirectory({
          directory: apart,
          passwords: join(home, 'words'),
          exposed: 'refused',
        }),
        keystoreDirectory({ directory: single, passwords: one, exposed: 'refused' }),
      ],
    });
    const expected = [0, 1, 2, 3].map((index) => interopKey(index).pubkey);
    expect(await reload()).toEqual({ added: expected, removed: [], errors: [], duplicates: [] });
    expect(keys.publicKeys()).toEqual(expected);
    expect(keys.list()[0]).toEqual({
      id: `ethereum/${interopKey(0).pubkey}`,
      kind: 'bls-key',
      state: 'active',
      origin: join(beside, 'key-0.json'),
      fingerprint: interopKey(0).pubkey,
      pubkey: interopKey(0).pubkey,
      path: 'm/12381/3600/0/0/0',
      isReadonly: true,
    });
  });

  test('names every file that does not open, and loads the others', async () => {
    const home = newHome();
    const directory = join(home, 'keystores');
    writeInteropKeystores(directory, [0, 1, 2, 3, 4, 5, 6]);
    writeSource(directory, 'key-1.txt', 'another password');
    writeSource(
      directory,
      'key-2.json',
      interopKeystore(2).replace(/"message":"[0-9a-f]{4}/, '"message":"0000'),
    );
    writeSource(directory, 'key-3.json', 'not a keystore');
    writeSource(directory, 'key-4.json', interopKeystore(4), 0o644);
    writeSource(directory, 'key-5.txt', interopPassword, 0o640);
    writeSource(directory, 'alone.json', interopKeystore(7));
    writeSource(directory, 'deposit_data-1700000000.json', '[]', 0o644);
    writeSource(directory, '.hidden.json', '{}');
    const { reload, store } = await storeIn(home, {
      sources: [keystoreDirectory({ directory, exposed: 'refused' })],
    });
    const report = await reload();
    expect(report.added).toEqual([interopKey(0).pubkey, interopKey(6).pubkey]);
    const codes = report.errors.map(({ file, reason }) => [
      file.slice(directory.length + 1),
      reason.code,
    ]);
    expect(codes.sort()).toEqual([
      ['alone.json', 'keys.password'],
      ['key-1.json', 'keys.password'],
      ['key-2.json', 'keys.password'],
      ['key-3.json', 'keys.keystore'],
      ['key-4.json', 'keys.exposed'],
      ['key-5.json', 'keys.exposed'],
    ]);
    expect(store.status()).toMatchObject({ state: 'completed_with_errors', isLoaded: true });
    expect(store.status().errors).toHaveLength(6);
    expect(JSON.stringify(report.errors)).not.toContain(interopPassword);
  });

  test('that others may read is loaded where the operator says so', async () => {
    const home = newHome();
    const directory = join(home, 'keystores');
    writeSource(directory, 'a.json', interopKeystore(0), 0o440);
    writeSource(directory, 'a.txt', interopPassword, 0o444);
    const { reload } = await storeIn(home, {
      sources: [keystoreDirectory({ directory, exposed: 'allowed' })],
    });
    expect(await reload()).toMatchObject({ added: [interopKey(0).pubkey], errors: [] });
  });

  test('that is not there is one error', async () => {
    const home = newHome();
    const directory = join(home, 'absent');
    const { reload } = await storeIn(home, {
      sources: [keystoreDirectory({ directory, exposed: 'refused' })],
    });
    expect((await reload()).errors).toEqual([
      {
        file: directory,
        reason: {
          code: 'keys.file',
          message: `cannot read \`${directory}\` (ENOENT); check the path and its permissions`,
        },
      },
    ]);
  });
});

describe('key configuration files', () => {
  async function load(files: Readonly<Record<string, string>>) {
    const home = newHome();
    const directory = join(home, 'configs');
    for (const [name, text] of Object.entries(files)) {
      const [folder = '', file = name] = name.includes('/') ? name.split('/') : ['', name];
      writeSource(join(directory, folder), file, text);
    }
    const rig = await storeIn(home, {
      sources: [keyConfigurations({ directory, exposed: 'refused' })],
    });
    return { ...rig, directory, report: await rig.reload() };
  }
  const raw = (index: number): string =>
    `type: "file-raw"\nkeyType: "BLS"\nprivateKey: "0x${interopKey(index).secretHex}"\n`;

  test('name raw keys and keystores, several in a file, in subfolders', async () => {
    const { report, keys } = await load({
      'a.yaml': `${raw(0)}---\n${raw(1)}`,
      'b.yml': `type: file-keystore\nkeystoreFile: stores/k.json\nkeystorePasswordFile: stores/k.password\n`,
      'stores/k.json': interopKeystore(2),
      'stores/k.password': interopPassword,
      'deep/c.yaml': raw(3),
    });
    expect(report.errors).toEqual([]);
    expect([...keys.publicKeys()].sort()).toEqual(
      [0, 1, 2, 3].map((index) => interopKey(index).pubkey).sort(),
    );
  });

  test('a private key without quotes is not taken for a number', async () => {
    const { report } = await load({
      'a.yaml': `type: file-raw\nprivateKey: 0x${interopKey(0).secretHex}\n`,
      'b.yaml': `type: file-raw\nprivateKey: ${interopKey(3).secretHex}\n`,
    });
    expect(report).toMatchObject({
      added: [interopKey(0).pubkey, interopKey(3).pubkey],
      errors: [],
    });
  });

  test.each([
    ['another type', 'type: hashicorp\n', /`type` is not supported; only `file-raw` and `file-k/],
    ['another curve', raw(0).replace('BLS', 'SECP256K1'), /`keyType` is not supported here/],
    ['an unknown field', `${raw(0)}colour: red\n`, /unknown fields: colour/],
    ['a short key', 'type: file-raw\nprivateKey: "0x12"\n', /`privateKey` must be 32 bytes of hex/],
    ['the key nought', `type: file-raw\nprivateKey: "${'00'.repeat(32)}"\n`, /no BLS secret key/],
    [
      'the group order',
      'type: file-raw\nprivateKey: "0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"\n',
      /no BLS secret key/,
    ],
    [
      'a keystore that is not there',
      'type: file-keystore\nkeystoreFile: x\nkeystorePasswordFile: y\n',
      /ENOENT/,
    ],
    ['no YAML', 'type: [', /not valid YAML/],
    ['nothing', '', /is empty/],
    ['an alias', `a: &a x\nb: *a\n`, /not YAML of the form/],
  ])('%s is an error of that file alone', async (_name, text, message) => {
    const { report, directory } = await load({ 'bad.yaml': text, 'good.yaml': raw(5) });
    expect(report.added).toEqual([interopKey(5).pubkey]);
    expect(report.errors).toHaveLength(1);
    expect(report.errors[0]?.file).toBe(join(directory, 'bad.yaml'));
    expect(report.errors[0]?.reason.message).toMatch(message);
  });

  test('a bad document does not stop the others of its file', async () => {
    const { report, directory } = await load({
      'a.yaml': `${raw(0)}---\ntype: aws-secret\n---\n${raw(1)}`,
    });
    expect(report.added).toHaveLength(2);
    expect(report.errors.map(({ file }) => file)).toEqual([`${join(directory, 'a.yaml')}#2`]);
  });

  test('a raw key is not repeated by the error about it', async () => {
    const { report } = await load({
      'a.yaml': `type: file-raw\nprivateKey: "${interopKey(0).secretHex}00"\n`,
      'b.yaml': `type: file-raw\nprivateKey: "${interopKey(0).secretHex}\n`,
      'c.yaml': `type: file-raw\nprivateKey: ''\n0x${interopKey(0).secretHex}: ''\n`,
    });
    expect(report.errors).toHaveLength(3);
    expect(JSON.stringify(report)).not.toContain(interopKey(0).secretHex.slice(0, 16));
  });

  test('may lie among the keystores they name, and each key is loaded once', async () => {
    const home = newHome();
    const directory = join(home, 'both');
    writeSource(directory, 'k.json', interopKeystore(2));
    writeSource(directory, 'secret.word', interopPassword);
    writeSource(
      directory,
      'k.yaml',
      'type: file-keystore\nkeystoreFile: k.json\nkeystorePasswordFile: secret.word\n',
    );
    const { reload } = await storeIn(home, {
      sources: [
        keyConfigurations({ directory, exposed: 'refused' }),
        keystoreDirectory({ directory, exposed: 'refused' }),
      ],
    });
    const report = await reload();
    expect(report).toEqual({
      added: [interopKey(2).pubkey],
      removed: [],
      errors: [],
      duplicates: [],
    });
    expect(await reload()).toEqual({ added: [], removed: [], errors: [], duplicates: [] });
  });
});

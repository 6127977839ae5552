import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { SecretKey } from '@chainsafe/blst';
import { describe, expect, test } from '@jest/globals';

import { writeDerivedKeystores } from '../../src/adapters/bls/derived-keystores.ts';
import { keystoreDirectory } from '../../src/adapters/bls/keystore-directory.ts';
import { readSeed } from '../../src/adapters/bls/mnemonic.ts';
import { openBlsKeystore, openFound } from '../../src/adapters/bls/open-key.ts';
import { readSecretFile } from '../../src/adapters/keys/private-file.ts';
import { fromHex, toHex } from '../../src/base/hex.ts';
import { deriveCommand } from '../../src/cli/ethereum-derive.ts';
import { type Ended, run } from '../support/command-line.ts';
import { hex } from '../support/hex.ts';
import { cheapCost } from '../support/key-kinds.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { blst, word } from '../support/validator-files.ts';

const root = temporaryDirectory();
/** The first case of EIP-2333: its seed is of this mnemonic and passphrase (BIP39, test vectors). */
const MNEMONIC = `${'abandon '.repeat(11)}about`;
const PASSPHRASE = 'TREZOR';
const SEED =
  'c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04';

/** By the native library's own derivation. */
function pubkeyOf(index: number): string {
  const path = [12_381, 3600, index, 0, 0];
  const master = SecretKey.deriveMasterEip2333(fromHex(hex(SEED)));
  const key = path.reduce((parent, child) => parent.deriveChildEip2333(child), master);
  return toHex(key.toPublicKey().toBytes());
}

function derive(input: string, ...args: readonly string[]): Promise<Ended> {
  return run(
    (terminal) =>
      deriveCommand({
        ...{ terminal, readSecretFile, readSeed },
        writeKeystores: async (seed, order) =>
          writeDerivedKeystores(
            seed,
            { ...order, cost: cheapCost },
            { blst: await blst(), onProgress: () => undefined },
          ),
      }),
    args,
    input,
  );
}

describe('ethereum derive', () => {
  test('makes the keystores of the mnemonic, which open with the password given', async () => {
    const to = join(root, 'made');
    const input = `${MNEMONIC}\n${PASSPHRASE}\na good password\n`;
    const ended = await derive(input, '--to', to, '--passphrase', '--first', '3', '--count', '2');
    expect(ended).toMatchObject({ exitCode: 0, error: '' });
    expect(statSync(to).mode & 0o777).toBe(0o700);
    const names = readdirSync(to).sort();
    expect(names).toEqual([3, 4].map((index) => `keystore-m_12381_3600_${String(index)}_0_0.json`));
    for (const [at, name] of names.entries()) {
      const path = join(to, name);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      using password = word('a good password');
      const opened = await openBlsKeystore(readFileSync(path), password, await blst());
      if (!opened.ok) throw new Error(opened.error.message);
      using secret = opened.value.secret;
      expect(secret.length).toBe(32);
      expect(opened.value.pubkey).toBe(pubkeyOf(3 + at));
      expect(ended.printed).toContain(`0x${pubkeyOf(3 + at)}`);
    }
  });

  test('makes a directory that the daemon loads with one password file', async () => {
    const to = join(root, 'loaded');
    const passwords = join(root, 'password.txt');
    writeFileSync(passwords, 'a good password\n', { mode: 0o600 });
    expect(
      await derive(`${SEED}\n`, '--to', to, '--password-file', passwords, '--count', '3'),
    ).toMatchObject({ exitCode: 0, error: '' });
    const source = keystoreDirectory({ directory: to, passwords, exposed: 'refused' });
    const searched = await source.search();
    if (!searched.ok) throw new Error(searched.error.message);
    expect(searched.value.problems).toEqual([]);
    expect(searched.value.found).toHaveLength(3);
    for (const key of searched.value.found) {
      const opened = await openFound(key, await blst(), undefined);
      if (!opened.ok) throw new Error(opened.error.message);
      opened.value.secret[Symbol.dispose]();
    }
  });

  test('shows neither mnemonic, passphrase nor password', async () => {
    const input = `${MNEMONIC}\n${PASSPHRASE}\na good password\n`;
    const ended = await derive(input, '--to', join(root, 'quiet'), '--passphrase');
    for (const secret of ['abandon', PASSPHRASE, 'good password', SEED]) {
      expect(ended.everything).not.toContain(secret);
    }
  });

  test('replaces no keystore', async () => {
    const to = join(root, 'kept');
    expect(await derive(`${SEED}\na good password\n`, '--to', to)).toMatchObject({ exitCode: 0 });
    const [name = ''] = readdirSync(to);
    const before = readFileSync(join(to, name), 'utf8');
    const again = await derive(`${SEED}\nanother password\n`, '--to', to);
    expect(again.exitCode).toBe(1);
    expect(again.error).toContain('EEXIST');
    expect(readFileSync(join(to, name), 'utf8')).toBe(before);
  });

  test('refuses a directory in which others could replace files', async () => {
    const to = join(root, 'open');
    mkdirSync(to);
    chmodSync(to, 0o777);
    const refused = await derive(`${SEED}\na good password\n`, '--to', to);
    expect(refused.exitCode).toBe(1);
    expect(refused.error).toContain('chmod 700');
    expect(readdirSync(to)).toEqual([]);
  });

  test.each([
    ['a wrong word', MNEMONIC.replace('about', 'abut')],
    ['a wrong checksum', MNEMONIC.replace('about', 'abandon')],
    ['too few words', 'abandon about'],
    ['half a seed', SEED.slice(0, 62)],
    ['nothing', ''],
  ])('refuses %s, without repeating it', async (_what, mnemonic) => {
    const to = join(root, 'none');
    const refused = await derive(`${mnemonic}\na good password\n`, '--to', to);
    expect(refused.exitCode).toBe(1);
    expect(refused.error).toContain('not a mnemonic');
    if (mnemonic !== '') expect(refused.everything).not.toContain(mnemonic);
  });

  test('refuses a passphrase for a seed in hex, which holds it already', async () => {
    const refused = await derive(`${SEED}\nx\npassword\n`, '--to', join(root, 'x'), '--passphrase');
    expect(refused.error).toContain('no passphrase');
  });

  test.each(['-1', '1.5', '4294967296', 'many'])('refuses %s as an index', async (index) => {
    const refused = await derive(`${SEED}\npassword\n`, '--to', join(root, 'x'), '--first', index);
    expect(refused.exitCode).toBe(1);
    expect(refused.error).toContain('integer');
  });
});

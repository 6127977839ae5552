import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { createLightningKeys, nobleCurve } from '../../signers/lightning/index.ts';
import { createImportedPreimages } from '../../src/adapters/keys/imported-preimages.ts';
import { createKeyStorage } from '../../src/adapters/keys/key-storage.ts';
import { readSecretFile } from '../../src/adapters/keys/private-file.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { toHex } from '../../src/base/hex.ts';
import { ok } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import { lightningCommand, type LightningDeps } from '../../src/cli/lightning.ts';
import { startAdminStandIn } from '../support/admin-stand-in.ts';
import { run, runAt, testTerminal } from '../support/command-line.ts';
import { cheapCost, keyKinds } from '../support/key-kinds.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = temporaryDirectory();
const word = 'a password of some length';
const preimage = 'c0ffee'.padEnd(64, '0');
const paymentHash = createHash('sha256').update(preimage, 'hex').digest('hex');
let count = 0;

/** BIP32, test vector 1. */
const mainSeed = Uint8Array.from({ length: 16 }, (_, index) => index);
const xpub =
  'xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8';

/** A seed in a file, and one in the environment. */
async function place(overrides: Partial<LightningDeps> = {}) {
  count += 1;
  const directory = join(root, `keys-${String(count)}`);
  const environment = [
    { id: 'lightspark/test', kind: 'lightning-test-seed', secret: new Secret(new Uint8Array(32)) },
  ];
  const storage = createKeyStorage(
    { directory, environment, cost: cheapCost },
    { kinds: keyKinds, alarm: () => undefined },
  );
  const key = {
    id: 'lightspark/main',
    kind: 'lightning-seed',
    secret: new Secret(mainSeed.slice()),
  };
  await storage.add(key, new Secret(utf8(word)));
  const preimages = createImportedPreimages(
    { directory: join(directory, 'preimages') },
    { alarm: () => undefined },
  );
  const deps: Omit<LightningDeps, 'terminal'> = {
    defaultKey: 'lightspark/main',
    network: () => 'MAINNET',
    openSeed: async (id, password) => {
      const secret = await storage.open(id, password);
      return secret.ok ? ok(createLightningKeys(secret.value, nobleCurve)) : secret;
    },
    preimages: () => preimages,
    passwordFile: () => undefined,
    adminTarget: () => ({ url: 'http://127.0.0.1:1', tokenFile: join(root, 'no-token') }),
    readSecretFile,
    ...overrides,
  };
  const lightning = (args: readonly string[], input?: string) =>
    run((terminal) => lightningCommand({ ...deps, terminal }), args, input);
  return { deps, preimages, lightning };
}

describe('lightning xpub', () => {
  test('prints the master extended public key of a seed in a file', async () => {
    const { lightning } = await place();
    expect(await lightning(['xpub'], `${word}\n`)).toEqual({
      exitCode: 0,
      printed: `${xpub}\n`,
      noted: '',
      error: '',
      everything: `${xpub}\n`,
    });
  });

  test('asks for no password where the seed is in the environment', async () => {
    const { lightning } = await place();
    expect(await lightning(['xpub', '--key', 'lightspark/test'])).toMatchObject({
      exitCode: 0,
      printed: expect.stringMatching(/^xpub/),
    });
  });

  test('takes the network from its option, else from the configuration', async () => {
    const { lightning } = await place({ network: () => 'REGTEST' });
    expect((await lightning(['xpub'], `${word}\n`)).printed).toMatch(/^tpub/);
    const mainnet = await lightning(['xpub', '--network', 'MAINNET'], `${word}\n`);
    expect(mainnet.printed).toBe(`${xpub}\n`);
  });

  test('ends with a reason on a wrong password or an unknown key', async () => {
    const { lightning } = await place();
    expect((await lightning(['xpub'], 'wrong\n')).error).toContain('the password does not open it');
    expect((await lightning(['xpub', '--key', 'a/b'])).error).toContain('no key `a/b`');
  });
});

describe('lightning import-preimage', () => {
  const invoice = ['import-preimage', '--invoice', 'Invoice:1'];

  test('keeps the preimage sealed by the seed and prints its payment hash', async () => {
    const { lightning, preimages, deps } = await place();
    const ended = await lightning(
      [...invoice, '--payment-hash', paymentHash.toUpperCase()],
      `${preimage.toUpperCase()}\n${word}\n`,
    );
    expect(ended.printed).toBe(`kept the preimage of Invoice:1\npayment hash ${paymentHash}\n`);
    expect(ended.everything.toLowerCase()).not.toContain(preimage);
    const sealed = preimages.read('Invoice:1') ?? toHex(new Uint8Array());
    expect(sealed).not.toContain(preimage.slice(0, 16));
    const password = () => Promise.resolve(ok(new Secret(utf8(word))));
    const seed = await deps.openSeed('lightspark/main', password);
    const opened = seed.ok ? seed.value.openPreimage('Invoice:1', sealed) : undefined;
    expect(opened === undefined ? undefined : toHex(opened)).toBe(preimage);
  });

  test('does nothing when repeated, and refuses another preimage for the same invoice', async () => {
    const { lightning } = await place();
    await lightning(invoice, `${preimage}\n${word}\n`);
    const again = await lightning(invoice, `${preimage}\n${word}\n`);
    expect(again.printed).toContain('already kept the preimage of Invoice:1');
    const other = await lightning(invoice, `${'11'.repeat(32)}\n${word}\n`);
    expect(other.error).toContain('another preimage of `Invoice:1` is kept already');
    expect(other.exitCode).toBe(1);
  });

  test.each([
    ['31 bytes', preimage.slice(2), /not 32 bytes of hex/],
    ['no hex', 'z'.repeat(64), /not 32 bytes of hex/],
    ['another payment hash', '22'.repeat(32), /check which invoice it is for/],
  ])('refuses %s, without repeating the preimage', async (_name, answer, message) => {
    const { lightning, preimages } = await place();
    const args = [...invoice, '--payment-hash', paymentHash];
    const ended = await lightning(args, `${answer}\n${word}\n`);
    expect(ended.error).toMatch(message);
    expect(ended.everything).not.toContain(answer);
    expect(preimages.list()).toEqual([]);
  });

  test('needs an invoice', async () => {
    const { lightning } = await place();
    expect((await lightning(['import-preimage'])).error).toContain(
      "'--invoice <id>' not specified",
    );
  });
});

describe('lightning rebaseline', () => {
  async function withDaemon(
    args: readonly string[],
    input?: string,
  ): Promise<{
    readonly bodies: readonly string[];
    readonly printed: string;
    readonly error: string;
  }> {
    const daemon = await startAdminStandIn(200, '{"channel":"m/3/7","released":281474976710600}');
    const tokenFile = join(root, 'token');
    writeFileSync(tokenFile, 'a-token\n', { mode: 0o600 });
    const { lightning } = await place({ adminTarget: () => ({ url: daemon.url, tokenFile }) });
    const { printed, error } = await lightning(['rebaseline', ...args], input);
    await daemon.close();
    return {
      bodies: daemon.requests.map(({ path, body }) => `${String(path)} ${body}`),
      printed,
      error,
    };
  }

  test('asks first, then calls the daemon and prints its answer', async () => {
    expect(await withDaemon(['m/3/7', '--index', '281474976710599'], 'y\n')).toEqual({
      bodies: [
        '/admin/v1/worlds/lightspark/rebaseline {"channel":"m/3/7","index":281474976710599}',
      ],
      printed: '{"channel":"m/3/7","released":281474976710600}\n',
      error: '',
    });
  });

  test('changes nothing unless the operator is sure', async () => {
    const ended = await withDaemon(['m/3/7', '--index', '5'], 'n\n');
    expect(ended).toEqual({ bodies: [], printed: '', error: 'error: nothing was changed\n' });
    expect((await withDaemon(['m/3/7', '--index', '5'])).bodies).toEqual([]);
    expect((await withDaemon(['m/3/7', '--index', '5', '--yes'])).bodies).toHaveLength(1);
  });

  test.each([
    ['an index above 48 bits', 'm/3/7', '281474976710656'],
    ['a negative index', 'm/3/7', '-1'],
    ['a fraction', 'm/3/7', '1.5'],
    ['an index that is no number', 'm/3/7', '0x10'],
    ['the path of a key', 'm/3/7/0', '5'],
    ['a hardened path', "m/3'/7", '5'],
    ['a path with a leading zero', 'm/3/07', '5'],
  ])('refuses %s', async (_name, channel, index) => {
    const ended = await withDaemon([channel, `--index=${index}`, '--yes']);
    expect(ended.bodies).toEqual([]);
    expect(ended.error).toMatch(/must be an integer|is not the path of a channel/);
  });

  test('asks a person with the channel and the index in the question', async () => {
    const { deps } = await place();
    const terminal = testTerminal({ isTTY: true });
    const command = lightningCommand({ ...deps, terminal });
    const ended = runAt(terminal, command, ['rebaseline', 'm/3/7', '--index', '5']);
    terminal.type('n\r');
    expect((await ended).noted).toContain('Release the secrets of m/3/7 from index 5 on? [y/N] n');
  });
});

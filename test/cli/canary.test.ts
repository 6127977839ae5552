import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { expect, test } from '@jest/globals';

import { createLightningKeys, nobleCurve } from '../../signers/lightning/index.ts';
import { createImportedPreimages } from '../../src/adapters/keys/imported-preimages.ts';
import { createKeyRing } from '../../src/adapters/keys/key-ring.ts';
import { createKeyStorage } from '../../src/adapters/keys/key-storage.ts';
import { openKeystore } from '../../src/adapters/keys/keystore.ts';
import { parseKeystore } from '../../src/adapters/keys/keystore-document.ts';
import { readSecretFile } from '../../src/adapters/keys/private-file.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { toHex } from '../../src/base/hex.ts';
import { ok } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import { keysCommand } from '../../src/cli/keys.ts';
import { lightningCommand } from '../../src/cli/lightning.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { startAdminStandIn } from '../support/admin-stand-in.ts';
import { run } from '../support/command-line.ts';
import { cheapCost, keyKinds as kinds } from '../support/key-kinds.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = temporaryDirectory();
const directory = join(root, 'keys');
const passwordFile = join(root, 'password.secret');
const tokenFile = join(root, 'token.secret');

/** Bytes that occur nowhere by chance. */
function canary(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (seed + 37 * index + index * index) % 256);
}

const generated = canary(11, 64);
const imported = canary(90, 64);
const fromEnvironment = canary(160, 32);
const preimage = canary(201, 32);
const word = 'canary-password-PÅSS';
const token = 'canary-token-0123456789';

const whole = {
  depth: null,
  maxArrayLength: null,
  maxStringLength: null,
  showHidden: true,
  compact: true,
  breakLength: Infinity,
};

/** Every spelling in which a secret could slip out; a part of it is enough. */
function spellings(bytes: Uint8Array): readonly string[] {
  const part = bytes.slice(0, 12);
  const raw = String.fromCharCode(...part);
  const base64 = btoa(raw);
  return [
    toHex(part),
    toHex(part).toUpperCase(),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
    raw,
    part.join(','),
    part.join(', '),
    JSON.stringify(part).slice(1, -1),
  ];
}

const secrets = [
  ...[generated, imported, fromEnvironment, preimage].flatMap(spellings),
  ...[word, token].flatMap((text) => [text, ...spellings(utf8(text))]),
];

function leaks(text: string): readonly string[] {
  return secrets.filter((secret) => text.includes(secret));
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(path).flatMap((name) => {
    const entry = join(path, name);
    return statSync(entry).isDirectory() ? filesBelow(entry) : [entry];
  });
}

test('the search finds each spelling of each secret', () => {
  for (const secret of secrets) expect(leaks(`… ${secret} …`)).toContain(secret);
  expect(leaks(inspect(generated, whole))).not.toEqual([]);
});

test('no secret is found in any output, error, document, inspection or file', async () => {
  writeFileSync(passwordFile, `${word}\n`, { mode: 0o600 });
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  const seen: unknown[] = [];
  const daemon = await startAdminStandIn(409, '{"detail":"refused"}');
  const environment = [
    {
      id: 'lightspark/test',
      kind: 'lightning-test-seed',
      secret: new Secret(fromEnvironment.slice()),
    },
  ];
  const alarm = (reason: unknown): void => void seen.push(reason);
  const storage = createKeyStorage({ directory, environment, cost: cheapCost }, { kinds, alarm });
  const preimages = createImportedPreimages({ directory: join(directory, 'preimages') }, { alarm });
  const shared = {
    readSecretFile,
    passwordFile: () => undefined,
    adminTarget: () => ({ url: daemon.url, tokenFile }),
  };
  const keys = (terminal: Terminal) =>
    keysCommand({
      ...shared,
      terminal,
      kinds,
      storage: () => ok(storage),
      randomSecret: () => new Secret(generated.slice()),
    });
  const lightning = (terminal: Terminal) =>
    lightningCommand({
      ...shared,
      terminal,
      defaultKey: 'lightspark/main',
      network: () => 'MAINNET',
      openSeed: async (id, password) => {
        const secret = await storage.open(id, password);
        return secret.ok ? ok(createLightningKeys(secret.value, nobleCurve)) : secret;
      },
      preimages: () => preimages,
    });

  const hex = toHex(imported);
  const preimageHex = toHex(preimage);
  const file = ['--password-file', passwordFile];
  const call = ['--url', daemon.url, '--token-file', tokenFile];
  const keep = ['import-preimage', '--invoice', 'Invoice:1'];
  for (const [command, args, input] of [
    [keys, ['generate', ...file]],
    [keys, ['generate', '--id', 'lightspark/again'], `${word}\n`],
    [keys, ['import', '--id', 'lightspark/imported'], `${hex}\n${word}\n`],
    [keys, ['import', '--id', 'lightspark/other'], `${hex}\n${word} but wrong\n`],
    [keys, ['import', '--id', 'lightspark/long', ...file], `${hex}${hex}\n`],
    [keys, ['import', '--id', 'lightspark/odd', ...file], `${hex}0\n`],
    [keys, ['import', '--id', 'lightspark/swapped'], `${word}\n${hex}\n`],
    [keys, ['import', hex]],
    [keys, ['list']],
    [keys, ['list', '--json']],
    [keys, ['freeze', 'lightspark/main']],
    [keys, ['freeze', 'lightspark/none']],
    [keys, ['unfreeze', 'lightspark/main', ...call]],
    [lightning, ['xpub', ...file]],
    [lightning, ['xpub'], `${word} but wrong\n`],
    [lightning, ['xpub', '--key', 'lightspark/test']],
    [lightning, [...keep, ...file], `${preimageHex}\n`],
    [lightning, [...keep, ...file], `${preimageHex}\n`],
    [lightning, [...keep, '--payment-hash', '00'], `${preimageHex}\n`],
    [lightning, keep, `${preimageHex}00\n`],
    [lightning, ['rebaseline', 'm/3/7', '--index', '5', '--yes']],
  ] as const) {
    seen.push(await run(command, args, input));
  }

  const ring = await createKeyRing(
    { directory, password: new Secret(utf8(word)), environment },
    { kinds, alarm },
  );
  if (!ring.ok) throw new Error(ring.error.message);
  const secret = ring.value.secret('lightspark/main');
  seen.push(ring, ring.value.list(), secret, storage, storage.list(), preimages, environment);
  seen.push(ring.value.freeze('lightspark/test'), ring.value.unfreeze('lightspark/none'));
  const strange = { id: 'a/b', kind: 'thunder', secret: new Secret(generated.slice()) };
  for (const given of [
    { password: new Secret(utf8('wrong')), environment: [] },
    { password: new Secret(utf8(word)), environment: [{ ...strange, id: 'lightspark/main' }] },
    { environment: [strange] },
    { environment: [] },
  ]) {
    seen.push(await createKeyRing({ directory, ...given }, { kinds, alarm }));
  }
  const text = readFileSync(join(directory, 'lightspark.main.json'), 'utf8');
  const keystore = parseKeystore(text);
  if (!keystore.ok) throw new Error(keystore.error.message);
  seen.push(keystore, await openKeystore(keystore.value, new Secret(utf8(word))));
  seen.push(parseKeystore(hex), parseKeystore(text.replace('scrypt', hex)));
  await daemon.close();

  // The secrets were really there to be leaked.
  expect(secret?.reveal(toHex)).toBe(toHex(generated));
  expect(ring.value.secret('lightspark/imported')?.reveal(toHex)).toBe(hex);

  for (const each of seen) {
    expect(leaks(inspect(each, whole))).toEqual([]);
    expect(leaks(JSON.stringify(each))).toEqual([]);
    expect(leaks(String(each))).toEqual([]);
  }
  const written = filesBelow(root).filter((path) => !path.endsWith('.secret'));
  expect(written).toHaveLength(4);
  for (const path of written) expect(leaks(readFileSync(path, 'latin1'))).toEqual([]);
});

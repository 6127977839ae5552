import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { createKeyRing } from '../../../src/adapters/keys/key-ring.ts';
import {
  createRingKeyStore,
  type LighterKeyStore,
} from '../../../src/adapters/lighter/key-store.ts';
import { createMemoryKeyStore } from '../../support/memory-key-store.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { toHex } from '../../../src/base/hex.ts';
import { ok } from '../../../src/base/result.ts';
import { Secret } from '../../../src/base/secret.ts';
import { ETHEREUM_WALLET, keyKinds, LIGHTER_API_KEY } from '../../../src/compose/key-kinds.ts';
import { cheapCost } from '../../support/key-kinds.ts';
import {
  addressOf,
  apiKeySecret,
  kernel,
  value,
  WALLET,
  WALLET_ADDRESS,
} from '../../support/lighter-desk-rig.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
const PRIVATE = '0ec9cbbc10d86b43260f8f105e33d6637fe3d195f1b65e749d26eac4370179edc7866663bf322a04';
const PUBLIC = 'bf2cd4b515430bc374b9af0bd417929e75bdaf887da5e7feec9c249883ce9f19ff3532e419077596';
const OTHER = '01'.padEnd(80, '0');
const ID = 'lighter/304/123/42';

function inMemory(): Promise<LighterKeyStore> {
  return Promise.resolve(
    createMemoryKeyStore({ publicKey: kernel.publicKey, walletAddress: addressOf }),
  );
}

async function inFiles(
  directory = join(mkdtempSync(join(root, 'home-')), 'keys'),
): Promise<LighterKeyStore> {
  const ring = await createKeyRing(
    {
      directory,
      password: new Secret(utf8('a password of some length')),
      passwordForNew: () => ok(new Secret(utf8('a password of some length'))),
      environment: [],
      cost: cheapCost,
    },
    { kinds: keyKinds, alarm: () => undefined },
  );
  return createRingKeyStore(
    { apiKeyKind: LIGHTER_API_KEY, walletKind: ETHEREUM_WALLET, walletAddress: addressOf },
    value(ring),
  );
}

describe.each([
  ['in memory', inMemory],
  ['in files', inFiles],
])('a store of Lighter keys %s', (_where, open) => {
  test('keeps a key, and knows its public key', async () => {
    const store = await open();
    const held = { keyId: ID, publicKey: PUBLIC };
    expect(await store.addApiKey(ID, apiKeySecret(PRIVATE))).toEqual({ ok: true, value: held });
    expect(store.apiKeys()).toEqual([held]);
    expect(store.apiKey(ID)?.reveal(toHex)).toBe(PRIVATE);
    expect(store.apiKey('lighter/304/123/43')).toBe(undefined);
  });

  test('takes the same key again, and wipes what came', async () => {
    const store = await open();
    await store.addApiKey(ID, apiKeySecret(PRIVATE));
    const again = apiKeySecret(PRIVATE);
    expect((await store.addApiKey(ID, again)).ok).toBe(true);
    expect(again.reveal(toHex)).toBe('00'.repeat(40));
    expect(store.apiKey(ID)?.reveal(toHex)).toBe(PRIVATE);
  });

  test.each([
    ['another key for an id that has one', 'keys.occupied', ID, OTHER],
    ['a key that has another id', 'keys.duplicate', 'lighter/304/123/43', PRIVATE],
  ])('refuses %s, and wipes it', async (_what, code, id, key) => {
    const store = await open();
    await store.addApiKey(ID, apiKeySecret(PRIVATE));
    const refused = apiKeySecret(key);
    expect(await store.addApiKey(id, refused)).toMatchObject({ ok: false, error: { code } });
    expect(refused.reveal(toHex)).toBe('00'.repeat(40));
  });

  test('gives a key another id that is free', async () => {
    const store = await open();
    await store.addApiKey(ID, apiKeySecret(PRIVATE));
    await store.addApiKey('lighter/304/123/43', apiKeySecret(OTHER));
    const other = 'lighter/304/123/44';
    expect(await store.renameApiKey(ID, 'lighter/304/123/43')).toMatchObject({
      error: { code: 'keys.occupied' },
    });
    expect(await store.renameApiKey(ID, other)).toMatchObject({ ok: true });
    expect(await store.renameApiKey(ID, other)).toMatchObject({ error: { code: 'keys.unknown' } });
    expect(store.apiKey(ID)).toBe(undefined);
    expect(store.apiKey(other)?.reveal(toHex)).toBe(PRIVATE);
  });

  test('keeps wallets apart from API keys', async () => {
    const store = await open();
    expect(store.hasWallet(WALLET_ADDRESS)).toBe(false);
    expect(await store.addWallet(WALLET())).toEqual({ ok: true, value: WALLET_ADDRESS });
    expect((await store.addWallet(WALLET())).ok).toBe(true);
    expect(store.hasWallet(WALLET_ADDRESS)).toBe(true);
    expect(store.apiKeys()).toEqual([]);
    expect(store.apiKey(`wallet/${WALLET_ADDRESS}`)).toBe(undefined);
  });
});

test('a store in files has its keys after a restart, and nowhere in the clear', async () => {
  const directory = join(mkdtempSync(join(root, 'home-')), 'keys');
  const store = await inFiles(directory);
  await store.addApiKey(ID, apiKeySecret(PRIVATE));
  await store.addWallet(WALLET());
  const restarted = await inFiles(directory);
  expect(restarted.apiKeys()).toEqual(store.apiKeys());
  expect(restarted.hasWallet(WALLET_ADDRESS)).toBe(true);
  for (const file of readdirSync(directory)) {
    const text = readFileSync(join(directory, file), 'utf8');
    expect(text).not.toContain(PRIVATE.slice(0, 16));
    expect(text).not.toContain('11111111');
  }
});

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { Wallet } from 'ethers';

import { createKeyRing, type OpenKeyRing } from '../../src/adapters/keys/key-ring.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { fromHex, isHex } from '../../src/base/hex.ts';
import { ok } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import { ETHEREUM_WALLET, keyKinds, LIGHTER_API_KEY } from '../../src/compose/key-kinds.ts';
import { cheapCost } from '../support/key-kinds.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = temporaryDirectory();

/** A pair of Lighter's own implementation. */
const API_KEY = '0ec9cbbc10d86b43260f8f105e33d6637fe3d195f1b65e749d26eac4370179edc7866663bf322a04';
const PUBLIC_KEY =
  'bf2cd4b515430bc374b9af0bd417929e75bdaf887da5e7feec9c249883ce9f19ff3532e419077596';
const ORDER = 'e1ff8b9496d90fe89ca024d7395c88e83906b8cfe6ffff7f16000000f1ffff7f07000080fdffff7f';
const WALLET = '11'.repeat(32);
const ADDRESS = new Wallet(`0x${WALLET}`).address.slice(2).toLowerCase();

async function openRing(): Promise<OpenKeyRing> {
  const ring = await createKeyRing(
    {
      directory: join(mkdtempSync(join(root, 'home-')), 'keys'),
      passwordForNew: () => ok(new Secret(utf8('a password of some length'))),
      environment: [],
      cost: cheapCost,
    },
    { kinds: keyKinds, alarm: () => undefined },
  );
  if (!ring.ok) throw new Error(ring.error.message);
  return ring.value;
}

function secret(hex: string): Secret {
  if (!isHex(hex)) throw new Error('not hex');
  return new Secret(fromHex(hex));
}

describe('the key ring', () => {
  test('names an API key by its public key', async () => {
    const key = { id: 'lighter/304/123/5', kind: LIGHTER_API_KEY, secret: secret(API_KEY) };
    expect(await (await openRing()).add(key)).toMatchObject({ value: { fingerprint: PUBLIC_KEY } });
  });

  test('names a wallet by its address, in its id too', async () => {
    const ring = await openRing();
    const wallet = { id: `wallet/${ADDRESS}`, kind: ETHEREUM_WALLET, secret: secret(WALLET) };
    expect(await ring.add(wallet)).toMatchObject({ value: { fingerprint: ADDRESS } });
    const misnamed = { ...wallet, id: 'wallet/main', secret: secret('22'.repeat(32)) };
    const refused = await ring.add(misnamed);
    expect(refused.ok ? '' : refused.error.message).toContain('is named after itself');
  });

  test.each([
    ['zero', LIGHTER_API_KEY, '00'.repeat(40)],
    ['the group order', LIGHTER_API_KEY, ORDER],
    ['zero', ETHEREUM_WALLET, '00'.repeat(32)],
    ['beyond the group order', ETHEREUM_WALLET, 'ff'.repeat(32)],
  ])('refuses %s as %s', async (_what, kind, hex) => {
    const refused = await (await openRing()).add({ id: 'some/key', kind, secret: secret(hex) });
    expect(refused.ok ? '' : refused.error.message).toBe(
      `these bytes are no key of kind \`${kind}\`; give another key`,
    );
  });

  test('gives a wallet to nobody who asks for an API key, nor the reverse', async () => {
    const ring = await openRing();
    await ring.add({ id: 'lighter/304/123/5', kind: LIGHTER_API_KEY, secret: secret(API_KEY) });
    await ring.add({ id: `wallet/${ADDRESS}`, kind: ETHEREUM_WALLET, secret: secret(WALLET) });
    expect(ring.secretOfKind(LIGHTER_API_KEY, `wallet/${ADDRESS}`)).toBe(undefined);
    expect(ring.secretOfKind(ETHEREUM_WALLET, 'lighter/304/123/5')).toBe(undefined);
    expect(ring.secretOfKind(ETHEREUM_WALLET, `wallet/${ADDRESS}`)).toBeInstanceOf(Secret);
  });
});

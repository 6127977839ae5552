import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { privateKeyFromSeed } from '../../../signers/lighter/index.ts';
import { isHex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { type LighterStandIn, startLighterStandIn } from '../../../src/demo/lighter-stand-in.ts';
import type { NewClient } from '../../../src/protocols/lighter/ports.ts';
import {
  apiKeySecret,
  type DeskRig,
  type DeskRigOptions,
  kernel,
  openDesk,
  value,
  WALLET,
  WALLET_ADDRESS,
} from '../../support/lighter-desk-rig.ts';
import { vectors } from '../../support/lighter-vectors.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
const PRIVATE = '0ec9cbbc10d86b43260f8f105e33d6637fe3d195f1b65e749d26eac4370179edc7866663bf322a04';
const PUBLIC = 'bf2cd4b515430bc374b9af0bd417929e75bdaf887da5e7feec9c249883ce9f19ff3532e419077596';
const OTHER = '01'.padEnd(80, '0');
const ORDER = 'e1ff8b9496d90fe89ca024d7395c88e83906b8cfe6ffff7f16000000f1ffff7f07000080fdffff7f';
const TESTNET = 'https://api-testnet.lighter.xyz';

let standIn: LighterStandIn;
const opened: DeskRig[] = [];

beforeAll(async () => {
  standIn = await startLighterStandIn();
  standIn.addAccount(123n, `0x${WALLET_ADDRESS}`);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((rig) => rig[Symbol.asyncDispose]()));
});

afterAll(async () => {
  await standIn[Symbol.asyncDispose]();
});

async function open(options: Partial<DeskRigOptions> = {}): Promise<DeskRig> {
  const hosts = ['api.lighter.xyz', 'api-testnet.lighter.xyz', standIn.host];
  const rig = await openDesk({ root, hosts, ...options });
  opened.push(rig);
  return rig;
}

function newClient(changes: Partial<NewClient> = {}, privateKey = PRIVATE): NewClient {
  const key = { kind: 'raw', privateKey: apiKeySecret(privateKey) } as const;
  return { url: TESTNET, account: 123n, apiKey: 5n, key, ...changes };
}

describe('a client', () => {
  test('is created from a raw key, on the chain of its URL', async () => {
    const { desk, book } = await open();
    expect(await desk.createClient(newClient(), 'alice')).toEqual({
      ok: true,
      value: {
        chainId: 300n,
        account: 123n,
        apiKey: 5n,
        publicKey: PUBLIC,
        keyId: 'lighter/300/123/5',
      },
    });
    expect(book.find({ apiKey: 5n })).toMatchObject({ ok: true, value: { url: TESTNET } });
  });

  test('may be of account 0 in slot 0, with a warning', async () => {
    const { desk, alarms } = await open();
    const made = await desk.createClient(newClient({ account: 0n, apiKey: 0n }), 'alice');
    expect(made).toMatchObject({ ok: true, value: { keyId: 'lighter/300/0/0' } });
    expect(alarms).toMatchObject([{ code: 'lighter.account_zero' }]);
  });

  test('is the same one where its key comes again, and takes a new URL', async () => {
    const { desk, book } = await open();
    const first = await desk.createClient(newClient(), 'alice');
    const again = newClient({ url: standIn.url, chainId: 300n });
    expect(await desk.createClient(again, 'alice')).toEqual(first);
    expect(book.list()).toMatchObject([{ url: standIn.url }]);
  });

  test('never loses its slot to another key', async () => {
    const { desk, book } = await open();
    await desk.createClient(newClient(), 'alice');
    const refused = await desk.createClient(newClient({}, OTHER), 'mallory');
    expect(refused).toMatchObject({
      ok: false,
      error: { kind: 'conflict', reason: { code: 'keys.occupied' } },
    });
    expect(book.list()).toMatchObject([{ publicKey: PUBLIC }]);
  });

  test('does not share its key with another slot', async () => {
    const { desk } = await open();
    await desk.createClient(newClient(), 'alice');
    expect(await desk.createClient(newClient({ apiKey: 6n }), 'alice')).toMatchObject({
      error: { kind: 'conflict', reason: { code: 'keys.duplicate' } },
    });
  });

  test.each([
    ['a host without TLS', { url: 'http://api.lighter.xyz' }, 'invalid', 'lighter.url'],
    [
      'a host that is not allowed',
      { url: 'https://evil.example' },
      'forbidden',
      'lighter.api_host',
    ],
    ['another chain than its URL', { chainId: 304n }, 'invalid', 'lighter.chain_id'],
    ['an owner that is no address', { l1Address: '0x12' }, 'invalid', 'lighter.owner'],
  ])('is not created with %s, and the key is wiped', async (_what, changes, kind, code) => {
    const { desk } = await open();
    const asked = newClient(changes);
    expect(await desk.createClient(asked, 'alice')).toMatchObject({
      error: { kind, reason: { code } },
    });
    const wiped = asked.key.kind === 'raw' && asked.key.privateKey.reveal(toHex);
    expect(wiped).toBe('00'.repeat(40));
  });

  test('is not created without URL and chain', async () => {
    const { desk } = await open();
    const key = { kind: 'raw', privateKey: apiKeySecret(PRIVATE) } as const;
    expect(await desk.createClient({ account: 1n, apiKey: 5n, key }, 'alice')).toMatchObject({
      error: { kind: 'invalid', reason: { code: 'lighter.chain_id' } },
    });
  });

  test.each(['00'.repeat(40), ORDER])('is not created from %s, which is no key', async (bytes) => {
    const { desk } = await open();
    expect(await desk.createClient(newClient({}, bytes), 'alice')).toMatchObject({
      error: { kind: 'invalid', reason: { code: 'lighter.private-key' } },
    });
  });

  test('is there after a restart, with its URL and owner', async () => {
    const rig = await open();
    await rig.desk.createClient(newClient({ l1Address: `0x${WALLET_ADDRESS}` }), 'alice');
    const restarted = await rig.restart();
    opened.push(restarted);
    expect(restarted.book.list()).toEqual(rig.book.list());
    expect(restarted.book.list()).toMatchObject([
      { url: TESTNET, l1Address: `0x${WALLET_ADDRESS}` },
    ]);
  });
});

describe('finding a client', () => {
  async function openThree(): Promise<DeskRig> {
    const rig = await open();
    await rig.desk.createClient(newClient({ account: 1n }), 'alice');
    await rig.desk.createClient(newClient({ account: 2n }, OTHER), 'alice');
    await rig.desk.createClient(newClient({ account: 2n, apiKey: 9n }, `02${'0'.repeat(78)}`), 'a');
    return rig;
  }

  test('needs no account where the slot has one client', async () => {
    const { book } = await openThree();
    expect(book.find({ apiKey: 9n })).toMatchObject({ ok: true, value: { account: 2n } });
  });

  test('asks for the account where the slot has several', async () => {
    const { book } = await openThree();
    const found = book.find({ apiKey: 5n });
    expect(found).toMatchObject({ ok: false, error: { code: 'lighter.ambiguous_client' } });
    expect(found.ok ? '' : found.error.message).toContain('account_index');
    expect(book.find({ apiKey: 5n, account: 1n }).ok).toBe(true);
  });

  test('says so where there is none, in the words that clients know', async () => {
    const { book } = await openThree();
    for (const wish of [
      { apiKey: 7n },
      { apiKey: 5n, account: 3n },
      { apiKey: 5n, chainId: 304n },
    ]) {
      const found = book.find(wish);
      expect(found).toMatchObject({ ok: false, error: { code: 'lighter.no_client' } });
      expect(found.ok ? '' : found.error.message).toMatch(/^Signer not initialized/);
    }
  });

  test('by a public key finds only the one that has it', async () => {
    const { book } = await openThree();
    if (!isHex(PUBLIC)) throw new Error('not hex');
    expect(book.find({ apiKey: 5n, publicKey: PUBLIC })).toMatchObject({ value: { account: 1n } });
    expect(book.find({ apiKey: 9n, publicKey: PUBLIC }).ok).toBe(false);
  });
});

describe('an API key', () => {
  test('is given away while raw keys are accepted, and then not kept', async () => {
    const { desk, keys } = await open();
    const made = value(await desk.createApiKey(undefined, 'alice'));
    if (made.privateKey === undefined) throw new Error('no key');
    expect(toHex(kernel.publicKey(made.privateKey))).toBe(made.publicKey);
    expect(made.keyId).toBe(undefined);
    expect(keys.apiKeys()).toEqual([]);
  });

  test('is another one each time', async () => {
    const { desk } = await open();
    const one = value(await desk.createApiKey(undefined, 'alice'));
    const other = value(await desk.createApiKey(undefined, 'alice'));
    expect(one.publicKey).not.toBe(other.publicKey);
  });

  test.each(vectors.seedKeys)('of a seed is the one that Lighter derives', async (vector) => {
    const { desk } = await open();
    const seed = apiKeySecret(vector.seedHex);
    const made = value(await desk.createApiKey(seed, 'alice'));
    expect(made.publicKey).toBe(vector.publicKey);
    expect(seed.reveal((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  test('of a short seed is refused', async () => {
    const { desk } = await open();
    expect(await desk.createApiKey(new Secret(new Uint8Array(31).fill(1)), 'alice')).toMatchObject({
      error: { kind: 'invalid', reason: { code: 'lighter.seed' } },
    });
    expect(privateKeyFromSeed(kernel, new Secret(new Uint8Array(32).fill(1))).ok).toBe(true);
  });

  test('stays here where raw keys are not accepted, and gets a slot by its id', async () => {
    const { desk, book } = await open({ acceptRawKeys: false });
    const made = value(await desk.createApiKey(undefined, 'alice'));
    const { keyId = '', publicKey } = made;
    expect(made).toEqual({ publicKey, keyId: `lighter-spare/${publicKey.slice(0, 32)}` });
    const asked = newClient({ key: { kind: 'stored', keyId } });
    expect(await desk.createClient(asked, 'alice')).toMatchObject({
      ok: true,
      value: { publicKey, keyId: 'lighter/300/123/5' },
    });
    expect(book.list()).toMatchObject([{ publicKey }]);
    const again = newClient({ key: { kind: 'stored', keyId: 'lighter/300/123/5' } });
    expect((await desk.createClient(again, 'alice')).ok).toBe(true);
  });

  test('of one slot does not move to another one', async () => {
    const { desk } = await open();
    await desk.createClient(newClient(), 'alice');
    const key = { kind: 'stored', keyId: 'lighter/300/123/5' } as const;
    expect(await desk.createClient(newClient({ apiKey: 6n, key }), 'alice')).toMatchObject({
      error: { kind: 'conflict' },
    });
    const unknown = { kind: 'stored', keyId: 'lighter/300/123/7' } as const;
    expect(await desk.createClient(newClient({ apiKey: 7n, key: unknown }), 'a')).toMatchObject({
      error: { kind: 'unknown' },
    });
  });
});

describe('checking a client', () => {
  test('compares its public key with that at the exchange', async () => {
    const { desk } = await open();
    await desk.createClient(newClient({ url: standIn.url, chainId: 300n }), 'alice');
    expect(await desk.checkClient({ apiKey: 5n })).toMatchObject({
      error: { kind: 'conflict', reason: { code: 'lighter.key_mismatch' } },
    });
    standIn.setKey(123n, 5n, OTHER);
    const other = await desk.checkClient({ apiKey: 5n });
    expect(other.ok ? '' : other.error.reason.message).toContain('another key');
    standIn.setKey(123n, 5n, PUBLIC);
    expect(await desk.checkClient({ apiKey: 5n })).toMatchObject({ ok: true });
  });

  test('fails where there is nobody to ask', async () => {
    const { desk } = await open();
    await desk.createClient(
      {
        chainId: 31_337n,
        account: 123n,
        apiKey: 5n,
        key: { kind: 'raw', privateKey: apiKeySecret(PRIVATE) },
      },
      'alice',
    );
    expect(await desk.checkClient({ apiKey: 5n })).toMatchObject({
      error: { kind: 'invalid', reason: { code: 'lighter.no_url' } },
    });
    expect(await desk.checkClient({ apiKey: 6n })).toMatchObject({ error: { kind: 'unknown' } });
  });
});

test('a wallet is kept under its address', async () => {
  const { desk, keys } = await open();
  expect(await desk.keepWallet(WALLET(), 'alice')).toEqual({
    ok: true,
    value: `wallet/${WALLET_ADDRESS}`,
  });
  expect(keys.hasWallet(WALLET_ADDRESS)).toBe(true);
  const zero = new Secret(new Uint8Array(32));
  expect(await desk.keepWallet(zero, 'alice')).toMatchObject({ error: { kind: 'invalid' } });
});

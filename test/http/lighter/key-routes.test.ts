import { describe, expect, test } from '@jest/globals';

import { lighterApi, mine } from '../../support/lighter-api.ts';
import { TOKEN } from '../../support/api-server.ts';

const bearer = { authorization: `Bearer ${TOKEN}` };
const KEY = 'a1'.repeat(40);
const SEED = '5e'.repeat(32);
const client = {
  url: 'https://mainnet.zklighter.elliot.ai',
  private_key: `0x${KEY}`,
  chain_id: 304,
  api_key_index: 5,
  account_index: 123,
};

describe('create_client', () => {
  test('takes a raw key at once to the key storage', async () => {
    await using api = await lighterApi();
    const { status, json } = await api.post('/create_client', client);
    expect(status).toBe(200);
    expect(json).toEqual({
      message: 'Client created successfully',
      client_key: '5:123',
      chain_id: 304,
      public_key: `0x${mine.publicKey}`,
      key_id: mine.keyId,
    });
    expect(api.keyCalls).toEqual([
      [
        'createClient',
        { url: client.url, chainId: 304n, account: 123n, apiKey: 5n, key: KEY },
        'loopback',
      ],
    ]);
  });

  test('may name a stored key and the owner', async () => {
    await using api = await lighterApi({ acceptRawKeys: false });
    const stored = { private_key: null, key_id: mine.keyId };
    const body = { ...client, ...stored, l1_address: `0x${'AB'.repeat(20)}` };
    expect((await api.post('/create_client', body, bearer)).status).toBe(200);
    expect(api.keyCalls[0]?.[1]).toMatchObject({
      key: { kind: 'stored', keyId: mine.keyId },
      l1Address: `0x${'ab'.repeat(20)}`,
    });
  });

  test.each<[string, object, string]>([
    ['both kinds of key', { key_id: mine.keyId }, 'give either `private_key`, or `key_id`'],
    ['neither', { private_key: null }, 'give either `private_key`, or `key_id`'],
    ['half a key', { private_key: KEY.slice(2) }, '`private_key` must be 40 bytes of hex'],
    ['no chain', { chain_id: null, url: null }, 'name the chain'],
    ['a URL of another scheme', { url: 'file:///etc/passwd' }, '`url` must be a URL'],
    ['no account', { account_index: null }, '`account_index` must be an integer'],
  ])('with %s is refused', async (_kind, change, detail) => {
    await using api = await lighterApi();
    const { status, json } = await api.post('/create_client', { ...client, ...change });
    expect(status).toBe(400);
    expect(json['detail']).toContain(detail);
    expect(api.keyCalls).toEqual([]);
  });

  test('with a raw key that is not accepted is refused by name of the setting', async () => {
    await using api = await lighterApi({ acceptRawKeys: false });
    const { status, json } = await api.post('/create_client', client, bearer);
    expect(status).toBe(403);
    expect(json['detail']).toContain('LIGHTER_ACCEPT_RAW_KEYS');
  });

  test('is the operator’s where raw keys are not accepted', async () => {
    await using api = await lighterApi({ acceptRawKeys: false });
    const body = { ...client, private_key: null, key_id: mine.keyId };
    expect((await api.post('/create_client', body)).status).toBe(401);
    expect((await api.post('/create_api_key', {})).status).toBe(401);
    expect(api.keyCalls).toEqual([]);
  });

  test.each([
    ['conflict', 409],
    ['forbidden', 403],
    ['invalid', 400],
    ['unknown', 404],
    ['exchange', 502],
    ['unavailable', 503],
  ] as const)('that is %s has status %p', async (kind, expected) => {
    const reason = { code: 'keys.occupied', message: 'the slot holds another key' };
    await using api = await lighterApi({ refusal: { kind, reason } });
    const { status, json } = await api.post('/create_client', client);
    expect(status).toBe(expected);
    expect(json['detail']).toBe('the slot holds another key');
  });
});

describe('check_client', () => {
  const slot = { api_key_index: 5, account_index: 123 };

  test('says that the exchange knows the key', async () => {
    await using api = await lighterApi();
    const { status, json } = await api.post('/check_client', slot);
    expect(status).toBe(200);
    expect(json['message']).toBe('Client check successful');
    expect(api.keyCalls[0]?.[1]).toMatchObject({ chainId: 304n, account: 123n, apiKey: 5n });
  });

  test('says what is wrong with 200, as its clients expect', async () => {
    const reason = { code: 'exchange.refused', message: 'another key is registered' };
    await using api = await lighterApi({ refusal: { kind: 'exchange', reason } });
    const checked = await api.post('/check_client', slot);
    expect([checked.status, checked.json]).toEqual([200, { error: 'another key is registered' }]);
    const unknown = await api.post('/check_client', { ...slot, api_key_index: 6 });
    expect([unknown.status, unknown.json]).toEqual([200, { error: 'Signer not initialized' }]);
  });
});

describe('switch_api_key', () => {
  test('has nothing to switch, and says whether the key is there', async () => {
    await using api = await lighterApi();
    const there = await api.post('/switch_api_key', { api_key_index: 5 });
    expect([there.status, there.json]).toEqual([200, { message: 'Switched to API key 5' }]);
    const missing = await api.post('/switch_api_key', { api_key_index: 6 });
    expect(missing.status).toBe(404);
    expect(missing.json['detail']).toMatch(/^Signer not initialized/);
  });
});

describe('create_api_key', () => {
  test.each([{}, { seed: '' }, { seed: null }])('makes a random key for %p', async (body) => {
    await using api = await lighterApi();
    const { status, json } = await api.post('/create_api_key', body);
    expect(status).toBe(200);
    expect(json).toEqual({
      private_key: `0x${'dd'.repeat(40)}`,
      public_key: `0x${'cc'.repeat(40)}`,
    });
    expect(api.keyCalls).toEqual([['createApiKey', undefined, 'loopback']]);
  });

  test('derives the key of a seed', async () => {
    await using api = await lighterApi();
    await api.post('/create_api_key', { seed: `0x${SEED}` });
    expect(api.keyCalls).toEqual([['createApiKey', SEED, 'loopback']]);
  });

  test.each(['optional-seed-string', '5e', SEED.slice(1), `${SEED}0`, 5])(
    'refuses the seed %p',
    async (seed) => {
      await using api = await lighterApi();
      const { status, json } = await api.post('/create_api_key', { seed });
      expect(status).toBe(400);
      expect(json['detail']).toMatch(/^`seed` must be/);
      expect(api.keyCalls).toEqual([]);
    },
  );
});

describe('registering an API key', () => {
  test('is the operator’s, on loopback too', async () => {
    await using api = await lighterApi();
    expect((await api.post('/register_api_key', { account_index: 123 })).status).toBe(401);
    const countersign = '/register_api_key/registration-1/countersign';
    expect((await api.post(countersign, { signature: '00'.repeat(65) })).status).toBe(401);
    expect(api.keyCalls).toEqual([]);
  });

  test('begins in slot 42, with the nonce of the exchange, replacing nothing', async () => {
    await using api = await lighterApi();
    const { status, json } = await api.post('/register_api_key', { account_index: 123 }, bearer);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: 'registration-1',
      state: 'awaiting_countersignature',
      new_public_key: `0x${'bb'.repeat(40)}`,
      message_to_sign: 'Register Lighter Account',
    });
    expect(api.keyCalls).toEqual([
      ['register', { account: 123n, apiKey: 42n, nonce: -1n, replace: false }, 'operator'],
    ]);
  });

  test('may replace a key, with a wallet that is kept here', async () => {
    await using api = await lighterApi();
    const body = { account_index: 123, confirm_replace: true, wallet: `0x${'AB'.repeat(20)}` };
    await api.post('/register_api_key', body, bearer);
    expect(api.keyCalls[0]?.[1]).toMatchObject({
      replace: true,
      wallet: `wallet/${'ab'.repeat(20)}`,
    });
  });

  test('takes a raw wallet key to the key storage first', async () => {
    await using api = await lighterApi();
    const body = { account_index: 123, eth_private_key: 'e7'.repeat(32) };
    await api.post('/register_api_key', body, bearer);
    expect(api.keyCalls.map(([call]) => call)).toEqual(['keepWallet', 'register']);
    expect(api.keyCalls[1]?.[1]).toMatchObject({ wallet: `wallet/${'ab'.repeat(20)}` });
  });

  test('ends with a signature made elsewhere', async () => {
    await using api = await lighterApi();
    const path = '/register_api_key/registration-1/countersign';
    const done = await api.post(path, { signature: `0x${'AB'.repeat(65)}` }, bearer);
    expect(done.json['state']).toBe('complete');
    expect(api.keyCalls).toEqual([
      ['countersign', 'registration-1', `0x${'ab'.repeat(65)}`, 'operator'],
    ]);
    const short = await api.post(path, { signature: '0x00' }, bearer);
    expect([short.status, short.json['detail']]).toEqual([
      400,
      '`signature` must be 65 bytes of hex',
    ]);
  });
});

describe('setup', () => {
  test('lists what is missing, in slot 42 by default', async () => {
    await using api = await lighterApi();
    const response = await fetch(`${api.origin}/setup/123`);
    expect(await response.json()).toEqual({
      account_index: 123,
      complete: false,
      steps: [
        { step: 'api_key', done: true, hint: '' },
        { step: 'registered', done: false, hint: 'register the key' },
      ],
    });
    await fetch(`${api.origin}/setup/123?api_key_index=5&chain_id=300`);
    expect(api.keyCalls).toEqual([
      ['setup', { account: 123n, apiKey: 42n }],
      ['setup', { account: 123n, apiKey: 5n, chainId: 300n }],
    ]);
  });

  test.each(['/setup/me', '/setup/123?api_key_index=255'])('%s makes no sense', async (path) => {
    await using api = await lighterApi();
    expect((await fetch(`${api.origin}${path}`)).status).toBe(400);
  });
});

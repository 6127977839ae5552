import { describe, expect, test } from '@jest/globals';

import { type JsonObject, stringifyJson } from '../../../src/base/json.ts';
import { err, ok } from '../../../src/base/result.ts';
import type { Told } from '../../../src/core/desk.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { KEPT_WALLET, lighterApi } from '../../support/lighter-api.ts';
import { restOrder, restRequests } from '../../support/lighter-requests.ts';

const slot = { api_key_index: 5n, account_index: 123n };
const order = stringifyJson({ ...slot, ...restOrder });
const ETH_KEY = 'e7'.repeat(32);

function refused(outcome: Exclude<Outcome, 'signed'>, code: string): Told {
  const reason = { code, message: 'because' };
  return {
    kind: 'decided',
    job: 'job-1',
    parts: [{ id: 'p', outcome, reason, rules: ['rule-1'] }],
  };
}

describe('a request to sign', () => {
  test.each(Object.entries(restRequests))('%s has a route of its name', async (name, { body }) => {
    await using api = await lighterApi();
    const path = `/${name.toLowerCase()}`;
    const { status } = await api.post(path, stringifyJson({ ...slot, ...body }));
    expect(status).toBe(200);
    expect(api.asked).toMatchObject([
      {
        source: 'lighter-api',
        caller: 'loopback',
        eventType: 'LIGHTER_SIGNING',
        entityId: 'account:123/5',
        data: { sub_event_type: name, chain_id: 304n, ...slot, ...body },
      },
    ]);
  });

  test('is answered with the transaction and what else there is to know', async () => {
    await using api = await lighterApi();
    const { status, headers, json } = await api.post('/sign_create_order', order);
    expect(status).toBe(200);
    expect(headers.get('countersign-job')).toBe('job-1');
    expect(json).toEqual({
      tx_type: 14,
      tx_info: '{"Nonce":7}',
      tx_hash: 'ab'.repeat(40),
      nonce: 7,
    });
  });

  test('by an action name is answered in three words', async () => {
    await using api = await lighterApi();
    const body = { ...slot, ...restOrder };
    expect((await api.post('/place_order', stringifyJson(body))).json).toEqual({
      txType: 14,
      txInfo: '{"Nonce":7}',
      txHash: 'ab'.repeat(40),
    });
  });

  test('keeps integers that a double cannot', async () => {
    await using api = await lighterApi();
    const body = { ...slot, market_index: 0n, order_index: 2n ** 60n - 1n };
    await api.post('/sign_cancel_order', stringifyJson(body));
    expect(api.asked[0]?.data['order_index']).toBe(2n ** 60n - 1n);
  });

  test('under an Idempotency-Key has that id', async () => {
    await using api = await lighterApi();
    await api.post('/sign_create_order', order, { 'idempotency-key': 'mine-1' });
    await api.post('/sign_create_order', order);
    expect(api.asked.map(({ id }) => id)).toEqual(['mine-1', undefined]);
  });

  test.each(['', 'a b', 'x'.repeat(201)])(
    'under the Idempotency-Key %p is refused',
    async (key) => {
      await using api = await lighterApi();
      const reply = await api.post('/sign_create_order', order, { 'idempotency-key': key });
      expect(reply.status).toBe(400);
      expect(api.asked).toEqual([]);
    },
  );

  test('to deposit is for the L1 wallet', async () => {
    await using api = await lighterApi();
    const { status, json } = await api.post('/deposit', {});
    expect(status).toBe(501);
    expect(json['detail']).toContain('L1 wallet');
  });

  test('is sent by POST', async () => {
    await using api = await lighterApi();
    const response = await fetch(`${api.origin}/sign_create_order`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

describe('a refusal', () => {
  test.each<[Told, number]>([
    [refused('declined', 'policy.no_rule'), 403],
    [refused('declined', 'policy.forbid'), 403],
    [refused('declined', 'sign.frozen'), 403],
    [refused('declined', 'lighter.range'), 400],
    [refused('declined', 'lighter.deadline_past'), 400],
    [refused('declined', 'lighter.nonce_taken'), 409],
    [refused('declined', 'lighter.too_many_reserved'), 409],
    [refused('declined', 'lighter.nonce_range'), 400],
    [refused('declined', 'lighter.clock_step'), 503],
    [refused('withheld', 'store'), 503],
    [refused('ignored', 'decide.observed'), 503],
    [refused('malformed', 'lighter.request'), 400],
    [refused('failed', 'internal'), 500],
    [{ kind: 'malformed', reason: { code: 'lighter.request', message: 'because' } }, 400],
    [{ kind: 'ignored', reason: { code: 'network', message: 'because' } }, 400],
    [{ kind: 'conflict', reason: { code: 'claim.conflict', message: 'because' }, job: 'j' }, 409],
    [{ kind: 'unavailable', reason: { code: 'busy', message: 'because' }, retryAfter: 3 }, 503],
  ])('%p has its status and says why', async (told, expected) => {
    await using api = await lighterApi({ told });
    const { status, json } = await api.post('/sign_create_order', order);
    expect(status).toBe(expected);
    expect(json['detail']).toBe('because');
  });

  test('by policy names the rules', async () => {
    await using api = await lighterApi({ told: refused('declined', 'policy.forbid') });
    expect((await api.post('/sign_create_order', order)).json).toMatchObject({
      code: 'policy.forbid',
      rules: ['rule-1'],
    });
  });

  test('for now says when to come again', async () => {
    const reason = { code: 'busy', message: 'busy' };
    await using api = await lighterApi({ told: { kind: 'unavailable', reason, retryAfter: 3 } });
    expect((await api.post('/sign_create_order', order)).headers.get('retry-after')).toBe('3');
  });

  test.each<[string, unknown, number, string]>([
    ['a bad field', { ...slotOf(5), market_index: 0, order_index: 0 }, 400, 'order_index'],
    ['an unknown client', { ...slotOf(9), market_index: 0, order_index: 1 }, 400, 'Signer not'],
    ['no JSON', '{', 400, 'not valid JSON'],
    ['no object', '[]', 400, 'not a JSON object'],
    ['a large body', ' '.repeat(65_537), 413, 'larger than 65536 bytes'],
  ])('of %s comes before the core is asked', async (_kind, body, status, detail) => {
    await using api = await lighterApi();
    const reply = await api.post('/sign_cancel_order', body);
    expect(reply.status).toBe(status);
    expect(reply.json['detail']).toContain(detail);
    expect(api.asked).toEqual([]);
  });

  test('of another content type', async () => {
    await using api = await lighterApi();
    const reply = await api.post('/sign_create_order', order, { 'content-type': 'text/plain' });
    expect(reply.status).toBe(415);
  });
});

describe('who may ask', () => {
  const bearer = { authorization: `Bearer ${'b'.repeat(64)}` };
  const trader = (actions: readonly string[], keys: 'all' | readonly string[] = ['304/123/5']) => ({
    identify: () =>
      ok({ name: 'trader', scopes: [{ may: 'sign' as const, world: 'lighter', keys, actions }] }),
  });

  test('nobody without a token where tokens are required, whatever the body', async () => {
    await using api = await lighterApi({ options: { auth: 'required' } });
    expect((await api.post('/sign_create_order', '{')).status).toBe(401);
    expect((await api.post('/create_client', '{')).status).toBe(401);
    expect(api.asked).toEqual([]);
  });

  test('a token for the key and the action, under its holder’s name', async () => {
    await using api = await lighterApi({ deps: trader(['create_order']) });
    expect((await api.post('/sign_create_order', order, bearer)).status).toBe(200);
    expect((await api.post('/place_order', order, bearer)).status).toBe(200);
    expect(api.asked.map(({ caller }) => caller)).toEqual(['trader', 'trader']);
  });

  test.each([
    ['another action', trader(['cancel_order'])],
    ['another key', trader(['create_order'], ['304/123/6'])],
    ['another chain', trader(['create_order'], ['300/123/5'])],
  ])('no token for %s', async (_kind, deps) => {
    await using api = await lighterApi({ deps });
    const reply = await api.post('/sign_create_order', order, bearer);
    expect(reply.status).toBe(403);
    expect(reply.json['detail']).toContain('lighter.create_order');
    expect(api.asked).toEqual([]);
  });

  test('no token that nobody holds', async () => {
    const unknown = { code: 'caller.token', message: 'not known' };
    await using api = await lighterApi({ deps: { identify: () => err(unknown) } });
    expect((await api.post('/sign_create_order', order, bearer)).status).toBe(401);
  });
});

describe('raw keys', () => {
  const transfer: JsonObject = { ...slot, to_account_index: 9n, usdc_amount: 1n, fee: 0n };
  const withKey = stringifyJson({ ...transfer, eth_private_key: `0x${ETH_KEY}` });

  test('of the wallet go to the key storage, and their wallet to the core', async () => {
    await using api = await lighterApi();
    expect((await api.post('/sign_transfer', withKey)).status).toBe(200);
    expect(api.keyCalls).toEqual([['keepWallet', ETH_KEY, 'loopback']]);
    expect(api.asked[0]?.data['wallet']).toBe(KEPT_WALLET);
    expect(stringifyJson(api.asked[0]?.data ?? {})).not.toContain(ETH_KEY);
  });

  test('are refused by name of the setting where they are not accepted', async () => {
    await using api = await lighterApi({ acceptRawKeys: false });
    const { status, json } = await api.post('/sign_transfer', withKey);
    expect(status).toBe(403);
    expect(json['detail']).toContain('LIGHTER_ACCEPT_RAW_KEYS');
    expect([api.keyCalls, api.asked]).toEqual([[], []]);
  });

  test('are not kept for callers who may not ask', async () => {
    const unknown = { code: 'caller.token', message: 'not known' };
    await using api = await lighterApi({
      options: { auth: 'required' },
      deps: {
        identify: (token) =>
          token.startsWith('b')
            ? ok({ name: 'reader', scopes: [{ may: 'metrics' as const }] })
            : err(unknown),
      },
    });
    const reply = await api.post('/sign_transfer', withKey, {
      authorization: `Bearer ${'b'.repeat(64)}`,
    });
    expect(reply.status).toBe(403);
    expect(api.keyCalls).toEqual([]);
  });

  test.each(['0x12', 'canary', 5, ETH_KEY.slice(2)])('must be hex of 32 bytes: %p', async (key) => {
    await using api = await lighterApi();
    const body = { ...slotOf(5), to_account_index: 9, usdc_amount: 1, eth_private_key: key };
    const { status, json } = await api.post('/sign_transfer', body);
    expect(status).toBe(400);
    expect(json['detail']).toBe('`eth_private_key` must be 32 bytes of hex');
  });

  test('of an API key do not come with requests to sign', async () => {
    await using api = await lighterApi();
    const { status, json } = await api.post('/sign_create_order', {
      ...slotOf(5),
      private_key: 'canary',
    });
    expect(status).toBe(400);
    expect(json['detail']).toContain('`create_client` takes it once');
    expect(stringifyJson(json)).not.toContain('canary');
  });

  test('that the key storage refuses end the request', async () => {
    const reason = { code: 'keys.store', message: 'the disk is full' };
    await using api = await lighterApi({ refusal: { kind: 'unavailable', reason } });
    const { status, json } = await api.post('/sign_transfer', withKey);
    expect(status).toBe(503);
    expect(json['detail']).toBe('the disk is full');
    expect(api.asked).toEqual([]);
  });

  test('of the wallet are refused where it has nothing to sign', async () => {
    await using api = await lighterApi();
    const body = stringifyJson({ ...slot, ...restOrder, eth_private_key: ETH_KEY });
    expect((await api.post('/sign_create_order', body)).status).toBe(400);
    expect([api.keyCalls, api.asked]).toEqual([[], []]);
  });
});

function slotOf(apiKey: number): { api_key_index: number; account_index: number } {
  return { api_key_index: apiKey, account_index: 123 };
}

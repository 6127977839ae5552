import { expect, test } from '@jest/globals';

import { err, ok } from '../../../src/base/result.ts';
import { TOKEN } from '../../support/api-server.ts';
import { lighterApi, URL_OF_EXCHANGE } from '../../support/lighter-api.ts';

const bearer = { authorization: `Bearer ${TOKEN}` };

test.each(['acknowledge', 'rollback', 'reserve', 'refresh'])(
  '%s is the operator’s',
  async (name) => {
    await using api = await lighterApi();
    const path = `/admin/v1/nonces/123/5/${name}`;
    expect((await api.post(path, { nonce: 7 })).status).toBe(401);
    expect(api.operations).toEqual([]);
  },
);

test('the account and key of the path become arguments, whatever the body says', async () => {
  await using api = await lighterApi();
  const body = { nonce: 7, status: 'rejected', account: 1 };
  const done = await api.post('/admin/v1/nonces/123/5/acknowledge', body, bearer);
  expect([done.status, done.json]).toEqual([200, { message: 'done' }]);
  expect(api.operations).toEqual([
    {
      world: 'lighter',
      operation: 'acknowledge',
      args: { nonce: 7n, status: 'rejected', account: 123n, key: 5n },
      by: 'operator',
    },
  ]);
});

test.each(['me/5', '123/0x5', '123/05'])('%s names no key', async (owner) => {
  await using api = await lighterApi();
  expect((await api.post(`/admin/v1/nonces/${owner}/refresh`, {}, bearer)).status).toBe(400);
});

test('a refresh asks the exchange of the client', async () => {
  await using api = await lighterApi();
  await api.post('/admin/v1/nonces/123/6/refresh', {}, bearer);
  expect(api.operations).toEqual([
    [URL_OF_EXCHANGE, 123n, 6n],
    {
      world: 'lighter',
      operation: 'refresh',
      args: { account: 123n, key: 6n, next_nonce: 9n },
      by: 'operator',
    },
  ]);
});

test('a refresh takes the word of who has asked already', async () => {
  await using api = await lighterApi();
  await api.post('/admin/v1/nonces/123/5/refresh', { next_nonce: 8 }, bearer);
  expect(api.operations).toMatchObject([{ args: { next_nonce: 8n } }]);
});

test('a refresh without an exchange says what to give', async () => {
  await using api = await lighterApi();
  const { status, json } = await api.post('/admin/v1/nonces/123/5/refresh', {}, bearer);
  expect(status).toBe(409);
  expect(json['detail']).toContain('`next_nonce`');
});

test('a refresh of a key that nobody knows is not found', async () => {
  await using api = await lighterApi();
  const { status, json } = await api.post('/admin/v1/nonces/9/9/refresh', {}, bearer);
  expect(status).toBe(404);
  expect(json['detail']).toMatch(/^Signer not initialized/);
});

test('an operation that is refused says why', async () => {
  const operated = err({ code: 'lighter.nonce_released', message: 'it has left already' });
  await using api = await lighterApi({ operated });
  const { status, json } = await api.post('/admin/v1/nonces/123/5/rollback', { nonce: 7 }, bearer);
  expect([status, json['detail']]).toEqual([409, 'it has left already']);
});

test.each([
  ['arguments', 400],
  ['lighter.ambiguous_client', 400],
  ['lighter.no_client', 404],
  ['lighter.nonce_unknown', 409],
])('`%s` is answered with %d', async (code, status) => {
  await using api = await lighterApi({ operated: err({ code, message: 'no' }) });
  const path = '/admin/v1/nonces/123/5/acknowledge';
  expect((await api.post(path, { nonce: 7 }, bearer)).status).toBe(status);
});

test('`null` counts as absent, and a chain may come as a text', async () => {
  await using api = await lighterApi();
  const body = { next_nonce: null, chain: '304' };
  expect((await api.post('/admin/v1/nonces/123/6/refresh', body, bearer)).status).toBe(200);
  expect(api.operations).toMatchObject([[URL_OF_EXCHANGE, 123n, 6n], { args: { next_nonce: 9n } }]);
});

test('a chain that is none is the caller’s mistake', async () => {
  await using api = await lighterApi();
  const { status } = await api.post('/admin/v1/nonces/123/6/refresh', { chain: 'main' }, bearer);
  expect([status, api.operations]).toEqual([400, []]);
});

test('what an operation has to say to programs stands in the reply', async () => {
  const operated = ok({ message: 'reserved', from: 7n, to: 9n });
  await using api = await lighterApi({ operated });
  const { json } = await api.post('/admin/v1/nonces/123/5/reserve', { count: 3 }, bearer);
  expect(json).toEqual({ message: 'reserved', from: 7, to: 9 });
});

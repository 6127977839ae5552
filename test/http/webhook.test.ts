import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';

import { toHex } from '../../src/base/hex.ts';
import type { Acknowledgement } from '../../src/core/intake.ts';
import type { Delivery } from '../../src/core/verify.ts';
import { createWebhookApp } from '../../src/http/webhook.ts';
import { observeHttp, type ObservedHttp } from '../support/http-observer.ts';
import { type Listening, listening } from '../support/listening.ts';
import { head, rawExchange } from '../support/raw-http.ts';

const PATHS = [
  { path: '/webhooks/one', source: 'one' },
  { path: '/webhook', source: 'one' },
  { path: '/webhooks/two', source: 'two' },
];

interface Server extends Listening {
  readonly deliveries: readonly Delivery[];
  readonly http: ObservedHttp;
}

async function serving(
  accept: (delivery: Delivery) => Promise<Acknowledgement> = () => Promise.resolve({ status: 204 }),
  maxBodyBytes = 1_000,
): Promise<Server> {
  const deliveries: Delivery[] = [];
  const http = observeHttp();
  const intake = {
    accept: (delivery: Delivery): Promise<Acknowledgement> => {
      deliveries.push(delivery);
      return accept(delivery);
    },
  };
  const app = createWebhookApp({ paths: PATHS, maxBodyBytes }, { intake, observer: http.observer });
  return { ...(await listening(app)), deliveries, http };
}

describe('a delivery', () => {
  test.each(PATHS)('to $path reaches the core as source $source', async ({ path, source }) => {
    await using server = await serving();
    const response = await fetch(`${server.origin}${path}`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(204);
    expect(server.deliveries).toMatchObject([{ source }]);
  });

  test('reaches the core as the bytes that were sent, whatever their content type', async () => {
    await using server = await serving();
    const body = new Uint8Array([0x00, 0xff, 0xfe, 0x7b, 0x22, 0xc3, 0x28, 0x0a]);
    for (const type of ['application/json', 'text/plain; charset=utf-16', 'x/y']) {
      await fetch(`${server.origin}/webhook`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
    }
    expect(server.deliveries.map((delivery) => toHex(delivery.body))).toEqual(
      Array.from({ length: 3 }, () => toHex(body)),
    );
  });

  test('may come in chunks of one byte', async () => {
    await using server = await serving();
    const chunks = Array.from('{"a": 1}')
      .map((byte) => `1\r\n${byte}\r\n`)
      .join('');
    const answer = await rawExchange(server.origin, [
      head('POST /webhook', ['Host: x', 'Transfer-Encoding: chunked']),
      `${chunks}0\r\n\r\n`,
    ]);
    expect(answer.status).toBe(204);
    expect(new TextDecoder().decode(server.deliveries[0]?.body)).toBe('{"a": 1}');
  });

  test('without a body is for the core to refuse', async () => {
    await using server = await serving(() => Promise.resolve({ status: 401 }));
    const response = await fetch(`${server.origin}/webhook`, { method: 'POST' });
    expect(response.status).toBe(401);
    expect(server.deliveries[0]?.body).toHaveLength(0);
  });

  test('carries a repeated header as a list, so that a second signature is seen', async () => {
    await using server = await serving();
    await rawExchange(server.origin, [
      head('POST /webhook', [
        'Host: x',
        'Content-Length: 0',
        'Lightspark-Signature: aa',
        'lightspark-signature: bb',
        'One: 1',
        '__proto__: x',
        '__proto__: y',
      ]),
    ]);
    const headers = server.deliveries[0]?.headers;
    expect(headers?.['lightspark-signature']).toEqual(['aa', 'bb']);
    expect(headers?.['one']).toBe('1');
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });

  test('whose sender goes away in the middle never reaches the core', async () => {
    await using server = await serving();
    const controller = new AbortController();
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(new Uint8Array(10));
        setTimeout(() => {
          controller.abort();
        }, 50);
      },
    });
    const sent = fetch(`${server.origin}/webhook`, {
      method: 'POST',
      body,
      duplex: 'half',
      signal: controller.signal,
    });
    await expect(sent).rejects.toThrow('abort');
    expect((await fetch(`${server.origin}/ping`)).status).toBe(200);
    expect(server.deliveries).toEqual([]);
    expect(server.http.failures).toEqual([]);
  });
});

describe('the size limit', () => {
  test('a body of exactly the limit passes', async () => {
    await using server = await serving();
    const options = { method: 'POST', body: 'x'.repeat(1_000) };
    expect((await fetch(`${server.origin}/webhook`, options)).status).toBe(204);
  });

  test('a larger one is refused by its declared length, before it is sent', async () => {
    await using server = await serving();
    const answer = await rawExchange(server.origin, [
      head('POST /webhook', ['Host: x', 'Content-Length: 1001']),
      100,
      'x'.repeat(1_001),
    ]);
    expect(answer.status).toBe(413);
    expect(server.deliveries).toEqual([]);
  });

  test('a larger one in chunks is refused when it passes the limit', async () => {
    await using server = await serving();
    const answer = await rawExchange(server.origin, [
      head('POST /webhook', ['Host: x', 'Transfer-Encoding: chunked']),
      `3e8\r\n${'x'.repeat(1_000)}\r\n`,
      20,
      '1\r\nx\r\n',
      20,
      '0\r\n\r\n',
    ]);
    expect(answer.status).toBe(413);
    expect(answer.text).toContain('"detail":"the body is larger than 1000 bytes"');
    expect(server.deliveries).toEqual([]);
  });

  test('a sender that does not stop is cut off', async () => {
    await using server = await serving();
    const megabyte = 'x'.repeat(1024 * 1024);
    const answer = await rawExchange(server.origin, [
      head('POST /webhook', ['Host: x', `Content-Length: ${String(2 ** 40)}`]),
      ...Array.from({ length: 40 }, () => [megabyte, 5]).flat(),
    ]);
    expect([413, 0]).toContain(answer.status);
    expect(server.deliveries).toEqual([]);
    expect((await fetch(`${server.origin}/ping`)).status).toBe(200);
  });

  test('is 4 MiB by default', async () => {
    const intake = { accept: (): Promise<Acknowledgement> => Promise.resolve({ status: 204 }) };
    const app = createWebhookApp({ paths: PATHS }, { intake, observer: observeHttp().observer });
    await using server = await listening(app);
    const post = async (size: number): Promise<number> => {
      const options = { method: 'POST', body: new Uint8Array(size) };
      return (await fetch(`${server.origin}/webhook`, options)).status;
    };
    expect(await post(4 * 1024 * 1024)).toBe(204);
    expect(await post(4 * 1024 * 1024 + 1)).toBe(413);
  });
});

test.each(['gzip', 'deflate', 'br', 'gzip, identity'])(
  'a body encoded as %s is refused, because signatures cover the bytes as sent',
  async (encoding) => {
    await using server = await serving();
    const response = await fetch(`${server.origin}/webhook`, {
      method: 'POST',
      body: new Uint8Array(gzipSync('{}')),
      headers: { 'content-encoding': encoding },
    });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code: 'body.encoding' });
    expect(server.deliveries).toEqual([]);
  },
);

describe('the answer', () => {
  async function answered(acknowledgement: Acknowledgement): Promise<Response> {
    await using server = await serving(() => Promise.resolve(acknowledgement));
    const response = await fetch(`${server.origin}/webhook`, { method: 'POST', body: '{}' });
    const body = await response.arrayBuffer();
    // A response without content may not be made with one.
    const content = response.status === 204 ? null : body;
    return new Response(content, { status: response.status, headers: response.headers });
  }

  test('of an accepted delivery is empty and names the job', async () => {
    const response = await answered({ status: 204, job: 'job-1' });
    expect(response.headers.get('countersign-job')).toBe('job-1');
    expect(response.headers.get('content-type')).toBeNull();
  });

  test('given directly is the very JSON, with exact integers', async () => {
    const response = await answered({ status: 200, body: { index: 2n ** 60n, text: 'é' } });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.text()).toBe('{"index":1152921504606846976,"text":"é"}');
  });

  test('of a refusal is a problem document with its code', async () => {
    const body = { code: 'claim.conflict', message: 'the first one stands' };
    const response = await answered({ status: 409, body, job: 'job-1' });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      code: 'claim.conflict',
      detail: 'the first one stands',
    });
  });

  test('says when to come again', async () => {
    const body = { code: 'busy', message: 'stopping' };
    const response = await answered({ status: 503, body, retryAfter: 7 });
    expect(response.headers.get('retry-after')).toBe('7');
  });

  test('of a core that throws is 500 without internals, and the error is reported', async () => {
    await using server = await serving(() => Promise.reject(new Error('canary at /etc/secret')));
    const response = await fetch(`${server.origin}/webhook`, { method: 'POST', body: '{}' });
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain('canary');
    expect(text).toContain(`urn:uuid:${response.headers.get('x-request-id') ?? '?'}`);
    expect(server.http.failures).toHaveLength(1);
  });

  test('tells browsers and caches nothing about us', async () => {
    const response = await answered({ status: 204 });
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('etag')).toBeNull();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('other requests', () => {
  test('GET /ping is answered OK', async () => {
    await using server = await serving();
    expect(await (await fetch(`${server.origin}/ping`)).text()).toBe('OK');
    expect((await fetch(`${server.origin}/ping`, { method: 'HEAD' })).status).toBe(200);
  });

  test.each([
    ['GET', '/webhook', 405],
    ['PUT', '/webhook', 405],
    ['POST', '/ping', 405],
    ['POST', '/', 404],
    ['POST', '/Webhook', 404],
    ['POST', '/webhooks/', 404],
    ['GET', '/health', 404],
    ['GET', '/metrics', 404],
    ['GET', '/%', 404],
  ])('%s %s is answered %d with a problem document', async (method, path, status) => {
    await using server = await serving();
    const response = await fetch(`${server.origin}${path}`, { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status });
    expect(server.deliveries).toEqual([]);
  });

  test('a wrong method is told the right ones', async () => {
    await using server = await serving();
    const response = await fetch(`${server.origin}/webhook`);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

test('each answer is reported once, by the pattern that matched', async () => {
  await using server = await serving();
  await fetch(`${server.origin}/webhook?token=canary`, { method: 'POST', body: '{}' });
  await fetch(`${server.origin}/canary`);
  expect(server.http.exchanges).toMatchObject([
    { listener: 'webhook', route: '/webhook', status: 204 },
    { listener: 'webhook', route: 'none', status: 404 },
  ]);
});

test('an HMAC over the received bytes equals the one over the sent bytes', async () => {
  const body = '{"a":1,  "b":"\\u00e9é", "big": 9007199254740993}';
  const hmac = (bytes: string | Uint8Array): string =>
    createHmac('sha256', 'key').update(bytes).digest('hex');
  let received = '';
  await using server = await serving((delivery) => {
    received = hmac(delivery.body);
    return Promise.resolve({ status: 204 });
  });
  await fetch(`${server.origin}/webhook`, { method: 'POST', body });
  expect(received).toBe(hmac(body));
});

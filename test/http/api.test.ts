import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Check } from '../../src/http/open-routes.ts';
import { apiServer, TOKEN } from '../support/api-server.ts';
import { head, rawExchange } from '../support/raw-http.ts';

const bearer = { authorization: `Bearer ${TOKEN}` };
const json = { 'content-type': 'application/json' };

describe('health', () => {
  test.each(['/health', '/upcheck', '/healthcheck'])(
    '%s is open by GET and POST, without content type or token',
    async (path) => {
      await using server = await apiServer({ options: { auth: 'required' } });
      for (const method of ['GET', 'POST']) {
        expect((await fetch(`${server.origin}${path}`, { method })).status).toBe(200);
      }
    },
  );

  test('/upcheck is the text OK', async () => {
    await using server = await apiServer();
    const response = await fetch(`${server.origin}/upcheck`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('OK');
  });

  test('/health tells version and uptime on this machine', async () => {
    await using server = await apiServer();
    expect(await (await fetch(`${server.origin}/health`)).json()).toEqual({
      status: 'healthy',
      version: '1.2.3',
      uptime_seconds: expect.any(Number),
    });
  });

  test('/health tells what the worlds add, on this machine', async () => {
    await using server = await apiServer({ deps: { health: () => ({ keys_loaded: 2n }) } });
    const read = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
      (await fetch(`${server.origin}/health`, { headers })).json();
    expect(await read({})).toMatchObject({ status: 'healthy', keys_loaded: 2 });
    expect(await read({ via: '1.1 proxy' })).toEqual({ status: 'healthy' });
  });

  test('/healthcheck says why the daemon is not ready', async () => {
    const checks: readonly Check[] = [
      { id: 'store', status: 'UP', data: { path: 'data' } },
      { id: 'outbox', status: 'DOWN', why: 'paused: the API token was refused (401)' },
    ];
    await using server = await apiServer({ deps: { readiness: () => Promise.resolve(checks) } });
    const response = await fetch(`${server.origin}/healthcheck`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 'DOWN', checks, outcome: 'DOWN' });
  });

  test('through a proxy only the status is told', async () => {
    await using server = await apiServer();
    const read = async (path: string): Promise<unknown> => {
      const headers = { 'x-forwarded-for': '127.0.0.1' };
      return (await fetch(`${server.origin}${path}`, { headers })).json();
    };
    expect(await read('/health')).toEqual({ status: 'healthy' });
    expect(await read('/healthcheck')).toEqual({ status: 'UP', outcome: 'UP' });
  });
});

describe('the Host header', () => {
  const answerTo = async (origin: string, ...headers: readonly string[]): Promise<number> =>
    (await rawExchange(origin, [head('GET /upcheck', headers)])).status;

  test.each(['localhost', 'LOCALHOST:9000', '127.0.0.1:1', '[::1]', '[::1]:9000'])(
    '%s is allowed by default',
    async (host) => {
      await using server = await apiServer();
      expect(await answerTo(server.origin, `Host: ${host}`)).toBe(200);
    },
  );

  test.each([
    'attacker.example',
    'localhost.attacker.example',
    'attacker.example:9000',
    '127.0.0.1.attacker.example',
    '127.0.0.2',
    'localhost@attacker.example',
    '[::2]',
    '',
  ])('%j is refused: a name rebound to this machine is not this machine', async (host) => {
    await using server = await apiServer();
    expect(await answerTo(server.origin, `Host: ${host}`)).toBe(403);
  });

  test('may not be repeated', async () => {
    await using server = await apiServer();
    expect(await answerTo(server.origin, 'Host: localhost', 'Host: attacker.example')).toBe(403);
  });

  test('is checked on every route, also on none', async () => {
    await using server = await apiServer();
    for (const path of ['/health', '/metrics', '/admin/v1/jobs', '/nothing']) {
      const answer = await rawExchange(server.origin, [head(`GET ${path}`, ['Host: evil'])]);
      expect(answer.status).toBe(403);
    }
  });

  test('may be a name that the operator allows, with or without port', async () => {
    const allowedHosts = ['signer.internal', 'other:9000'];
    await using server = await apiServer({ options: { allowedHosts } });
    expect(await answerTo(server.origin, 'Host: signer.internal:9000')).toBe(200);
    expect(await answerTo(server.origin, 'Host: other:9000')).toBe(200);
    expect(await answerTo(server.origin, 'Host: other:9001')).toBe(403);
    expect(await answerTo(server.origin, 'Host: localhost')).toBe(403);
  });

  test('is never taken for an allowed one by accident', async () => {
    await using server = await apiServer();
    const hosts = fc.stringMatching(/^[a-z0-9.:@[\]_-]{1,24}$/);
    await fc.assert(
      fc.asyncProperty(hosts, async (host) => {
        const allowed = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?$/.test(host);
        expect((await answerTo(server.origin, `Host: ${host}`)) === 200).toBe(allowed);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a web page', () => {
  test.each([
    ['of another site', { origin: 'https://attacker.example' }],
    ['of another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['without an origin of its own', { origin: 'null' }],
    ['that is no URL', { origin: '%%%' }],
    ['by a cross-site request', { 'sec-fetch-site': 'cross-site' }],
    ['by a same-site request', { 'sec-fetch-site': 'same-site' }],
  ])('%s is refused', async (_name, headers) => {
    await using server = await apiServer();
    const host = server.origin.slice('http://'.length);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const request = head('GET /metrics', [`Host: ${host}`, ...lines]);
    const answer = await rawExchange(server.origin, [request]);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('caller.origin');
    expect(answer.text.toLowerCase()).not.toContain('access-control');
  });

  test('is refused also where the Host header has an impossible port', async () => {
    await using server = await apiServer();
    const headers = ['Host: localhost:99999', 'Origin: http://localhost:99999'];
    expect((await rawExchange(server.origin, [head('GET /metrics', headers)])).status).toBe(403);
  });

  test('of this very listener is served', async () => {
    await using server = await apiServer();
    const host = server.origin.slice('http://'.length);
    const headers = [`Host: ${host}`, `Origin: ${server.origin}`, 'Sec-Fetch-Site: same-origin'];
    expect((await rawExchange(server.origin, [head('GET /metrics', headers)])).status).toBe(200);
  });

  test('gets no permission by a preflight request', async () => {
    await using server = await apiServer();
    const headers = [
      'Host: localhost',
      'Origin: https://a.example',
      'Access-Control-Request-Method: POST',
    ];
    const answer = await rawExchange(server.origin, [head('OPTIONS /admin/v1/jobs', headers)]);
    expect(answer.status).toBe(403);
    expect(answer.text.toLowerCase()).not.toContain('access-control');
  });
});

describe('/metrics', () => {
  test('is open on loopback', async () => {
    await using server = await apiServer();
    const response = await fetch(`${server.origin}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await response.text()).toBe('up 1\n');
  });

  test.each(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'])(
    'asks for the token when %s tells of a proxy',
    async (header) => {
      await using server = await apiServer();
      const url = `${server.origin}/metrics`;
      expect((await fetch(url, { headers: { [header]: '127.0.0.1' } })).status).toBe(401);
      const headers = { [header]: '127.0.0.1', ...bearer };
      expect((await fetch(url, { headers })).status).toBe(200);
    },
  );

  test('asks for the token everywhere when authentication is required', async () => {
    await using server = await apiServer({ options: { auth: 'required' } });
    expect((await fetch(`${server.origin}/metrics`)).status).toBe(401);
    expect((await fetch(`${server.origin}/metrics`, { headers: bearer })).status).toBe(200);
  });

  const address = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  (address === undefined ? test.skip : test)('asks for the token beyond loopback', async () => {
    const host = address ?? '';
    await using server = await apiServer({
      options: { allowedHosts: [host] },
      address: { host: '0.0.0.0', port: 0 },
    });
    const url = `http://${host}:${new URL(server.origin).port}`;
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/metrics`, { headers: bearer })).status).toBe(200);
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'healthy' });
  });

  test('is open over the Unix socket, but not to a proxy behind it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-api-'));
    try {
      const address = { socket: join(directory, 'api.sock') };
      await using server = await apiServer({ options: { overSocket: true }, address });
      const ask = async (...headers: readonly string[]): Promise<number> =>
        (await rawExchange(server.origin, [head('GET /metrics', ['Host: localhost', ...headers])]))
          .status;
      expect(await ask()).toBe(200);
      expect(await ask('X-Forwarded-For: 10.0.0.1')).toBe(401);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('the token', () => {
  test.each([
    ['missing', []],
    ['wrong', [`Authorization: Bearer ${'b'.repeat(64)}`]],
    ['of another scheme', [`Authorization: Basic ${TOKEN}`]],
    ['without scheme', [`Authorization: ${TOKEN}`]],
    ['empty', ['Authorization: Bearer ']],
    ['given twice', [`Authorization: Bearer ${TOKEN}`, 'Authorization: Bearer x']],
  ])('%s is answered 401', async (_name, headers) => {
    await using server = await apiServer();
    const answer = await rawExchange(server.origin, [
      head('GET /admin/v1/jobs', ['Host: localhost', ...headers]),
    ]);
    expect(answer.status).toBe(401);
    expect(answer.text.toLowerCase()).toContain('www-authenticate: bearer');
    expect(answer.text).not.toContain('bbbb');
    expect(server.calls).toEqual([]);
  });

  test('is asked for before a body is read', async () => {
    await using server = await apiServer();
    const answer = await rawExchange(server.origin, [
      head('POST /admin/v1/policy/reload', [
        'Host: localhost',
        'Content-Type: application/json',
        'Content-Length: 1000',
      ]),
    ]);
    expect(answer.status).toBe(401);
  });

  test('opens the admin routes', async () => {
    await using server = await apiServer();
    const response = await fetch(`${server.origin}/admin/v1/jobs`, { headers: bearer });
    expect(response.status).toBe(200);
  });
});

describe('a POST', () => {
  const post = async (
    origin: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<Response> =>
    fetch(`${origin}/admin/v1/policy/reload`, { method: 'POST', headers, body });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'multipart/form-data',
  ])('of type %s is refused, because a foreign form can send it', async (type) => {
    await using server = await apiServer();
    const response = await post(server.origin, { ...bearer, 'content-type': type }, '{}');
    expect(response.status).toBe(415);
    expect(server.calls).toEqual([]);
  });

  test('may name its character set', async () => {
    await using server = await apiServer();
    const headers = { ...bearer, 'content-type': 'application/json; charset=utf-8' };
    expect((await post(server.origin, headers, '{}')).status).toBe(200);
  });

  test.each([
    ['{', 400],
    ['[]', 400],
    ['{"accept_flips":true,"accept_flips":true}', 400],
    ['{"__proto__":{}}', 400],
    ['{"a":'.repeat(40) + '1' + '}'.repeat(40), 400],
    ['{"unknown":1}', 400],
    ['', 200],
  ])('with body %j is answered %d', async (body, status) => {
    await using server = await apiServer();
    expect((await post(server.origin, { ...bearer, ...json }, body)).status).toBe(status);
  });

  test('of more than 1 MiB is refused', async () => {
    await using server = await apiServer();
    const body = `{"accept_flips":${' '.repeat(1024 * 1024)}true}`;
    expect((await post(server.origin, { ...bearer, ...json }, body)).status).toBe(413);
  });
});

describe('other requests', () => {
  test.each([
    ['GET', '/', 404],
    ['GET', '/admin/v1', 404],
    ['GET', '/Health', 404],
    ['GET', '/webhook', 404],
    ['DELETE', '/health', 405],
    ['POST', '/metrics', 405],
    ['GET', '/admin/v1/policy/reload', 405],
    ['GET', '/admin/v1/jobs/%ff', 400],
  ])('%s %s is answered %d with a problem document', async (method, path, status) => {
    await using server = await apiServer();
    const response = await fetch(`${server.origin}${path}`, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status, code: expect.any(String) });
    expect(server.http.failures).toEqual([]);
  });

  test('what throws is answered 500 without internals', async () => {
    const readiness = (): Promise<readonly Check[]> => Promise.reject(new Error('canary'));
    await using server = await apiServer({ deps: { readiness } });
    const response = await fetch(`${server.origin}/healthcheck`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('canary');
    expect(server.http.failures).toHaveLength(1);
  });
});

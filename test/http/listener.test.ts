import { link, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { describe, expect, test } from '@jest/globals';

import { createListener } from '../../src/http/listener.ts';
import { listening } from '../support/listening.ts';
import { head, rawExchange } from '../support/raw-http.ts';

const echo: RequestListener = (request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => response.end('done'));
};

describe('limits', () => {
  test('a body that comes too slowly is answered 408 and the connection closed', async () => {
    await using server = await listening(echo, { headersTimeout: 100, requestTimeout: 200 });
    const answer = await rawExchange(server.origin, [
      head('POST /', ['Host: localhost', 'Content-Length: 10']),
      'a',
      100,
      'b',
    ]);
    expect(answer.status).toBe(408);
    expect(answer.text).toContain('application/problem+json');
    expect(answer.milliseconds).toBeLessThan(2_000);
    expect(server.refused).toEqual([408]);
  });

  test('a head that comes too slowly is answered 408', async () => {
    await using server = await listening(echo, { headersTimeout: 100, requestTimeout: 200 });
    const answer = await rawExchange(server.origin, ['GET / HTTP/1.1\r\nHost: loc']);
    expect(answer.status).toBe(408);
  });

  test('a connection on which nothing is ever sent is closed', async () => {
    await using server = await listening(echo, { headersTimeout: 100, requestTimeout: 200 });
    expect((await rawExchange(server.origin, [])).milliseconds).toBeLessThan(2_000);
  });

  test('headers beyond the limit are answered 431', async () => {
    await using server = await listening(echo, { maxHeaderBytes: 1_024 });
    const answer = await rawExchange(server.origin, [
      head('GET /', ['Host: localhost', `X-Long: ${'x'.repeat(2_000)}`]),
    ]);
    expect(answer.status).toBe(431);
    expect(server.refused).toEqual([431]);
  });

  test('what is not HTTP is answered 400', async () => {
    await using server = await listening(echo);
    expect((await rawExchange(server.origin, ['\x16\x03\x01 hello\r\n\r\n'])).status).toBe(400);
  });

  test('a request without a Host header is answered 400', async () => {
    await using server = await listening(echo);
    expect((await rawExchange(server.origin, [head('GET /')])).status).toBe(400);
  });

  test('connections beyond the cap are dropped, the others served', async () => {
    await using server = await listening(echo, { maxConnections: 2 });
    const slow = head('POST /', ['Host: localhost', 'Content-Length: 1']);
    const [first, second, third] = await Promise.all([
      rawExchange(server.origin, [slow, 200, 'x']),
      rawExchange(server.origin, [slow, 200, 'x']),
      wait(50).then(() => rawExchange(server.origin, [head('GET /', ['Host: localhost'])])),
    ]);
    expect([first.status, second.status, third.text]).toEqual([200, 200, '']);
  });
});

describe('closing', () => {
  const delayed: RequestListener = (_request, response) => {
    setTimeout(() => response.end('finished'), 150);
  };

  test('lets a request in flight finish, and accepts no other', async () => {
    const server = await listening(delayed);
    const inFlight = fetch(server.origin);
    await wait(50);
    const closed = server.listener.close(5_000);
    await expect(fetch(server.origin)).rejects.toThrow('fetch failed');
    expect(await (await inFlight).text()).toBe('finished');
    await closed;
  });

  test('does not wait for idle or silent connections', async () => {
    const server = await listening(echo);
    await (await fetch(server.origin)).text();
    const silent = rawExchange(server.origin, []);
    const half = rawExchange(server.origin, ['GET / HTTP/1.1\r\nHost: l']);
    await wait(50);
    const startedAt = performance.now();
    await server.listener.close(5_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect((await silent).text + (await half).text).toBe('');
  });

  test('breaks off what is not finished by the deadline', async () => {
    const server = await listening(() => undefined);
    const stuck = rawExchange(server.origin, [head('GET /', ['Host: localhost'])]);
    await wait(50);
    await server.listener.close(100);
    expect((await stuck).text).toBe('');
  });
});

describe('addresses', () => {
  test('a taken port is told with its remedy', async () => {
    await using server = await listening(echo);
    const port = Number(new URL(server.origin).port);
    const other = createListener(
      { host: '127.0.0.1', port },
      { app: echo, onRefused: () => undefined },
    );
    await expect(other.listen()).rejects.toThrow(
      `cannot listen on \`127.0.0.1:${String(port)}\` (EADDRINUSE); stop what listens there or choose another address`,
    );
  });

  test('an address of another machine is told with its remedy', async () => {
    const elsewhere = createListener(
      { host: '192.0.2.1', port: 0 },
      { app: echo, onRefused: () => undefined },
    );
    await expect(elsewhere.listen()).rejects.toThrow(
      '(EADDRNOTAVAIL); choose an address of this machine',
    );
  });

  test('IPv6 loopback is written with brackets', async () => {
    await using server = await listening(echo, {}, { host: '::1', port: 0 });
    expect(server.origin).toMatch(/^http:\/\/\[::1\]:\d+$/);
  });

  async function inDirectory(use: (socket: string) => Promise<void>): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-socket-'));
    try {
      await use(join(directory, 'api.sock'));
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  test('a Unix socket is for its owner only', () =>
    inDirectory(async (socket) => {
      await using server = await listening(echo, {}, { socket });
      expect((await stat(socket)).mode & 0o777).toBe(0o600);
      const answer = await rawExchange(server.origin, [head('GET /', ['Host: localhost'])]);
      expect(answer.status).toBe(200);
    }));

  test('a socket file left by a killed process is replaced', () =>
    inDirectory(async (socket) => {
      await leaveSocketBehind(socket);
      await using server = await listening(echo, {}, { socket });
      expect(server.origin).toBe(`unix:${socket}`);
    }));

  test('a socket that somebody listens on is not taken', () =>
    inDirectory(async (socket) => {
      await using server = await listening(echo, {}, { socket });
      await expect(listening(echo, {}, { socket })).rejects.toThrow('EADDRINUSE');
      expect(server.origin).toBe(`unix:${socket}`);
    }));

  test('an ordinary file in the place of the socket is left alone', () =>
    inDirectory(async (socket) => {
      await writeFile(socket, 'precious');
      await expect(listening(echo, {}, { socket })).rejects.toThrow('EADDRINUSE');
      expect((await stat(socket)).size).toBe(8);
    }));
});

/** Closing a server removes its socket file; a second name of it stays, as after a kill. */
async function leaveSocketBehind(socket: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((settle) => server.listen(`${socket}.old`, settle));
  await link(`${socket}.old`, socket);
  await new Promise((settle) => server.close(settle));
}

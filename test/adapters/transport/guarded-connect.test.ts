import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import {
  createGuardedConnect,
  FORBIDDEN_ADDRESS,
  type Resolve,
} from '../../../src/adapters/transport/guarded-connect.ts';
import { isAllowedAddress } from '../../../src/adapters/transport/public-address.ts';

/** Accepts connections and says nothing. */
const silent = createServer();
let accepted = 0;
let port = '';

beforeAll(async () => {
  silent.on('connection', (socket) => {
    accepted += 1;
    socket.on('error', () => undefined);
    socket.resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  port = typeof address === 'object' ? String(address?.port) : '';
});
afterAll(() => {
  silent.close();
});

/** The address that was connected to, or the code of the error. */
function attempt(
  hostname: string,
  { allowPrivate = false, protocol = 'http:', resolve }: Attempt = {},
): Promise<string> {
  const isAllowed = (address: string): boolean => isAllowedAddress(address, allowPrivate);
  const connect = createGuardedConnect({ isAllowed, timeout: 200 }, resolve && { resolve });
  return new Promise((settle) => {
    connect({ hostname, protocol, port }, (error, socket) => {
      settle(error === null ? (socket.remoteAddress ?? '') : codeOf(error));
      socket?.destroy();
    });
  });
}

interface Attempt {
  readonly allowPrivate?: boolean;
  readonly protocol?: string;
  readonly resolve?: Resolve;
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}

describe('a guarded connection', () => {
  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', '::', '0.0.0.0'])(
    'refuses %s by itself, for Node looks no number up',
    async (hostname) => {
      const before = accepted;
      expect(await attempt(hostname)).toBe(FORBIDDEN_ADDRESS);
      expect(accepted).toBe(before);
    },
  );

  test.each(['127.1', '2130706433', '0x7f.1', '0177.0.0.1', 'localhost'])(
    'refuses %s, whose resolution is left to the system',
    async (hostname) => {
      const before = accepted;
      // Some systems resolve old spellings of numbers, others know no such name.
      expect([FORBIDDEN_ADDRESS, 'ENOTFOUND', 'EAI_AGAIN']).toContain(await attempt(hostname));
      expect(accepted).toBe(before);
    },
  );

  test('reaches what is allowed', async () => {
    expect(await attempt('127.0.0.1', { allowPrivate: true })).toContain('127.0.0.1');
    expect(await attempt('localhost', { allowPrivate: true })).toMatch(/127\.0\.0\.1|::1/);
  });

  test('looks a name up once and connects to what was answered', async () => {
    const asked: string[] = [];
    const resolve: Resolve = (name) => {
      asked.push(name);
      return Promise.resolve(asked.length === 1 ? ['127.0.0.1'] : ['127.0.0.2']);
    };
    const address = await attempt('self.example', { allowPrivate: true, resolve });
    expect(address).toContain('127.0.0.1');
    expect(asked).toEqual(['self.example']);
  });

  test('ends at its timeout where TLS is never answered', async () => {
    const startedAt = performance.now();
    const tls = { allowPrivate: true, protocol: 'https:' };
    expect(await attempt('127.0.0.1', tls)).toBe('UND_ERR_CONNECT_TIMEOUT');
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  test('ends at its timeout where the name lookup hangs, and an answer after that is harmless', async () => {
    const resolve: Resolve = () => pause(1_500, ['127.0.0.1']);
    const before = accepted;
    const address = await attempt('slow.example', { allowPrivate: true, resolve });
    expect(address).toBe('UND_ERR_CONNECT_TIMEOUT');
    await pause(1_600);
    expect(accepted).toBe(before);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { createCallerBook } from '../../src/adapters/callers/caller-book.ts';
import { createCallerStorage } from '../../src/adapters/callers/caller-storage.ts';
import { digestOfToken } from '../../src/adapters/callers/token.ts';
import { utf8Text } from '../../src/base/bytes.ts';
import type { GrantableScope } from '../../src/core/caller.ts';
import { apiServer } from '../support/api-server.ts';
import { head, rawExchange } from '../support/raw-http.ts';
import { signingServer, type SigningSetup } from '../support/signing-server.ts';
import { createSimulatedClock } from '../support/simulated-clock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = temporaryDirectory();
const clock = createSimulatedClock();
const file = join(root, 'api-callers.json');
const OPERATOR_TOKEN = 'f'.repeat(64);
const storage = createCallerStorage({ file }, { clock });
const identify = createCallerBook(
  { file, operators: [digestOfToken(OPERATOR_TOKEN)] },
  {
    clock,
    alarm: ({ message }) => {
      throw new Error(message);
    },
  },
);
const SPEND: GrantableScope = { may: 'sign', world: 'one', keys: ['1', '2'], actions: ['spend'] };

let count = 0;
function newCaller(...scopes: readonly GrantableScope[]): {
  readonly name: string;
  readonly token: string;
} {
  count += 1;
  const name = `bot${String(count)}`;
  const added = storage.add({ name, scopes });
  if (!added.ok) throw new Error(added.error.message);
  return { name, token: added.value.reveal(utf8Text) ?? '' };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

async function get(
  url: string,
  token?: string,
  more: Record<string, string> = {},
): Promise<Answer> {
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers: { ...bearer, ...more } });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

function server(setup: Partial<SigningSetup> = {}): ReturnType<typeof signingServer> {
  return signingServer({ identify, clock, ...setup });
}

describe('a request to sign', () => {
  test('on loopback is open, and its caller is named loopback', async () => {
    await using one = await server();
    expect((await get(`${one.origin}/sign/spend/1`)).body).toEqual({
      name: 'loopback',
      via: 'loopback',
    });
  });

  test('over the Unix socket is open, and its caller is named socket', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-access-'));
    try {
      await using one = await server({ address: { socket: join(directory, 'api.sock') } });
      const { text } = await rawExchange(one.origin, [
        head('GET /sign/spend/1', ['Host: localhost']),
      ]);
      expect(text).toContain('{"name":"socket","via":"socket"}');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('needs a token when a proxy sent it, or where authentication is required', async () => {
    await using open = await server();
    await using closed = await server({ auth: 'required' });
    const proxied = await get(`${open.origin}/sign/spend/1`, undefined, {
      'x-forwarded-for': '::1',
    });
    const required = await get(`${closed.origin}/sign/spend/1`);
    for (const { status, body, headers } of [proxied, required]) {
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer');
      expect(body).toMatchObject({ code: 'caller.token' });
    }
    const { token, name } = newCaller(SPEND);
    expect((await get(`${closed.origin}/sign/spend/1`, token)).body).toEqual({
      name,
      via: 'token',
    });
  });

  test('is made in the name of its token, on loopback too', async () => {
    await using one = await server();
    const { token, name } = newCaller(SPEND);
    expect((await get(`${one.origin}/sign/spend/2`, token)).body).toEqual({ name, via: 'token' });
    expect((await get(`${one.origin}/sign/cancel/9`, OPERATOR_TOKEN)).body).toEqual({
      name: 'operator',
      via: 'token',
    });
  });

  test.each([
    ['cancel/1', '`sign` for `one.cancel` with key `1`'],
    ['spend/3', '`sign` for `one.spend` with key `3`'],
    ['spend/1,2,3', '`sign` for `one.spend` with key `3`'],
  ])(
    'beyond the scopes of its token is 403, which names what is missing: %s',
    async (path, missing) => {
      await using one = await server();
      const { token, name } = newCaller(SPEND, { may: 'admin' }, { may: 'metrics' });
      const { status, body, headers } = await get(`${one.origin}/sign/${path}`, token);
      expect(status).toBe(403);
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
      expect(body).toMatchObject({
        code: 'caller.scope',
        detail: `\`${name}\` lacks the scope ${missing}; ask the operator for a token that has it`,
      });
    },
  );

  test('is refused at once when its token is revoked, on loopback too', async () => {
    await using one = await server();
    const { token, name } = newCaller(SPEND);
    expect((await get(`${one.origin}/sign/spend/1`, token)).status).toBe(200);
    storage.revoke(name);
    const { status, headers } = await get(`${one.origin}/sign/spend/1`, token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  test.each([['Basic dXNlcjp3b3Jk'], ['Bearer'], ['']])(
    'with the credentials %j is not taken for one without',
    async (credentials) => {
      await using one = await server();
      const headers = ['Host: localhost', `Authorization: ${credentials}`];
      const answer = await rawExchange(one.origin, [head('GET /sign/spend/1', headers)]);
      expect(answer.status).toBe(401);
    },
  );
});

describe('the rate of a caller', () => {
  test('is its own, and more is answered 429 with the time to wait', async () => {
    await using one = await server({ signing: { perSecond: 1, burst: 2 } });
    const [bot, other] = [newCaller(SPEND), newCaller(SPEND)];
    const ask = (token?: string): Promise<Answer> => get(`${one.origin}/sign/spend/1`, token);
    expect([(await ask(bot.token)).status, (await ask(bot.token)).status]).toEqual([200, 200]);
    const { status, body, headers } = await ask(bot.token);
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('1');
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({ status: 429, code: 'caller.rate' });
    expect([(await ask(other.token)).status, (await ask()).status]).toEqual([200, 200]);
    clock.skip(1_000);
    expect((await ask(bot.token)).status).toBe(200);
  });

  test('counts a request of several tasks once, and one that is refused not at all', async () => {
    await using one = await server({ signing: { perSecond: 1, burst: 2 } });
    const { token } = newCaller(SPEND);
    const ask = async (path: string): Promise<number> =>
      (await get(`${one.origin}/sign/${path}`, token)).status;
    expect([await ask('cancel/1'), await ask('cancel/1'), await ask('cancel/1')]).toEqual([
      403, 403, 403,
    ]);
    expect([await ask('spend/1,2'), await ask('spend/1,2'), await ask('spend/1,2')]).toEqual([
      200, 200, 429,
    ]);
  });
});

test('what only takes risk away passes the rate of its caller, and does not count', async () => {
  await using one = await server({ signing: { perSecond: 1, burst: 1 } });
  const { token } = newCaller({ ...SPEND, actions: ['spend', 'cancel'] });
  const statuses = [];
  for (const path of ['cancel/1', 'cancel/1', 'spend/1', 'spend/1', 'cancel/1']) {
    statuses.push((await get(`${one.origin}/sign/${path}`, token)).status);
  }
  expect(statuses).toEqual([200, 200, 200, 429, 200]);
});

describe('guessing', () => {
  const guesses = { perSecond: 1, burst: 3 };

  test('is held up for its address, and then even the right token is not told', async () => {
    await using one = await server({ guesses });
    const { token } = newCaller(SPEND);
    const ask = (guess: string): Promise<Answer> => get(`${one.origin}/sign/spend/1`, guess);
    for (let each = 0; each < 3; each += 1) expect((await ask('wrong')).status).toBe(401);
    const [wrong, right] = [await ask('wrong'), await ask(token)];
    for (const { status, body, headers } of [wrong, right]) {
      expect(status).toBe(429);
      expect(headers.get('retry-after')).toBe('1');
      expect(body).toMatchObject({ code: 'caller.guesses' });
    }
    clock.skip(1_000);
    expect((await ask(token)).status).toBe(200);
  });

  test('holds up nobody who showed a token before, nor who needs none', async () => {
    await using one = await server({ guesses });
    const { token } = newCaller(SPEND);
    const ask = async (guess?: string): Promise<number> =>
      (await get(`${one.origin}/sign/spend/1`, guess)).status;
    expect(await ask(token)).toBe(200);
    const wrong = await Promise.all(Array.from({ length: 10 }, () => ask('wrong')));
    expect(wrong.filter((status) => status === 401)).toHaveLength(3);
    expect([await ask(token), await ask()]).toEqual([200, 200]);
  });
});

describe('other scopes', () => {
  const routes = { metrics: '/metrics', admin: '/admin/v1/jobs' } as const;

  test.each([
    [{ may: 'metrics' }, { metrics: 200, admin: 403 }],
    [{ may: 'admin' }, { metrics: 403, admin: 200 }],
    [SPEND, { metrics: 403, admin: 403 }],
  ] as const)('%j opens only its own routes', async (scope, expected) => {
    await using api = await apiServer({ deps: { identify } });
    const { token } = newCaller(scope);
    for (const name of ['metrics', 'admin'] as const) {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${api.origin}${routes[name]}`, { headers });
      expect([name, response.status]).toEqual([name, expected[name]]);
      if (response.status === 403) expect(await response.text()).toContain(`the scope \`${name}\``);
    }
  });

  test('an admin stands by name in what it orders', async () => {
    await using api = await apiServer({ deps: { identify } });
    const { token, name } = newCaller({ may: 'admin' });
    await fetch(`${api.origin}/admin/v1/jobs/job-1/decline`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    expect(api.calls).toEqual([['decline', 'job-1', name]]);
  });

  test('admin routes ask for a token on loopback too', async () => {
    await using api = await apiServer({ deps: { identify } });
    expect((await get(`${api.origin}/admin/v1/jobs`)).status).toBe(401);
  });
});

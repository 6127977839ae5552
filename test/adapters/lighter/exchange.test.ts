import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import {
  createLighterExchange,
  type LighterExchange,
  type LighterExchangeOptions,
} from '../../../src/adapters/lighter/exchange.ts';
import type { Resolve } from '../../../src/adapters/transport/guarded-connect.ts';
import { readHostPort } from '../../../src/base/host-port.ts';
import { type LighterStandIn, startLighterStandIn } from '../../../src/demo/lighter-stand-in.ts';
import {
  type CallbackReceiver,
  startCallbackReceiver,
  status,
} from '../../support/callback-receiver.ts';

const OWNER = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
const KEY = 'ab'.repeat(40);

let standIn: LighterStandIn;
let server: CallbackReceiver;
const opened: LighterExchange[] = [];

beforeAll(async () => {
  standIn = await startLighterStandIn();
  standIn.addAccount(123n, OWNER);
  standIn.setKey(123n, 5n, `0x${KEY.toUpperCase()}`);
  server = await startCallbackReceiver();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((exchange) => exchange.close()));
  server.forget();
});

afterAll(async () => {
  await standIn[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

interface Given extends Partial<LighterExchangeOptions> {
  readonly resolve?: Resolve;
}

function exchangeAt(host: string, { resolve, ...options }: Given = {}): LighterExchange {
  const allowed = readHostPort(host);
  if (allowed === undefined) throw new Error('no host');
  const made = createLighterExchange(
    { hosts: [allowed], userAgent: 'countersign/test', ...options },
    resolve === undefined ? {} : { resolve },
  );
  opened.push(made);
  return made;
}

describe('the exchange is asked', () => {
  test('for the next nonce of a slot', async () => {
    const exchange = exchangeAt(standIn.host);
    expect(await exchange.nextNonce(standIn.url, 123n, 5n)).toEqual({ ok: true, value: 0n });
  });

  test('for the key of a slot, in whatever case it writes it', async () => {
    const exchange = exchangeAt(standIn.host);
    expect(await exchange.registeredKey(standIn.url, 123n, 5n)).toEqual({
      ok: true,
      value: { apiKey: 5n, publicKey: KEY },
    });
    expect(await exchange.registeredKey(standIn.url, 123n, 6n)).toEqual({
      ok: true,
      value: undefined,
    });
  });

  test('for the owner of an account', async () => {
    const exchange = exchangeAt(standIn.host);
    const owner = OWNER.slice(2).toLowerCase();
    expect(await exchange.owner(standIn.url, 123n)).toEqual({ ok: true, value: owner });
  });

  test('about an account that it does not know', async () => {
    const told = await exchangeAt(standIn.host).nextNonce(standIn.url, 9n, 5n);
    expect(told).toMatchObject({ ok: false, error: { code: 'exchange.account_unknown' } });
  });
});

describe('what it answers', () => {
  const url = (): string => `http://127.0.0.1:${String(server.port)}`;
  const ask = async (options: Given = {}) =>
    await exchangeAt(`127.0.0.1:${String(server.port)}`, options).nextNonce(url(), 1n, 2n);

  test('is exact beyond 2^53', async () => {
    server.answer(status(200, {}, '{"code":200,"nonce":9007199254740993}'));
    expect(await ask()).toEqual({ ok: true, value: 9_007_199_254_740_993n });
  });

  test('counts by its code, not by the status of the response', async () => {
    server.answer(status(200, {}, '{"code":21104,"message":"invalid nonce\\n\\u0007"}'));
    const told = await ask();
    expect(told).toMatchObject({ ok: false, error: { code: 'exchange.refused' } });
    expect(told.ok ? '' : told.error.message).toContain('21104 (invalid nonce  )');
  });

  test.each([
    ['nothing', ''],
    ['a page', '<html></html>'],
    ['no code', '{"nonce":1}'],
    ['a negative nonce', '{"code":200,"nonce":-1}'],
    ['a nonce with a fraction', '{"code":200,"nonce":1.5}'],
  ])('is not believed where it is %s', async (_what, body) => {
    server.answer(status(200, {}, body));
    expect(await ask()).toMatchObject({ ok: false, error: { code: 'exchange.garbled' } });
  });

  test('is not followed elsewhere', async () => {
    server.answer(status(302, { location: `${standIn.url}/api/v1/nextNonce` }));
    expect(await ask()).toMatchObject({ ok: false, error: { code: 'exchange.garbled' } });
  });

  test('is given up where it is too large', async () => {
    server.answer(status(200, {}, `{"code":200,"nonce":1,"pad":"${'x'.repeat(300_000)}"}`));
    const told = await ask();
    expect(told.ok ? '' : told.error.message).toContain('too large');
  });

  test('is not waited for longer than allowed, neither its head nor its body', async () => {
    server.answer(() => undefined);
    expect(await ask({ timeout: 100 })).toMatchObject({
      error: { code: 'exchange.unreachable' },
    });
    server.answer((response) => {
      response.writeHead(200).write('{"code":');
    });
    const told = await ask({ timeout: 100 });
    expect(told.ok ? '' : told.error.message).toContain('timeout');
  });
});

describe('nobody else is asked', () => {
  test.each([
    ['a host that is not allowed', 'https://evil.example', 'lighter.api_host'],
    ['another port', 'https://api.lighter.xyz:8443', 'lighter.api_host'],
    ['a host without TLS', 'http://api.lighter.xyz', 'lighter.url'],
    ['a URL with a user', 'https://api.lighter.xyz@evil.example', 'lighter.url'],
    ['a URL with a path', 'https://api.lighter.xyz/elsewhere', 'lighter.url'],
    ['no URL', 'lighter', 'lighter.url'],
  ])('such as %s', async (_what, url, code) => {
    const told = await exchangeAt('api.lighter.xyz').nextNonce(url, 1n, 2n);
    expect(told).toMatchObject({ ok: false, error: { code } });
  });

  test('such as a name that leads into the private network', async () => {
    const exchange = exchangeAt('api.lighter.xyz', {
      resolve: () => Promise.resolve(['10.0.0.1']),
    });
    const told = await exchange.nextNonce('https://api.lighter.xyz', 1n, 2n);
    expect(told.ok ? '' : told.error.message).toContain('FORBIDDEN_ADDRESS');
  });
});

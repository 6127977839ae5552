import { describe, expect, test } from '@jest/globals';

import {
  chainOf,
  readExchangeUrl,
  usualExchange,
} from '../../../src/adapters/lighter/exchange-url.ts';
import { readHostPort } from '../../../src/base/host-port.ts';

const hosts = ['api.lighter.xyz', 'testnet.zklighter.elliot.ai', 'localhost:3000'].flatMap(
  (text) => readHostPort(text) ?? [],
);

describe('the chain of a client', () => {
  test.each([
    ['https://api.lighter.xyz', 304n],
    ['https://mainnet.zklighter.elliot.ai', 304n],
    ['https://api-testnet.lighter.xyz', 300n],
    ['https://testnet.zklighter.elliot.ai', 300n],
    ['https://api.rh.lighter.xyz', 466_324n],
  ])('follows from %s', (url, chain) => {
    expect(chainOf(new URL(url), undefined)).toEqual({ ok: true, value: chain });
    expect(chainOf(new URL(url), chain)).toEqual({ ok: true, value: chain });
  });

  test('does not follow from any other host, mainnet in its name or not', () => {
    for (const url of ['https://mainnet.example', 'https://localhost:3000']) {
      expect(chainOf(new URL(url), undefined)).toMatchObject({
        error: { code: 'lighter.chain_id' },
      });
      expect(chainOf(new URL(url), 304n)).toEqual({ ok: true, value: 304n });
    }
    expect(chainOf(undefined, undefined).ok).toBe(false);
    expect(chainOf(undefined, 300n)).toEqual({ ok: true, value: 300n });
  });

  test('must not contradict what the host says', () => {
    const told = chainOf(new URL('https://api.lighter.xyz'), 300n);
    expect(told).toMatchObject({ ok: false, error: { code: 'lighter.chain_id' } });
  });
});

describe('the URL of an exchange', () => {
  test('is taken where its host is allowed', () => {
    expect(readExchangeUrl('https://api.lighter.xyz', hosts).ok).toBe(true);
    expect(readExchangeUrl('https://api.lighter.xyz/', hosts).ok).toBe(true);
    expect(readExchangeUrl('http://localhost:3000', hosts).ok).toBe(true);
    expect(readExchangeUrl('http://localhost:3001', hosts).ok).toBe(false);
  });

  test('is the first allowed one of a chain where nobody names one', () => {
    expect(usualExchange(304n, hosts)).toBe('https://api.lighter.xyz');
    expect(usualExchange(300n, hosts)).toBe('https://testnet.zklighter.elliot.ai');
    expect(usualExchange(466_324n, hosts)).toBe(undefined);
  });
});

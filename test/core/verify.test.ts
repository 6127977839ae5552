import { createHmac } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import { base64 } from '@scure/base';
import { Webhook } from 'standardwebhooks';

import { utf8 } from '../../src/base/bytes.ts';
import { Secret } from '../../src/base/secret.ts';
import { hexHmacScheme, standardWebhooksScheme } from '../../src/core/verify.ts';
import { lightsparkVectors } from '../support/lightspark-vectors.ts';

const NOW = 1_790_000_000_000;
const HEADER = 'lightspark-signature';

function deliver(body: string, headers: Record<string, string | readonly string[] | undefined>) {
  return { source: 'test', body: utf8(body), headers };
}

function secretOf(text: string): Secret {
  return new Secret(utf8(text));
}

describe('the hex HMAC scheme', () => {
  test.each(lightsparkVectors.webhook_signature)('accepts the official signature %#', (vector) => {
    const scheme = hexHmacScheme(HEADER, [secretOf(vector.secret)]);
    const delivery = deliver(vector.body, { [HEADER]: vector.signature_hex });
    expect(scheme(delivery, NOW)).toEqual({ ok: true, value: { secret: 'secret-1' } });
  });

  const body = '{"a": 1}';
  const signature = createHmac('sha256', 'new').update(body).digest('hex');

  test('takes the secret as text, also where it looks like hex', () => {
    const hexLike = 'aa'.repeat(32);
    const made = createHmac('sha256', hexLike).update(body).digest('hex');
    const scheme = hexHmacScheme(HEADER, [secretOf(hexLike)]);
    expect(scheme(deliver(body, { [HEADER]: made }), NOW).ok).toBe(true);
  });

  test('accepts several active secrets and tells which one matched', () => {
    const scheme = hexHmacScheme(HEADER, [secretOf('old'), secretOf('new')]);
    expect(scheme(deliver(body, { [HEADER]: signature }), NOW)).toEqual({
      ok: true,
      value: { secret: 'secret-2' },
    });
  });

  test.each([
    ['no header', {}],
    ['a repeated header', { [HEADER]: [signature, signature] }],
    ['a truncated signature', { [HEADER]: signature.slice(2) }],
    ['trailing characters', { [HEADER]: `${signature}00` }],
    ['a prefix', { [HEADER]: `sha256=${signature}` }],
    ['stray characters', { [HEADER]: `${signature.slice(0, 62)}zz` }],
    ['an empty signature', { [HEADER]: '' }],
    ['one flipped bit', { [HEADER]: signature.replace(/^./, (c) => (c === '0' ? '1' : '0')) }],
  ])('refuses %s', (_name, headers) => {
    const scheme = hexHmacScheme(HEADER, [secretOf('new')]);
    expect(scheme(deliver(body, headers), NOW)).toMatchObject({
      ok: false,
      error: { code: 'verify.signature' },
    });
  });

  test('covers bytes, not their meaning', () => {
    const scheme = hexHmacScheme(HEADER, [secretOf('new')]);
    expect(scheme(deliver('{"a":1}', { [HEADER]: signature }), NOW).ok).toBe(false);
  });
});

describe('the Standard Webhooks scheme', () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  const sender = new Webhook(base64.encode(key));
  const scheme = standardWebhooksScheme([new Secret(Uint8Array.from(key))]);
  const body = '{"event_type":"X"}';
  const headersAt = (at: number, id = 'msg_1') => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': sender.sign(id, new Date(at), body),
  });

  test('accepts what the independent library signs, and takes the id from the header', () => {
    expect(scheme(deliver(body, headersAt(NOW)), NOW)).toEqual({
      ok: true,
      value: { secret: 'secret-1', id: 'msg_1' },
    });
  });

  test('accepts a list with signatures of other versions and other secrets', () => {
    const headers = headersAt(NOW);
    const many = `v1a,AAAA v1,${base64.encode(new Uint8Array(32))} ${headers['webhook-signature']}`;
    expect(scheme(deliver(body, { ...headers, 'webhook-signature': many }), NOW).ok).toBe(true);
  });

  test.each([-301_000, 301_000])('refuses a timestamp %d ms from our clock', (difference) => {
    expect(scheme(deliver(body, headersAt(NOW + difference)), NOW)).toMatchObject({
      ok: false,
      error: { code: 'verify.stale' },
    });
  });

  test.each([
    ['another body', '{"event_type":"Y"}', {}],
    ['another id', body, { 'webhook-id': 'msg_2' }],
    ['another timestamp', body, { 'webhook-timestamp': String(NOW / 1000 + 1) }],
    ['a timestamp that is no number', body, { 'webhook-timestamp': '1e9' }],
    ['a signature that is not base64', body, { 'webhook-signature': 'v1,***' }],
    ['only another version', body, { 'webhook-signature': 'v1a,AAAA' }],
    ['a missing id', body, { 'webhook-id': undefined }],
    ['a repeated id', body, { 'webhook-id': ['msg_1', 'msg_1'] }],
  ])('refuses %s', (_name, sent, changed) => {
    const headers = { ...headersAt(NOW), ...changed };
    expect(scheme(deliver(sent, headers), NOW).ok).toBe(false);
  });
});

import { describe, expect, test } from '@jest/globals';
import { base64 } from '@scure/base';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';

import { utf8 } from '../../src/base/bytes.ts';
import { type Secret } from '../../src/base/secret.ts';
import { webhookHeaders, webhookId, webhookKey } from '../../src/core/standard-webhooks.ts';
import { standardWebhooksScheme } from '../../src/core/verify.ts';

const SECRET = `whsec_${base64.encode(new Uint8Array(32).fill(7))}`;

function keyOf(text: string): Secret {
  const key = webhookKey(text);
  if (!key.ok) throw new Error(key.error);
  return key.value;
}

describe('the key of a webhook secret', () => {
  test.each([
    ['with the prefix', SECRET],
    ['without the prefix', SECRET.slice(6)],
  ])('is decoded from base64 %s', (_name, text) => {
    expect(keyOf(text).reveal((bytes) => bytes)).toEqual(new Uint8Array(32).fill(7));
  });

  test('is what the library of a receiver makes of the same text, hex included', () => {
    for (const text of [SECRET, SECRET.slice(6), 'c0ffee00'.repeat(8)]) {
      const at = Date.now();
      const headers = webhookHeaders({ id: 'a', attemptedAt: at, body: '{}' }, [keyOf(text)]);
      expect(new Webhook(text).verify('{}', headers)).toEqual({});
    }
  });

  test.each([
    ['nothing', ''],
    ['a prefix alone', 'whsec_'],
    ['23 bytes', base64.encode(new Uint8Array(23))],
    ['text that is not base64', 'correct horse battery staple, many times over'],
    ['base64 without its padding', base64.encode(new Uint8Array(25)).replaceAll('=', '')],
    ['base64 of URLs', `whsec_${'-_'.repeat(22)}`],
    ['a private key of the asymmetric scheme', `whsk_${base64.encode(new Uint8Array(64))}`],
    ['another case of the prefix', `WHSEC_${base64.encode(new Uint8Array(32))}`],
  ])('is not made of %s, and the error does not repeat it', (_name, text) => {
    expect(webhookKey(text)).toEqual({
      ok: false,
      error:
        'must be `whsec_` and base64 of at least 24 bytes; `openssl rand -base64 32` makes one',
    });
  });

  test('may have exactly 24 bytes', () => {
    expect(webhookKey(`whsec_${base64.encode(new Uint8Array(24))}`).ok).toBe(true);
  });
});

describe('the headers of an attempt', () => {
  test('are accepted by the independent library and by our own receiving half', () => {
    const ids = fc.stringMatching(/^[\x21-\x7e]{1,60}$/);
    const bodies = fc.json({ noUnicodeString: false });
    fc.assert(
      fc.property(ids, bodies, (eventId, body) => {
        const attemptedAt = Date.now();
        const id = webhookId(eventId, 'completed');
        const headers = webhookHeaders({ id, attemptedAt, body }, [keyOf(SECRET)]);
        expect(new Webhook(SECRET).verify(body, headers)).toEqual(JSON.parse(body));
        const delivery = { source: 'test', body: utf8(body), headers };
        const verified = standardWebhooksScheme([keyOf(SECRET)])(delivery, attemptedAt);
        expect(verified).toEqual({ ok: true, value: { secret: 'secret-1', id } });
      }),
      { numRuns: 60 },
    );
  });

  test('carry whole seconds', () => {
    const message = { id: 'a', attemptedAt: 1_760_000_000_999, body: '{}' };
    expect(webhookHeaders(message, [keyOf(SECRET)])['webhook-timestamp']).toBe('1760000000');
  });

  test('carry a signature for each key, so that either will do while one is replaced', () => {
    const next = `whsec_${base64.encode(new Uint8Array(32).fill(8))}`;
    const message = { id: 'a', attemptedAt: Date.now(), body: '{"a":1}' };
    const headers = webhookHeaders(message, [keyOf(SECRET), keyOf(next)]);
    for (const secret of [SECRET, next]) {
      expect(new Webhook(secret).verify('{"a":1}', headers)).toEqual({ a: 1 });
    }
  });
});

describe('the id of a webhook', () => {
  test('joins its parts', () => {
    expect(webhookId('evt-1', 'completed')).toBe('evt-1:completed');
  });

  test('has no full stop, whoever chose its parts, so that nothing signed has two readings', () => {
    expect(webhookId('evt.1760000000.{}', 'completed')).toBe('evt%2E1760000000%2E{}:completed');
  });

  test('differs for different events', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        expect(webhookId(left, 'failed') === webhookId(right, 'failed')).toBe(left === right);
      }),
    );
    expect(webhookId('a.b', 'failed')).not.toBe(webhookId('a%2Eb', 'failed'));
  });
});

import { randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import { base64 } from '@scure/base';
import { Webhook } from 'standardwebhooks';

import { Secret } from '../../src/base/secret.ts';
import { startCallbackReceiver } from '../../src/demo/callback-receiver.ts';

const key = randomBytes(32);
const body = '{"type":"signing.completed","timestamp":"now","data":{"event_id":"one"}}';

/** Signed by the package that receivers use. */
function send(url: URL, id: string, signedWith: Uint8Array): Promise<Response> {
  const now = new Date();
  const signature = new Webhook(base64.encode(signedWith)).sign(id, now, body);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': signature,
  };
  return fetch(url, { method: 'POST', body, headers });
}

describe("the demo's receiver of callbacks", () => {
  test('takes what is signed with its secret, and complains about the rest', async () => {
    const receiver = await startCallbackReceiver(new Secret(key));
    try {
      expect(await send(receiver.url, 'one:completed', key)).toHaveProperty('status', 204);
      expect(receiver.received).toEqual([
        { path: '/callbacks', type: 'signing.completed', data: { event_id: 'one' } },
      ]);
      expect(receiver.complaints).toEqual([]);

      const forged = await send(receiver.url, 'two:completed', randomBytes(32));
      expect(forged.status).toBe(400);
      expect(receiver.received).toHaveLength(1);
      expect(receiver.complaints).toEqual(['signature does not match']);

      await send(receiver.url, 'one:completed', key);
      expect(receiver.complaints).toContain('callback `one:completed` came twice');
    } finally {
      await receiver.close();
    }
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { readSecretFile } from '../../src/adapters/keys/private-file.ts';
import { callAdmin } from '../../src/cli/admin-call.ts';
import { startAdminStandIn } from '../support/admin-stand-in.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = temporaryDirectory();
const token = 'canary-token-0123456789abcdef';

function tokenFile(text: string): string {
  const path = join(root, 'token');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function messageFrom(url: string, text = token): Promise<string> {
  const target = { url, tokenFile: tokenFile(text) };
  const answer = await callAdmin(target, 'policy/reload', {}, { readSecretFile });
  return answer.ok ? '' : answer.error.message;
}

async function messageOf(status: number, body: string): Promise<string> {
  const daemon = await startAdminStandIn(status, body);
  try {
    return await messageFrom(daemon.url);
  } finally {
    await daemon.close();
  }
}

describe('an admin call', () => {
  test('keeps integers exact in both directions', async () => {
    const daemon = await startAdminStandIn(200, '{"index":9007199254740993}');
    const target = { url: daemon.url, tokenFile: tokenFile(token) };
    const body = { index: 2n ** 48n - 1n, big: 2n ** 63n };
    const answer = await callAdmin(target, 'x', body, { readSecretFile });
    await daemon.close();
    expect(daemon.requests[0]?.body).toBe('{"index":281474976710655,"big":9223372036854775808}');
    expect(answer).toEqual({ ok: true, value: { index: 9007199254740993n } });
  });

  test('reports the detail of a refusal, whose signs cannot command the terminal', async () => {
    expect(await messageOf(409, '{"title":"Conflict","detail":"released\\u001b[2J before"}')).toBe(
      'the daemon refused with status 409: released\ufffd[2J before',
    );
    expect(await messageOf(401, '{"title":"Unauthorized"}')).toBe(
      'the daemon refused with status 401: Unauthorized',
    );
    expect(await messageOf(500, 'oops')).toBe('the daemon refused with status 500');
  });

  test('is not taken elsewhere by a redirect', async () => {
    expect(await messageOf(307, '')).toMatch(/^no answer from http:\/\/127\.0\.0\.1:/);
  });

  test('says where nothing listens', async () => {
    const daemon = await startAdminStandIn(200, '{}');
    await daemon.close();
    expect(await messageFrom(daemon.url)).toBe(
      `no answer from ${daemon.url} (ECONNREFUSED); is the daemon running there?`,
    );
  });

  test.each(['http://signer.example:9000', 'ftp://127.0.0.1', 'file:///etc', '127.0.0.1:9000', ''])(
    'never sends the token to `%s`',
    async (url) => {
      expect(await messageFrom(url)).toContain('is not an https URL (http only to this machine)');
    },
  );

  test.each([`${token}\nX-Other: 1`, `${token} `, `${token}é`])(
    'never quotes a token that is no header value (%#)',
    async (text) => {
      const message = await messageFrom('http://127.0.0.1:9', text);
      expect(message).toContain('holds no token');
      expect(message).not.toContain(token);
    },
  );
});

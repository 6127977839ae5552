/** The api over TLS, with clients that prove themselves by certificate or network. */
import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';

import { describe, expect, test } from '@jest/globals';

import { err } from '../../src/base/result.ts';
import { createAccess } from '../../src/http/access.ts';
import { createApp } from '../../src/http/app.ts';
import { createListener } from '../../src/http/listener.ts';
import { UNLIMITED } from '../../src/http/rate-limit.ts';
import { createRecognise, type RecogniseOptions } from '../../src/http/recognise.ts';
import { jsonReply } from '../../src/http/reply.ts';
import { observeHttp } from '../support/http-observer.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';

const server = throwawayCertificate('localhost');
const client = throwawayCertificate('validator.example');
const stranger = throwawayCertificate('stranger.example');
const FINGERPRINT = new X509Certificate(client.cert).fingerprint256;
const KNOWN = { knownClients: () => new Map([[FINGERPRINT, 'throwaway']]) };

interface Asked {
  readonly options?: Partial<RecogniseOptions>;
  readonly certificate?: { readonly cert: string; readonly key: string };
  readonly world?: string;
}

/** Who the api takes the caller for, or the status it answers. */
async function callerOf({ options, certificate, world = 'ethereum' }: Asked): Promise<unknown> {
  const recognise = createRecognise({
    knownClients: () => new Map(),
    allowedClients: [],
    allowInsecure: false,
    dutiesOf: 'ethereum',
    ...options,
  });
  const access = createAccess(
    { auth: 'required', overSocket: false },
    {
      identify: () => err({ code: 'caller.token', message: 'unknown' }),
      signing: UNLIMITED,
      guesses: UNLIMITED,
      recognise,
    },
  );
  const app = createApp(
    {
      listener: 'api',
      routes: [
        {
          path: '/sign',
          GET(asked) {
            const caller = access.requireSigning(asked, { world, key: 'k', action: 'attestation' });
            if (!caller.ok) return caller.error;
            return jsonReply(200, { name: caller.value.name, via: caller.value.via });
          },
        },
      ],
    },
    observeHttp().observer,
  );
  const tls = { cert: server.cert, key: server.key, requestCert: true, rejectUnauthorized: false };
  const listener = createListener(
    { host: '127.0.0.1', port: 0 },
    { app, onRefused: () => undefined, tls },
  );
  const origin = await listener.listen();
  try {
    expect(origin).toMatch(/^https:/);
    return await get(new URL('/sign', origin), certificate);
  } finally {
    await listener.close(100);
  }
}

function get(url: URL, certificate: Asked['certificate']): Promise<unknown> {
  return new Promise((settle, refuse) => {
    const asked = request(
      url,
      { ca: server.cert, servername: 'localhost', agent: false, ...certificate },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          settle(response.statusCode === 200 ? JSON.parse(text) : response.statusCode);
        });
      },
    );
    asked.on('error', refuse);
    asked.end();
  });
}

describe('a client certificate', () => {
  test('that is known names its caller', async () => {
    expect(await callerOf({ options: KNOWN, certificate: client })).toEqual({
      name: 'throwaway',
      via: 'certificate',
    });
  });

  test('of somebody else with the same common name proves nothing', async () => {
    expect(await callerOf({ options: KNOWN, certificate: stranger })).toBe(401);
  });

  test('whose common name is not the one in the file proves nothing', async () => {
    const options = { knownClients: () => new Map([[FINGERPRINT, 'another']]) };
    expect(await callerOf({ options, certificate: client })).toBe(401);
  });

  test('is not shown: the caller needs a token', async () => {
    expect(await callerOf({ options: KNOWN })).toBe(401);
  });
});

describe('a network', () => {
  test('that is allowed may have Ethereum duties signed, and nothing else', async () => {
    const options = { allowedClients: ['127.0.0.0/8'] };
    expect(await callerOf({ options })).toEqual({ name: 'address:127.0.0.1', via: 'address' });
    expect(await callerOf({ options, world: 'lighter' })).toBe(401);
  });

  test('that is not allowed needs a token', async () => {
    expect(await callerOf({ options: { allowedClients: ['10.0.0.0/8', 'fd00::/8'] } })).toBe(401);
  });

  test('of any kind may have duties signed where the operator insists', async () => {
    const options = { allowInsecure: true };
    expect(await callerOf({ options })).toMatchObject({ via: 'address' });
    expect(await callerOf({ options, world: 'lightspark' })).toBe(401);
  });
});

import type { IncomingHttpHeaders } from 'node:http';
import { inspect } from 'node:util';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { base64 } from '@scure/base';
import { Webhook } from 'standardwebhooks';

import { systemClock } from '../../../src/adapters/system.ts';
import {
  type CallbackTransport,
  type CallbackTransportOptions,
  createCallbackTransport,
} from '../../../src/adapters/transport/callback.ts';
import type { Resolve } from '../../../src/adapters/transport/guarded-connect.ts';
import { hostPortOf } from '../../../src/base/host-port.ts';
import type { Secret } from '../../../src/base/secret.ts';
import { completedCallback, declinedCallback, failedCallback } from '../../../src/core/callback.ts';
import type { Clock, Receipt } from '../../../src/core/ports.ts';
import type { Words } from '../../../src/core/protocol.ts';
import { webhookKey } from '../../../src/core/standard-webhooks.ts';
import {
  type CallbackReceiver,
  startCallbackReceiver,
  status,
} from '../../support/callback-receiver.ts';
import { throwawayCertificate } from '../../support/throwaway-certificate.ts';

const SECRET = `whsec_${base64.encode(new Uint8Array(32).fill(5))}`;
const CANARY = 'c0ffee'.repeat(10) + 'beef';

const request = {
  id: 'event-1',
  timestamp: '2026-01-01T00:00:00Z',
  subEventType: 'SIGN_CREATE_ORDER',
};
/** A result with an integer that a `number` would round, and text that is longer in UTF-8. */
const signed = completedCallback(request, [
  { id: 'job-1', reply: { nonce: 9_007_199_254_740_993n, memo: '€ 𝄞', canary: CANARY } },
]);
const refused = [{ id: 'job-2', reason: { code: 'policy.forbid', message: 'no' }, rules: ['r'] }];
const declined = declinedCallback(request, refused);

let receiver: CallbackReceiver;
let transport: CallbackTransport;
let opened: CallbackTransport[] = [];
/** Milliseconds that the transport's clock is ahead. */
let ahead = 0;

const options: CallbackTransportOptions = {
  secrets: [keyOf(SECRET)],
  declineMode: 'path',
  allowedHosts: [],
  allowPrivate: true,
  userAgent: 'countersign/test',
  limits: { connectTimeout: 5_000, totalTimeout: 5_000 },
};
/** For attempts that are meant to last too long. */
const brief = { limits: { connectTimeout: 300, totalTimeout: 400 } };
const clock: Clock = { ...systemClock, now: () => Date.now() + ahead };

function connect(
  changes: Partial<CallbackTransportOptions> = {},
  resolve?: Resolve,
): CallbackTransport {
  const url = `http://127.0.0.1:${String(receiver.port)}/callbacks`;
  return open({ ...options, url, ...changes }, resolve);
}

function open(changed: CallbackTransportOptions, resolve?: Resolve): CallbackTransport {
  const made = createCallbackTransport(changed, { clock, ...(resolve && { resolve }) });
  opened.push(made);
  return made;
}

/** To a URL of the request's own, whose host and port are allowed. */
function connectTo(
  url: string,
  changes: Partial<CallbackTransportOptions> = {},
  resolve?: Resolve,
): { readonly send: () => Promise<Receipt> } {
  const made = connect({ allowedHosts: [hostPortOf(new URL(url))], ...changes }, resolve);
  return { send: () => made.send({ ...callback(signed), url }) };
}

function keyOf(text: string): Secret {
  const key = webhookKey(text);
  if (!key.ok) throw new Error(key.error);
  return key.value;
}

/** Headers as the independent library takes them. */
function plain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function callback(message: Words): Words & { readonly kind: 'callback' } {
  if (message.kind !== 'callback') throw new Error('not a callback');
  return message;
}

beforeAll(async () => {
  receiver = await startCallbackReceiver();
});
beforeEach(() => {
  ahead = 0;
  receiver.forget();
  transport = connect();
});
afterEach(async () => {
  await Promise.all(opened.map((made) => made.close()));
  opened = [];
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
});

describe('a callback that is taken', () => {
  test('is delivered, and verified by an independent receiver', async () => {
    expect(await transport.send(signed)).toEqual({ kind: 'delivered' });
    const [callback] = receiver.received;
    const { text = '', headers = {} } = callback ?? {};
    const verified = new Webhook(SECRET).verify(text, plain(headers));
    expect(verified).toMatchObject({ type: 'signing.completed', data: { event_id: 'event-1' } });
    expect(callback).toMatchObject({
      path: '/callbacks',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'countersign/test',
        'webhook-id': 'event-1:completed',
      },
    });
    expect(headers).not.toHaveProperty('authorization');
  });

  test('writes integers exactly', async () => {
    await transport.send(signed);
    expect(receiver.received[0]?.text).toContain('"nonce":9007199254740993,"memo":"€ 𝄞"');
  });

  test('has the same id and body on every attempt, and a new time', async () => {
    receiver.answer(status(500));
    await transport.send(signed);
    ahead = 120_000;
    receiver.answer(status(200));
    await transport.send(signed);
    const [first, second] = receiver.received;
    expect(second?.text).toBe(first?.text);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    const times = [first, second].map((one) => Number(one?.headers['webhook-timestamp']));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(119);
    for (const one of [first, second]) {
      new Webhook(SECRET).verify(one?.text ?? '', plain(one?.headers ?? {}));
    }
  });

  test('is not verified once a byte of it has changed', async () => {
    await transport.send(signed);
    const { text = '', headers = {} } = receiver.received[0] ?? {};
    const webhook = new Webhook(SECRET);
    expect(() => webhook.verify(text.replace('job-1', 'job-2'), plain(headers))).toThrow();
    const other = { ...plain(headers), 'webhook-id': 'event-2:completed' };
    expect(() => webhook.verify(text, other)).toThrow();
    const later = {
      ...plain(headers),
      'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 9),
    };
    expect(() => webhook.verify(text, later)).toThrow();
  });

  test('goes to the URL that its request names', async () => {
    const url = `http://127.0.0.1:${String(receiver.port)}/own?key=1`;
    expect(await transport.send({ ...callback(signed), url })).toEqual({ kind: 'delivered' });
    expect(receiver.received[0]?.path).toBe('/own?key=1');
  });

  test('reuses its connections', async () => {
    for (let round = 0; round < 5; round += 1) await transport.send(signed);
    expect(new Set(receiver.received.map((one) => one.remotePort)).size).toBeLessThanOrEqual(2);
  });

  test('waits for its host by name, and for one place with all hosts that are not allowed', () => {
    expect(transport.route(signed)).toBe(`callback:127.0.0.1:${String(receiver.port)}`);
    const elsewhere = { ...callback(signed), url: `https://${CANARY}.example/` };
    expect(transport.route(elsewhere)).toBe('callback:forbidden');
  });
});

describe('a decline', () => {
  test('goes beneath the path of the URL', async () => {
    expect(await transport.send(declined)).toEqual({ kind: 'delivered' });
    expect(receiver.received[0]).toMatchObject({
      path: '/callbacks/decline_to_sign',
      headers: { 'webhook-id': 'event-1:declined' },
    });
    expect(JSON.parse(receiver.received[0]?.text ?? '')).toMatchObject({
      type: 'signing.declined',
      data: { payload_ids: ['job-2'] },
    });
  });

  test('goes to the URL itself where that is configured', async () => {
    await connect({ declineMode: 'same' }).send(declined);
    expect(receiver.received[0]?.path).toBe('/callbacks');
  });

  test('leaves a query alone', async () => {
    const url = `http://127.0.0.1:${String(receiver.port)}/own/?key=1`;
    await transport.send({ ...callback(declined), url });
    expect(receiver.received[0]?.path).toBe('/own/decline_to_sign?key=1');
  });

  test('is something else than a failure, which goes to the URL itself', async () => {
    await transport.send(failedCallback(request, refused));
    expect(receiver.received[0]).toMatchObject({
      path: '/callbacks',
      headers: { 'webhook-id': 'event-1:failed' },
    });
  });
});

describe('what the status proves', () => {
  test.each([200, 201, 202, 204, 299])('%d is success, whatever the reply says', async (code) => {
    receiver.answer(status(code, {}, code === 204 ? '' : '{"error":"no"}'));
    expect(await transport.send(signed)).toEqual({ kind: 'delivered' });
  });

  test('410 ends it', async () => {
    receiver.answer(status(410));
    expect(await transport.send(signed)).toEqual({
      kind: 'rejected',
      reason: { code: 'callback.gone', message: 'the receiver wants no more callbacks' },
    });
  });

  test.each([400, 404, 405, 409, 413, 415, 418, 422, 451])('%d is tried again', async (code) => {
    receiver.answer(status(code));
    expect(await transport.send(signed)).toEqual({
      kind: 'retry',
      reason: { code: 'http.status', message: `the receiver answered ${String(code)}` },
    });
  });

  test.each([401, 403])('%d makes the route wait', async (code) => {
    receiver.answer(status(code));
    expect(await transport.send(signed)).toMatchObject({
      kind: 'unauthorized',
      reason: { code: 'http.unauthorized' },
    });
  });

  test.each([408, 425, 429, 503])('%d with Retry-After waits that long', async (code) => {
    receiver.answer(status(code, { 'retry-after': '17' }));
    expect(await transport.send(signed)).toMatchObject({
      kind: 'retry',
      reason: { code: 'http.not_taken' },
      retryAfter: 17_000,
    });
  });

  test.each([
    [500, 'http.server_error'],
    [502, 'transport.gateway'],
    [503, 'transport.gateway'],
    [504, 'transport.gateway'],
  ])('%d may come after the callback was taken', async (code, reason) => {
    receiver.answer(status(code));
    expect(await transport.send(signed)).toMatchObject({
      kind: 'unknown',
      reason: { code: reason },
    });
  });

  test.each([301, 302, 303, 307, 308])('%d is not followed', async (code) => {
    const location = `http://127.0.0.1:${String(receiver.port)}/elsewhere`;
    receiver.answer(status(code, { location }));
    expect(await transport.send(signed)).toEqual({
      kind: 'retry',
      reason: {
        code: 'callback.redirect',
        message: `the receiver answered ${String(code)}, a redirect; configure the final address`,
      },
    });
    expect(receiver.received).toHaveLength(1);
  });
});

describe('a reply', () => {
  test('larger than 64 KiB is not read to its end', async () => {
    let written = 0;
    receiver.answer((response) => {
      response.writeHead(200);
      const chunk = new Uint8Array(65_536);
      const write = (): void => {
        while (!response.destroyed) {
          written += chunk.length;
          if (!response.write(chunk)) return;
        }
      };
      response.on('drain', write);
      write();
    });
    expect(await transport.send(signed)).toEqual({ kind: 'delivered' });
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  test('that trickles ends at the deadline', async () => {
    let timer: NodeJS.Timeout | undefined;
    receiver.answer((response) => {
      response.writeHead(200);
      timer = setInterval(() => response.write('x'), 20);
    });
    const startedAt = Date.now();
    expect(await connect(brief).send(signed)).toEqual({ kind: 'delivered' });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    clearInterval(timer);
  });

  test('that is cut off was a reply all the same', async () => {
    receiver.answer((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    expect(await connect(brief).send(signed)).toEqual({ kind: 'delivered' });
  });

  test('that never comes may mean anything', async () => {
    receiver.answer(() => undefined);
    expect(await connect(brief).send(signed)).toEqual({
      kind: 'unknown',
      reason: {
        code: 'transport.no_answer',
        message: 'the receiver took the request and did not answer (timeout)',
      },
    });
  });

  test('of headers without end is no reply', async () => {
    receiver.answer((response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\n');
      for (let line = 0; line < 4_000; line += 1) response.socket?.write(`x${String(line)}: y\r\n`);
    });
    expect(await connect(brief).send(signed)).toMatchObject({ kind: 'unknown' });
  });

  test('of anything but HTTP is no reply', async () => {
    receiver.answer((response) => response.socket?.end('220 mail.example ESMTP\r\n'));
    expect(await transport.send(signed)).toMatchObject({ kind: 'unknown' });
  });
});

describe('a connection', () => {
  /** Each way to write this machine as the host of a URL. */
  const SELF = [
    '127.0.0.1',
    '127.0.0.1.',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '%31%32%37.0.0.1',
    '１２７.０.０.１',
    '127。0。0。1',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:1]',
    'self.example',
    'LOCALHOST',
  ];
  const self: Resolve = () => Promise.resolve(['127.0.0.1']);

  test.each(SELF)('to %s reaches us where private addresses are allowed', async (host) => {
    const url = `http://${host}:${String(receiver.port)}/`;
    expect(await connectTo(url, {}, self).send()).toEqual({ kind: 'delivered' });
  });

  test.each(SELF)('to %s is not even attempted where they are not', async (host) => {
    const url = `https://${host}:${String(receiver.port)}/`;
    const before = receiver.connections();
    expect(await connectTo(url, { allowPrivate: false }, self).send()).toMatchObject({
      kind: 'rejected',
      reason: { code: 'callback.forbidden_address' },
    });
    expect(receiver.connections()).toBe(before);
  });

  test.each([
    ['a private address', ['10.0.0.1']],
    ['loopback', ['::1']],
    ['loopback, mapped', ['::ffff:127.0.0.1']],
    ['a private address beside a public one', ['93.184.216.34', '127.0.0.1']],
    ['a public address after a private one', ['127.0.0.1', '93.184.216.34']],
    ['an address with a zone', ['fe80::1%lo']],
    ['anything but an address', ['self.example']],
  ])('to a name that resolves to %s is refused', async (_name, addresses) => {
    const url = `https://self.example:${String(receiver.port)}/`;
    const before = receiver.connections();
    const resolve = (): Promise<string[]> => Promise.resolve(addresses);
    expect(await connectTo(url, { allowPrivate: false }, resolve).send()).toMatchObject({
      kind: 'rejected',
      reason: { code: 'callback.forbidden_address' },
    });
    expect(receiver.connections()).toBe(before);
  });

  test.each(['169.254.169.254', 'fd00:ec2::254', '::ffff:169.254.169.254', '0.0.0.0', '::'])(
    'to a name that resolves to %s is refused also where private addresses are allowed',
    async (address) => {
      const url = `http://self.example:${String(receiver.port)}/`;
      const resolve = (): Promise<string[]> => Promise.resolve([address]);
      expect(await connectTo(url, {}, resolve).send()).toMatchObject({ kind: 'rejected' });
    },
  );

  test('is made to the addresses that were judged, without asking again', async () => {
    const answers = [['127.0.0.1'], ['169.254.169.254'], ['169.254.169.254']];
    let asked = 0;
    const rebinding = (): Promise<readonly string[]> => {
      asked += 1;
      return Promise.resolve(answers.shift() ?? []);
    };
    const url = `http://rebinding.example:${String(receiver.port)}/`;
    const sender = connectTo(url, {}, rebinding);
    receiver.answer(status(200, { connection: 'close' }));
    expect(await sender.send()).toEqual({ kind: 'delivered' });
    expect(asked).toBe(1);
    // The next attempt needs a new connection, so its name is looked up and judged anew.
    expect(await sender.send()).toMatchObject({
      kind: 'rejected',
      reason: { code: 'callback.forbidden_address' },
    });
    expect(asked).toBe(2);
    expect(receiver.received).toHaveLength(1);
  });

  test('tries the next address where the first does not answer', async () => {
    const url = `http://self.example:${String(receiver.port)}/`;
    const resolve = (): Promise<string[]> => Promise.resolve(['::1', '127.0.0.1']);
    expect(await connectTo(url, {}, resolve).send()).toEqual({ kind: 'delivered' });
  });

  test('to a name that does not resolve is tried again', async () => {
    const resolve = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    expect(await connectTo('http://lost.example/', {}, resolve).send()).toEqual({
      kind: 'retry',
      reason: { code: 'transport.network', message: 'no connection to the receiver (ENOTFOUND)' },
    });
    const nothing = (): Promise<string[]> => Promise.resolve([]);
    expect(await connectTo('http://lost.example/', {}, nothing).send()).toMatchObject({
      kind: 'retry',
      reason: { code: 'transport.network' },
    });
  });

  test('whose name lookup hangs ends at the deadline, certainly not sent', async () => {
    const resolve = (): Promise<never> => new Promise(() => undefined);
    expect(await connectTo('http://slow.example/', brief, resolve).send()).toMatchObject({
      kind: 'retry',
      reason: { code: 'transport.network' },
    });
  });

  test('that is refused was certainly not sent', async () => {
    const closed = await startCallbackReceiver();
    await closed[Symbol.asyncDispose]();
    const url = `http://127.0.0.1:${String(closed.port)}/`;
    expect(await connectTo(url).send()).toMatchObject({
      kind: 'retry',
      reason: { message: 'no connection to the receiver (ECONNREFUSED)' },
    });
  });

  test('is broken off when the transport is closed', async () => {
    const closing = connect();
    receiver.answer(() => undefined);
    const sent = closing.send(signed);
    while (receiver.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await closing.close();
    expect(await sent).toMatchObject({ kind: 'unknown' });
    expect(await closing.send(signed)).toMatchObject({ kind: 'retry' });
  });
});

describe('a URL that is not allowed', () => {
  test.each([
    ['of another host', 'https://evil.example/', 'callback.forbidden_host'],
    ['of another port', 'http://127.0.0.1:1/', 'callback.forbidden_host'],
    ['with a user name', 'http://user:password@127.0.0.1/', 'callback.forbidden_url'],
    ['that is none', CANARY, 'callback.forbidden_url'],
  ])('%s is never sent to, and can be refused with the request', async (_name, url, code) => {
    const receipt = await transport.send({ ...callback(signed), url });
    expect(receipt).toMatchObject({ kind: 'rejected', reason: { code } });
    expect(transport.refusalOf(url)).toMatchObject({ code });
    expect(receiver.received).toEqual([]);
  });

  test('is not that of the configured host', () => {
    const own = `http://127.0.0.1:${String(receiver.port)}/anything`;
    expect(transport.refusalOf(own)).toBeUndefined();
  });

  test('may be missing altogether', async () => {
    const lost = open(options);
    expect(await lost.send(signed)).toMatchObject({
      kind: 'rejected',
      reason: { code: 'callback.no_url' },
    });
    expect(lost.route(signed)).toBe('callback:forbidden');
  });
});

describe('TLS', () => {
  const certificate = throwawayCertificate('self.example');
  const self: Resolve = () => Promise.resolve(['127.0.0.1']);
  let secure: CallbackReceiver;
  beforeAll(async () => {
    secure = await startCallbackReceiver(certificate);
  });
  afterAll(async () => {
    await secure[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    secure.forget();
  });

  test('proves the name, although the connection is made to a judged address', async () => {
    const url = `https://self.example:${String(secure.port)}/`;
    const sender = connectTo(url, { ca: certificate.cert }, self);
    expect(await sender.send()).toEqual({ kind: 'delivered' });
    expect(secure.received).toHaveLength(1);
  });

  test.each([
    ['of an unknown authority', 'self.example', undefined],
    ['of another name', 'other.example', certificate.cert],
  ])('with a certificate %s sends nothing', async (_name, host, ca) => {
    const url = `https://${host}:${String(secure.port)}/`;
    const sender = connectTo(url, ca === undefined ? {} : { ca }, self);
    expect(await sender.send()).toMatchObject({
      kind: 'retry',
      reason: { code: 'transport.network' },
    });
    expect(secure.received).toEqual([]);
  });
});

describe('secrets', () => {
  /** Every form in which a canary could be seen. */
  const forms = [CANARY, SECRET, SECRET.slice(6), 'hunter2'];

  test('no receipt shows body, secret, URL or reply, whatever went wrong', async () => {
    const seen: Receipt[] = [];
    const url = `http://127.0.0.1:${String(receiver.port)}/hunter2?token=hunter2`;
    const message = { ...callback(signed), url };
    const headers = { location: CANARY, 'content-type': CANARY, 'retry-after': CANARY };
    for (const code of [200, 302, 400, 401, 404, 410, 422, 429, 500, 503]) {
      receiver.answer(status(code, headers, CANARY));
      seen.push(await transport.send(message));
    }
    receiver.answer((response) => response.socket?.end(`HTTP/1.1 ${CANARY}`));
    seen.push(await transport.send(message));
    receiver.answer((response) => response.socket?.resetAndDestroy());
    seen.push(await transport.send(message));
    for (const bad of [`https://${CANARY}@x/`, `https://x.example/${CANARY}`, CANARY]) {
      seen.push(await transport.send({ ...message, url: bad }));
    }
    const resolve = (): Promise<never> =>
      Promise.reject(Object.assign(new Error(CANARY), { code: CANARY }));
    seen.push(await connectTo('http://lost.example/', {}, resolve).send());
    const shown = JSON.stringify(seen) + inspect(seen, { depth: null });
    for (const form of forms) expect(shown).not.toContain(form);
  });

  test('the transport shows nothing of its secret', () => {
    const shown = JSON.stringify(transport) + inspect(transport, { depth: null, showHidden: true });
    for (const form of forms) expect(shown).not.toContain(form);
  });

  test('a message of another kind is a bug and says nothing of its content', async () => {
    const graphql: Words = {
      kind: 'graphql',
      operation: CANARY,
      document: CANARY,
      variables: { CANARY },
    };
    const error: unknown = await transport.send(graphql).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error)).not.toContain(CANARY);
  });

  test('callbacks without a secret are a bug', () => {
    expect(() => connect({ secrets: [] })).toThrow('callbacks cannot go out unsigned');
  });
});

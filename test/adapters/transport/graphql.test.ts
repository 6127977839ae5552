import { createServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { systemClock } from '../../../src/adapters/system.ts';
import {
  createGraphqlTransport,
  type GraphqlTransport,
  type GraphqlTransportOptions,
} from '../../../src/adapters/transport/graphql.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { Secret } from '../../../src/base/secret.ts';
import type { Receipt } from '../../../src/core/ports.ts';
import type { Words } from '../../../src/core/protocol.ts';
import { type GraphqlStandIn, startGraphqlStandIn } from '../../../src/demo/graphql-stand-in.ts';

const CANARY = 'c0ffee'.repeat(10) + 'beef';
const CREDENTIALS = { clientId: 'client-1', clientSecret: 'client-secret-canary' };

/** A mutation whose variables hold a secret and an integer that a `number` would still carry. */
const release: Words = {
  kind: 'graphql',
  operation: 'ReleaseChannelPerCommitmentSecret',
  document: `mutation ReleaseChannelPerCommitmentSecret(
    $channel_id: ID!, $per_commitment_secret: Hash32!, $per_commitment_index: Long!
  ) {
    release_channel_per_commitment_secret(input: {
      channel_id: $channel_id
      per_commitment_secret: $per_commitment_secret
      per_commitment_index: $per_commitment_index
    }) { channel { id } }
  }`,
  variables: {
    channel_id: 'Channel:1',
    per_commitment_secret: CANARY,
    per_commitment_index: 281474976710655n,
  },
};

let standIn: GraphqlStandIn;
let transport: GraphqlTransport;

function connect(url: URL, changes: Partial<GraphqlTransportOptions> = {}): GraphqlTransport {
  return createGraphqlTransport(
    {
      url: url.href,
      credentials: {
        clientId: CREDENTIALS.clientId,
        clientSecret: new Secret(utf8(CREDENTIALS.clientSecret)),
      },
      userAgent: 'countersign/test',
      limits: { totalTimeout: 400, maxAnswerBytes: 4096 },
      ...changes,
    },
    { clock: systemClock },
  );
}

beforeAll(async () => {
  standIn = await startGraphqlStandIn(CREDENTIALS);
  transport = connect(standIn.url);
});
beforeEach(() => {
  standIn.forget();
  standIn.behave({ kind: 'serve' });
});
afterAll(async () => {
  await transport.close();
  await standIn.close();
});

describe('a mutation that is served', () => {
  test('is delivered', async () => {
    expect(await transport.send(release)).toEqual({ kind: 'delivered' });
    expect(standIn.applied).toEqual([
      { operation: release.operation, variables: release.variables },
    ]);
    expect(standIn.complaints).toEqual([]);
  });

  test('carries its operation, its credentials and who we are in headers', async () => {
    await transport.send(release);
    expect(standIn.received[0]?.headers).toMatchObject({
      authorization: `Basic ${btoa('client-1:client-secret-canary')}`,
      'content-type': 'application/json',
      'user-agent': 'countersign/test',
      'x-graphql-operation': 'ReleaseChannelPerCommitmentSecret',
    });
  });

  test('writes an integer as a number literal, exactly', async () => {
    await transport.send(release);
    expect(standIn.received[0]?.text).toContain('"per_commitment_index":281474976710655');
  });

  test('sends its variables as an object, not as a text within the text', async () => {
    await transport.send(release);
    const sent: unknown = JSON.parse(standIn.received[0]?.text ?? '');
    expect(sent).toMatchObject({ variables: { channel_id: 'Channel:1' } });
  });

  test('reuses its connections', async () => {
    for (let round = 0; round < 6; round += 1) await transport.send(release);
    const ports = standIn.received.map((request) => request.remotePort);
    expect(new Set(ports).size).toBeLessThanOrEqual(2);
  });

  test('waits for its host by name', () => {
    expect(transport.route(release)).toBe(`graphql:${standIn.url.host}`);
  });
});

describe('what an answer proves', () => {
  test('partial errors are not success', async () => {
    standIn.behave({ kind: 'partial' });
    expect(await transport.send(release)).toMatchObject({
      kind: 'unknown',
      reason: { code: 'graphql.partial' },
    });
  });

  test('an `error_name` is a refusal', async () => {
    standIn.behave({ kind: 'error', name: 'INVALID_INPUT', data: 'null' });
    expect(await transport.send(release)).toEqual({
      kind: 'rejected',
      reason: {
        code: 'graphql.rejected',
        message: 'the endpoint refused the mutation with `INVALID_INPUT`',
      },
    });
    standIn.behave({ kind: 'error', name: 'INVALID_INPUT', data: 'null-field' });
    expect(await transport.send(release)).toMatchObject({ kind: 'rejected' });
  });

  test('an `error_name` that is not a plain name is not repeated', async () => {
    standIn.behave({ kind: 'error', name: CANARY });
    expect(await transport.send(release)).toMatchObject({
      kind: 'rejected',
      reason: { message: 'the endpoint refused the mutation with `unnamed`' },
    });
  });

  test('an error without a name is tried again, and known not to be applied without data', async () => {
    standIn.behave({ kind: 'error' });
    expect(await transport.send(release)).toMatchObject({
      kind: 'retry',
      reason: { code: 'graphql.error' },
    });
    standIn.behave({ kind: 'error', data: 'null', applied: true });
    expect(await transport.send(release)).toMatchObject({
      kind: 'unknown',
      reason: { code: 'graphql.error' },
    });
  });

  test.each([
    [500, 'http.server_error'],
    [502, 'transport.gateway'],
    [503, 'transport.gateway'],
    [504, 'transport.gateway'],
    [599, 'http.server_error'],
  ])('%d may come after the work was done', async (status, code) => {
    standIn.behave({ kind: 'status', status, body: '<html>', applied: true });
    expect(await transport.send(release)).toEqual({
      kind: 'unknown',
      reason: { code, message: `the endpoint answered ${String(status)}` },
    });
  });

  test('429 is tried again after the time it asks for', async () => {
    standIn.behave({ kind: 'status', status: 429, headers: { 'retry-after': '17' } });
    expect(await transport.send(release)).toMatchObject({ kind: 'retry', retryAfter: 17_000 });
    const date = new Date(Date.now() + 60_000).toUTCString();
    standIn.behave({ kind: 'status', status: 429, headers: { 'retry-after': date } });
    const receipt = await transport.send(release);
    expect(receipt).toMatchObject({ kind: 'retry', reason: { code: 'http.not_taken' } });
    expect(retryAfterOf(receipt)).toBeGreaterThan(55_000);
    standIn.behave({ kind: 'status', status: 429 });
    expect(await transport.send(release)).not.toHaveProperty('retryAfter');
  });

  test('503 with Retry-After was not taken', async () => {
    standIn.behave({ kind: 'status', status: 503, headers: { 'retry-after': '3' } });
    expect(await transport.send(release)).toMatchObject({ kind: 'retry', retryAfter: 3_000 });
  });

  test.each([401, 403])('%d says that our credentials are not accepted', async (status) => {
    standIn.behave({ kind: 'status', status });
    expect(await transport.send(release)).toMatchObject({
      kind: 'unauthorized',
      reason: { code: 'http.unauthorized' },
    });
  });

  test('wrong credentials are refused before anything else', async () => {
    const stranger = connect(standIn.url, {
      credentials: { clientId: CREDENTIALS.clientId, clientSecret: new Secret(utf8('other')) },
    });
    expect(await stranger.send(release)).toMatchObject({ kind: 'unauthorized' });
    expect(standIn.received).toEqual([]);
    await stranger.close();
  });

  test('redirects are not followed', async () => {
    standIn.behave({
      kind: 'status',
      status: 307,
      headers: { location: standIn.url.href },
    });
    expect(await transport.send(release)).toMatchObject({
      kind: 'retry',
      reason: { code: 'http.status' },
    });
    expect(standIn.received).toHaveLength(1);
  });

  test('a wrong address is tried again, for the operator may correct it', async () => {
    const elsewhere = connect(new URL('/elsewhere', standIn.url));
    expect(await elsewhere.send(release)).toMatchObject({ kind: 'retry' });
    await elsewhere.close();
  });

  test.each([
    ['no JSON', '<html>hello</html>'],
    ['no object', '7'],
    ['a batch', '[{"data":{"release_channel_per_commitment_secret":{}}}]'],
    ['neither data nor errors', '{}'],
    ['null data', '{"data":null}'],
    ['no field', '{"data":{}}'],
    ['a null field', '{"data":{"release_channel_per_commitment_secret":null}}'],
    ['data that is a list', '{"data":[{}]}'],
  ])('200 with %s is not success', async (_name, body) => {
    standIn.behave({
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await transport.send(release)).toMatchObject({
      kind: 'unknown',
      reason: { code: 'graphql.unreadable' },
    });
  });

  test('an answer larger than the limit is not read', async () => {
    standIn.behave({
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: `{"data":{"a":{"b":"${'x'.repeat(5000)}"}}}`,
    });
    expect(await transport.send(release)).toMatchObject({
      kind: 'unknown',
      reason: { code: 'transport.no_answer' },
    });
  });

  test.each([
    ['with a name is a refusal', { error_name: 'INVALID_INPUT' }, 'rejected'],
    ['without a name is tried again', {}, 'retry'],
  ])('400 that speaks GraphQL %s', async (_name, extensions, kind) => {
    standIn.behave({
      kind: 'status',
      status: 400,
      headers: { 'content-type': 'application/graphql-response+json' },
      body: JSON.stringify({ errors: [{ message: 'no', extensions }] }),
    });
    expect(await transport.send(release)).toMatchObject({ kind });
  });

  test('an empty list of errors is no error', async () => {
    standIn.behave({
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'application/graphql-response+json' },
      body: '{"data":{"release_channel_per_commitment_secret":{"channel":{"id":"1"}}},"errors":[]}',
    });
    expect(await transport.send(release)).toEqual({ kind: 'delivered' });
  });

  test('errors that are no list are errors all the same', async () => {
    standIn.behave({
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"data":null,"errors":{"message":"x"}}',
    });
    expect(await transport.send(release)).toMatchObject({ kind: 'unknown' });
  });

  test('a status that is none is a server error', async () => {
    standIn.behave({ kind: 'status', status: 999 });
    expect(await transport.send(release)).toMatchObject({ kind: 'unknown' });
  });
});

describe('what a broken connection proves', () => {
  test('a refused connection was certainly not applied', async () => {
    const closed = await startGraphqlStandIn(CREDENTIALS);
    await closed.close();
    const lonely = connect(closed.url);
    expect(await lonely.send(release)).toEqual({
      kind: 'retry',
      reason: {
        code: 'transport.network',
        message: 'no connection to the endpoint (ECONNREFUSED)',
      },
    });
    await lonely.close();
  });

  test('a name that does not resolve was certainly not applied', async () => {
    const lost = connect(new URL('https://endpoint.invalid/graphql'), {
      limits: { totalTimeout: 5_000 },
    });
    expect(await lost.send(release)).toMatchObject({
      kind: 'retry',
      reason: { code: 'transport.network' },
    });
    await lost.close();
  });

  test.each(['before-reading', 'after-reading'] as const)(
    'a reset %s may be applied',
    async (when) => {
      standIn.behave({ kind: 'reset', when, applied: true });
      expect(await transport.send(release)).toMatchObject({
        kind: 'unknown',
        reason: { code: 'transport.no_answer' },
      });
    },
  );

  test('an answer cut off in the middle may be applied', async () => {
    standIn.behave({ kind: 'reset', when: 'half-answered', applied: true });
    expect(await transport.send(release)).toMatchObject({
      kind: 'unknown',
      reason: { code: 'transport.no_answer' },
    });
    expect(standIn.applied).toHaveLength(1);
  });

  test('silence after the request was written ends at the deadline and may be applied', async () => {
    standIn.behave({ kind: 'hang', applied: true });
    const started = Date.now();
    expect(await transport.send(release)).toEqual({
      kind: 'unknown',
      reason: {
        code: 'transport.no_answer',
        message: 'the endpoint took the request and did not answer (timeout)',
      },
    });
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  test('a request that never got a connection was certainly not applied', async () => {
    const narrow = connect(standIn.url, { limits: { totalTimeout: 300, maxConnections: 1 } });
    standIn.behave({ kind: 'hang' });
    const receipts = await Promise.all([narrow.send(release), narrow.send(release)]);
    expect(receipts.map((receipt) => receipt.kind)).toEqual(['unknown', 'retry']);
    expect(standIn.received).toHaveLength(1);
    await narrow.close();
  });

  test('closing the transport breaks off what is under way', async () => {
    const brief = connect(standIn.url, { limits: { totalTimeout: 30_000 } });
    standIn.behave({ kind: 'hang' });
    const sent = brief.send(release);
    while (standIn.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await brief.close();
    expect(await sent).toMatchObject({ kind: 'unknown' });
    expect(await brief.send(release)).toMatchObject({ kind: 'retry' });
  });
});

describe('TLS', () => {
  let server: Server;
  let sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    server.close();
  });

  test('a failed handshake was certainly not applied', async () => {
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
      });
    });
    const plain = connect(new URL(`https://127.0.0.1:${String(port)}/graphql`));
    expect(await plain.send(release)).toMatchObject({
      kind: 'retry',
      reason: { code: 'transport.network' },
    });
    await plain.close();
  });
});

describe('secrets', () => {
  /** Every form in which a canary could be seen. */
  const forms = [CANARY, CREDENTIALS.clientSecret, btoa('client-1:client-secret-canary')];

  test('no receipt shows variables, credentials or the answer, whatever went wrong', async () => {
    const seen: Receipt[] = [];
    const echo = JSON.stringify({
      errors: [{ message: CANARY, extensions: { error_name: CANARY } }],
    });
    const json = { 'content-type': 'application/json', 'retry-after': CANARY };
    for (const status of [200, 302, 400, 401, 403, 404, 422, 429, 500, 503]) {
      standIn.behave({ kind: 'status', status, headers: json, body: echo });
      seen.push(await transport.send(release));
      standIn.behave({ kind: 'status', status, headers: { 'content-type': CANARY }, body: CANARY });
      seen.push(await transport.send(release));
    }
    for (const data of ['null', 'null-field', undefined] as const) {
      standIn.behave({ kind: 'error', message: CANARY, ...(data && { data }) });
      seen.push(await transport.send(release));
    }
    for (const when of ['before-reading', 'after-reading', 'half-answered'] as const) {
      standIn.behave({ kind: 'reset', when });
      seen.push(await transport.send(release));
    }
    const shown = JSON.stringify(seen) + inspect(seen, { depth: null });
    for (const form of forms) expect(shown).not.toContain(form);
  });

  test('a message of another kind is a bug and says nothing of its content', async () => {
    const callback: Words = {
      kind: 'callback',
      url: `https://x/${CANARY}`,
      eventId: CANARY,
      ending: 'completed',
      body: { CANARY },
    };
    const error: unknown = await transport.send(callback).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error)).not.toContain(CANARY);
  });
});

function retryAfterOf(receipt: Receipt): number {
  return receipt.kind === 'retry' ? (receipt.retryAfter ?? -1) : -1;
}

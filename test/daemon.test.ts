/** The built daemon as its operator and its senders meet it: whole, over its own listeners. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { openForReading } from '../src/adapters/store/sqlite-driver.ts';
import { stringifyJson, type JsonObject } from '../src/base/json.ts';
import { VARIABLES } from '../src/config/variables.ts';
import { type Home, makeHome, signatureOf, until } from './support/daemon-home.ts';
import { head, rawExchange } from './support/raw-http.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

jest.setTimeout(120_000);

const root = temporaryDirectory();
const secrets = {
  seedHex: '5a'.repeat(32),
  testSeedHex: 'a5'.repeat(32),
  webhookSecret: 'webhook-secret-of-the-daemon-tests',
  clientSecret: 'client-secret-of-the-daemon-tests',
};
const homes: Home[] = [];

async function newHome(name: string): Promise<Home> {
  const home = await makeHome(join(root, name), secrets);
  homes.push(home);
  return home;
}

afterAll(async () => {
  await Promise.all(homes.map((home) => home.close()));
});

const FIRST = 2n ** 48n - 1n;
/** A point of the curve: BIP341's provably unspendable key, with an even Y. */
const PEER = '0250929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0';

let events = 0;
function event(name: string, fields: JsonObject): JsonObject {
  events += 1;
  return {
    event_type: 'REMOTE_SIGNING',
    event_id: `daemon-test-${String(events)}`,
    timestamp: '2026-01-01T00:00:00.000000+00:00',
    entity_id: 'Channel:daemon-test',
    data: { sub_event_type: name, bitcoin_network: 'MAINNET', ...fields },
  };
}
const ecdh = (): JsonObject => event('ECDH', { peer_public_key: PEER });
const atIndex = (name: string, index: bigint): JsonObject =>
  event(name, { derivation_path: 'm/3/7', per_commitment_point_idx: index });
const point = (index: bigint): JsonObject => atIndex('GET_PER_COMMITMENT_POINT', index);
const release = (index: bigint): JsonObject => atIndex('RELEASE_PER_COMMITMENT_SECRET', index);

describe('start', () => {
  test('--help lists every variable as a flag, and nothing is started', async () => {
    const home = await newHome('help');
    const { code, output } = await home.run(['--help']);
    expect(code).toBe(0);
    const flags = Object.keys(VARIABLES).map((name) => name.toLowerCase().replaceAll('_', '-'));
    expect(flags.filter((flag) => !output.includes(`--${flag} `))).toEqual([]);
    expect(output).not.toContain('listening');
  });

  test('every value that is not usable is named with its rule, never with the value', async () => {
    const home = await newHome('values');
    const { code, output } = await home.run(['--log-level', 'chatty'], {
      PORT: 'eighty',
      LIGHTSPARK_MASTER_SEED_HEX: 'not-a-seed',
      LIGHTSPARK_NETWORK: 'main',
      LIGHTSPARK_GRAPHQL_URL: 'http://example.com/graphql',
    });
    expect(code).toBe(1);
    const lines = output.split('\n').filter((line) => line.startsWith('countersign: '));
    expect(lines.map((line) => /`([A-Z_]+)`/.exec(line)?.[1]).sort()).toEqual([
      'LIGHTSPARK_GRAPHQL_URL',
      'LIGHTSPARK_MASTER_SEED_HEX',
      'LIGHTSPARK_NETWORK',
      'LOG_LEVEL',
      'PORT',
    ]);
    expect(output).not.toMatch(/not-a-seed|eighty|chatty|example\.com/);
  });

  test('a flag that does not exist is refused', async () => {
    const home = await newHome('flags');
    const { code, output } = await home.run(['--polcy-dir', 'x']);
    expect(code).toBe(1);
    expect(output).toContain("unknown option '--polcy-dir'");
  });

  test('a broken policy keeps the daemon from starting and is named by file, line and column', async () => {
    const home = await newHome('broken-policy');
    writeFileSync(join(home.policyDir, 'broken.yaml'), BROKEN_POLICY);
    const { code, output } = await home.run([]);
    expect(code).toBe(1);
    expect(output).toMatch(/broken\.yaml:6:16\b/);
  });

  test.each(['PORT', 'API_PORT'])('a %s in use is one sentence for the terminal', async (name) => {
    const home = await newHome(`in-use-${name}`);
    const taken = new URL(home.endpoint.url).port;
    const { code, output } = await home.run([], { [name]: taken });
    expect(code).toBe(1);
    const last = output.trimEnd().split('\n').at(-1);
    expect(last).toBe(
      `countersign: cannot listen on \`127.0.0.1:${taken}\` (EADDRINUSE); stop what listens there or choose another address`,
    );
  });

  test.each([
    ['webhook secret', { LIGHTSPARK_WEBHOOK_SECRET: undefined }, 'LIGHTSPARK_WEBHOOK_SECRET'],
    ['seed', { LIGHTSPARK_MASTER_SEED_HEX: undefined }, 'no key `lightspark/main`'],
    ['API token', { LIGHTSPARK_API_TOKEN_CLIENT_ID: undefined }, 'LIGHTSPARK_API_TOKEN_CLIENT_ID'],
  ])('without its %s the world is off, and says so wherever one asks', async (_, unset, why) => {
    const home = await newHome(`off-${why.slice(-12)}`);
    const daemon = await home.start(unset);
    expect(daemon.output()).toContain('"msg":"world off"');
    const { status, text } = await daemon.get('/healthcheck');
    expect(status).toBe(200);
    expect(text).toContain(why);
    expect(await daemon.deliver(ecdh())).toMatchObject({ status: 404 });
    expect(await daemon.stop()).toMatchObject({ code: 0 });
  });

  test('with another seed than that of its database the world is off, and nothing is signed', async () => {
    const home = await newHome('other-seed');
    home.endpoint.behave({ kind: 'hang' });
    const first = await home.start();
    await first.deliver(ecdh());
    await until(() => home.endpoint.received.length === 1);
    await first.stop();
    const sent = home.endpoint.received.length;

    const other = await home.start({ LIGHTSPARK_MASTER_SEED_HEX: 'b6'.repeat(32) });
    expect((await other.get('/healthcheck')).text).toContain('the database is of another seed');
    expect(await other.deliver(ecdh())).toMatchObject({ status: 404 });
    await until(() => other.output().includes('deliver.unreadable'));
    expect(other.output()).not.toContain('machinery');
    expect(await other.stop()).toMatchObject({ code: 0 });
    expect(home.endpoint.received).toHaveLength(sent);
  });

  test('a second daemon on the same data directory is refused, and the first one goes on', async () => {
    const home = await newHome('second');
    const daemon = await home.start();
    const second = await home.run([]);
    expect(second.code).toBe(1);
    expect(second.output).toContain(
      'is in use by another process; stop it or set another DATA_DIR',
    );
    expect(await daemon.deliver(ecdh())).toMatchObject({ status: 204 });
    expect(await daemon.stop()).toMatchObject({ code: 0 });
  });
});

test('a signed event is answered, and log, metrics and admin api show the job', async () => {
  const home = await newHome('whole');
  const daemon = await home.start();
  const { status, job } = await daemon.deliver(ecdh());
  expect(status).toBe(204);
  await until(() => home.endpoint.applied.length === 1);
  expect(home.endpoint.applied[0]?.operation).toBe('UpdateNodeSharedSecret');

  await until(async () => {
    const { text } = await daemon.get('/metrics');
    return /countersign_stage_total\{[^}]*stage="deliver"[^}]*\} 1$/m.test(text);
  });
  expect(await daemon.outcomeOf(job)).toMatchObject({
    outcome: 'signed',
    decisions: [{ decision: { rules: ['peers-and-invoices'] } }],
  });
  const lines = daemon
    .output()
    .split('\n')
    .filter((line) => line.includes(job));
  const stages = lines.map((line) => /"msg":"(\w+)"/.exec(line)?.[1]);
  expect(stages).toEqual(['claim', 'decide', 'sign', 'deliver']);
  expect(await daemon.stop()).toMatchObject({ code: 0 });
});

describe('what must not be understood', () => {
  const deep = `{"event_id":"deep","data":${'['.repeat(100)}${']'.repeat(100)}}`;
  const written = (data: string): string =>
    `{"event_type":"REMOTE_SIGNING","event_id":"bad-${String((events += 1))}","entity_id":"c","data":${data}}`;
  const asked = (fields: string): string =>
    written(`{"sub_event_type":"GET_PER_COMMITMENT_POINT","bitcoin_network":"MAINNET",${fields}}`);
  const bodies: readonly (readonly [name: string, body: string, status: number])[] = [
    ['a truncated body', '{"event_type":"REMOTE_SIGNING",', 400],
    ['no JSON', 'hello', 400],
    ['an array', '[]', 400],
    ['deep JSON', deep, 400],
    ['a key twice', '{"event_id":"a","event_id":"a","event_type":"REMOTE_SIGNING"}', 400],
    ['`__proto__`', written('{"__proto__":{"sub_event_type":"ECDH"}}'), 400],
    ['an id that is a number', '{"event_id":1,"event_type":"REMOTE_SIGNING"}', 400],
    ['no id', '{"event_type":"REMOTE_SIGNING"}', 400],
    ['an index as text', asked('"derivation_path":"m/3/7","per_commitment_point_idx":"5"'), 400],
    [
      'an index of 2^48',
      asked(`"derivation_path":"m/3/7","per_commitment_point_idx":${String(2n ** 48n)}`),
      400,
    ],
    [
      'an index above 2^53',
      asked(`"derivation_path":"m/3/7","per_commitment_point_idx":${String(2n ** 64n - 1n)}`),
      400,
    ],
    [
      'an index with a fraction',
      asked('"derivation_path":"m/3/7","per_commitment_point_idx":5.0'),
      400,
    ],
    ['a path that is an object', asked('"derivation_path":{},"per_commitment_point_idx":5'), 400],
    ['a body of 5 MB', `{"event_id":"${'x'.repeat(5 * 1024 * 1024)}"}`, 413],
  ];

  test('has a clear answer each, signs nothing, and leaves the daemon alive', async () => {
    const home = await newHome('bad-input');
    const daemon = await home.start();
    const { webhook, api } = daemon.origins;
    const slow = rawExchange(webhook, [
      head('POST /webhooks/lightspark', ['Host: localhost', 'Content-Length: 1000']),
      '{"event_type":',
    ]);

    for (const [name, body, status] of bodies) {
      const told = await daemon.deliver(body);
      expect([name, told.status]).toEqual([name, status]);
      expect(told.json).toMatchObject({ code: expect.any(String), detail: expect.any(String) });
    }
    const body = stringifyJson(ecdh());
    const send = (signature: readonly string[]): Promise<{ readonly status: number }> =>
      rawExchange(webhook, [
        head('POST /webhooks/lightspark', [
          'Host: localhost',
          `Content-Length: ${String(body.length)}`,
          ...signature.map((value) => `lightspark-signature: ${value}`),
        ]),
        body,
      ]);
    const signature = signatureOf(body, secrets.webhookSecret);
    const forged = signatureOf(body, `${secrets.webhookSecret}.`);
    for (const signatures of [[], [forged], ['zz'], [signature.slice(2)], [forged, signature]]) {
      expect(await send(signatures)).toMatchObject({ status: 401 });
    }
    expect(
      await rawExchange(webhook, [head('GET /webhooks/lightspark', ['Host: localhost'])]),
    ).toMatchObject({ status: 405 });
    expect(
      await rawExchange(webhook, [head('GET /admin/v1/jobs', ['Host: localhost'])]),
    ).toMatchObject({ status: 404 });
    expect(await rawExchange(webhook, ['no HTTP\r\n\r\n'])).toMatchObject({ status: 400 });
    expect(
      await rawExchange(api, [head('GET /admin/v1/jobs', ['Host: evil.example'])]),
    ).toMatchObject({ status: 403 });
    const crossSite = ['Host: localhost', 'Origin: https://evil.example'];
    expect(await rawExchange(api, [head('GET /healthcheck', crossSite)])).toMatchObject({
      status: 403,
    });
    expect(await rawExchange(api, [head('GET /admin/v1/jobs', ['Host: localhost'])])).toMatchObject(
      { status: 401 },
    );
    expect(await slow).toMatchObject({ status: 408 });

    expect(home.endpoint.received).toEqual([]);
    expect((await daemon.get('/healthcheck')).status).toBe(200);
    expect((await daemon.deliver(body)).status).toBe(204);
    await until(() => home.endpoint.applied.length === 1);
    expect(await daemon.stop()).toMatchObject({ code: 0 });
  });
});

/** Column 16 of line 6 is the name of the fact. */
const BROKEN_POLICY = `version: 1
rules:
  - id: broken
    on: lightspark.ecdh
    effect: permit
    when: fact.no_such_fact > 1
`;

function permitting(...actions: readonly string[]): string {
  const on = actions.map((action) => `lightspark.${action}`).join(', ');
  return `version: 1\nrules:\n  - id: allowed\n    on: [${on}]\n    effect: permit\n`;
}

describe('SIGHUP', () => {
  test('brings a new policy into force, and withheld jobs with it', async () => {
    const home = await newHome('reload');
    const policy = join(home.policyDir, 'default.yaml');
    writeFileSync(policy, permitting('get_per_commitment_point'));
    const daemon = await home.start();
    const { job } = await daemon.deliver(ecdh());
    expect(await daemon.outcomeOf(job)).toMatchObject({ outcome: 'withheld' });

    writeFileSync(policy, permitting('get_per_commitment_point', 'ecdh'));
    daemon.send('SIGHUP');
    await until(() => home.endpoint.applied.length === 1);
    expect(await daemon.outcomeOf(job)).toMatchObject({ outcome: 'signed' });
    expect(await daemon.stop()).toMatchObject({ code: 0 });
  });

  test.each([
    ['is broken', BROKEN_POLICY, /default\.yaml:6:16\b/],
    [
      'takes back what was permitted',
      permitting('get_per_commitment_point'),
      /was permitted and would be refused/,
    ],
  ])('a policy that %s is refused, and the old one stays in force', async (name, text, why) => {
    const home = await newHome(`refused-${name.slice(0, 6)}`);
    const policy = join(home.policyDir, 'default.yaml');
    writeFileSync(policy, permitting('ecdh'));
    const daemon = await home.start();
    await daemon.deliver(ecdh());
    await until(() => home.endpoint.applied.length === 1);

    writeFileSync(policy, text);
    daemon.send('SIGHUP');
    await until(() => daemon.output().includes('"msg":"policy refused'));
    expect(daemon.output()).toMatch(why);
    const { job } = await daemon.deliver(ecdh());
    expect(await daemon.outcomeOf(job)).toMatchObject({ outcome: 'signed' });
    expect(await daemon.stop()).toMatchObject({ code: 0 });
  });
});

test('a policy that takes back what was permitted must be meant at a start, too, and only once', async () => {
  const home = await newHome('flips-at-start');
  const policy = join(home.policyDir, 'default.yaml');
  const daemon = await home.start();
  await daemon.deliver(ecdh());
  await until(() => home.endpoint.applied.length === 1);
  await daemon.stop();

  writeFileSync(policy, permitting('get_per_commitment_point'));
  const refused = await home.run([]);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('(ecdh) was permitted and would be refused: no rule permits it');
  expect(refused.output).toContain('start with `--accept-flips`');

  const accepted = await home.start({}, ['--accept-flips']);
  await accepted.stop();
  const again = await home.start();
  const { job } = await again.deliver(ecdh());
  expect(await again.outcomeOf(job)).toMatchObject({ reason: { code: 'policy.no_rule' } });
  expect(await again.stop()).toMatchObject({ code: 0 });
});

test('what was withheld under another configuration is decided again at the next start', async () => {
  const home = await newHome('second-node');
  const of = (node_id: string): JsonObject =>
    event('GET_PER_COMMITMENT_POINT', {
      ...{ derivation_path: 'm/3/7', per_commitment_point_idx: FIRST, node_id },
    });
  const daemon = await home.start();
  await daemon.deliver(of('Node:1'));
  const { job } = await daemon.deliver(of('Node:2'));
  expect(await daemon.outcomeOf(job)).toMatchObject({ reason: { code: 'node_pin' } });
  await daemon.stop();

  const next = await home.start({ LIGHTSPARK_NODE_IDS: 'Node:1,Node:2' });
  await until(() => home.endpoint.applied.length === 2);
  expect(await next.stop()).toMatchObject({ code: 0 });
});

test('a decline that no credentials are there for is kept, said in red, and sent once they are', async () => {
  const home = await newHome('no-credentials');
  const respond = { LIGHTSPARK_RESPOND_DIRECTLY: 'true' };
  const daemon = await home.start({ ...respond, LIGHTSPARK_API_TOKEN_CLIENT_ID: undefined });
  const jobs = [{ id: 'payload', derivation_path: 'm/0', message: '00'.repeat(32) }];
  const { status } = await daemon.deliver(event('DERIVE_KEY_AND_SIGN', { signing_jobs: jobs }));
  expect(status).toBe(204);
  await until(() => daemon.output().includes('LIGHTSPARK_API_TOKEN_CLIENT_ID'));
  expect(await daemon.get('/healthcheck')).toMatchObject({ status: 503 });
  expect(await daemon.stop()).toMatchObject({ code: 0 });

  const next = await home.start(respond);
  await until(() => home.endpoint.applied.length === 1);
  expect(home.endpoint.applied).toMatchObject([
    { operation: 'DeclineToSignMessages', variables: { payload_ids: ['payload'] } },
  ]);
  expect(await next.stop()).toMatchObject({ code: 0 });
});

/** Milliseconds; longer than a start takes. */
const BUG_AFTER = 8_000;

describe('an end', () => {
  test('asked for while the endpoint hangs comes within 10 s, and the next start delivers', async () => {
    const home = await newHome('hang');
    home.endpoint.behave({ kind: 'hang' });
    const daemon = await home.start();
    for (const index of [0n, 1n, 2n]) await daemon.deliver(point(FIRST - index));
    await until(() => home.endpoint.received.length === 3);
    const { code, milliseconds } = await daemon.stop();
    expect(code).toBe(0);
    expect(milliseconds).toBeLessThan(10_000);
    expect(daemon.output()).toContain('"msg":"stopped"');

    home.endpoint.behave({ kind: 'serve' });
    const next = await home.start();
    await until(() => home.endpoint.applied.length === 3);
    expect(home.endpoint.contradictions).toEqual([]);
    expect(await next.stop()).toMatchObject({ code: 0 });
  });

  test('while bodies are still coming in, and the endpoint hangs, waits for nobody', async () => {
    const home = await newHome('slow-sender');
    home.endpoint.behave({ kind: 'hang' });
    const daemon = await home.start();
    const { webhook, api } = daemon.origins;
    await daemon.deliver(point(FIRST));
    await until(() => home.endpoint.received.length === 1);
    const begun = ['Host: localhost', 'Content-Length: 1000'];
    const json = [...begun, 'Content-Type: application/json', `Authorization: ${daemon.token()}`];
    const slow = [
      rawExchange(webhook, [head('POST /webhooks/lightspark', begun), '{']),
      rawExchange(api, [head('POST /admin/v1/policy/reload', json), '{']),
    ];
    await sleep(200);
    const { code, milliseconds } = await daemon.stop();
    expect(code).toBe(0);
    expect(milliseconds).toBeLessThan(10_000);
    await Promise.all(slow);
  });

  test('because of a bug is an orderly one, and no success to who would start it anew', async () => {
    const home = await newHome('bug');
    const bug = `setTimeout(() => Promise.reject(new Error('bug')), ${String(BUG_AFTER)})`;
    const daemon = await home.start({
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(bug)}`,
    });
    expect(await daemon.ended).toEqual({ code: 1, signal: null });
    expect(daemon.output()).toContain('"msg":"stopped"');
  });

  test('by SIGKILL loses nothing that was acknowledged', async () => {
    const home = await newHome('kill');
    home.endpoint.behave({ kind: 'hang' });
    const daemon = await home.start();
    const { status, job } = await daemon.deliver(release(FIRST));
    expect(status).toBe(204);
    daemon.send('SIGKILL');
    expect(await daemon.ended).toEqual({ code: null, signal: 'SIGKILL' });

    home.endpoint.behave({ kind: 'serve' });
    const next = await home.start();
    await until(() => home.endpoint.applied.length === 1);
    expect(await next.outcomeOf(job)).toMatchObject({ outcome: 'signed' });
    expect(await next.stop()).toMatchObject({ code: 0 });
  });
});

test('a frozen key signs nothing, also after a restart; unfreezing it takes up what was withheld', async () => {
  const home = await newHome('frozen');
  const daemon = await home.start();
  expect(await daemon.post('/admin/v1/keys/lightspark/main/freeze')).toMatchObject({ status: 200 });
  const { job } = await daemon.deliver(ecdh());
  expect(await daemon.outcomeOf(job)).toMatchObject({
    outcome: 'withheld',
    reason: { code: 'sign.frozen' },
  });
  expect(await daemon.stop()).toMatchObject({ code: 0 });

  const next = await home.start();
  const { job: another } = await next.deliver(ecdh());
  expect(await next.outcomeOf(another)).toMatchObject({ outcome: 'withheld' });
  expect(home.endpoint.received).toEqual([]);
  await next.post('/admin/v1/keys/lightspark/main/unfreeze');
  await until(() => home.endpoint.applied.length === 2);
  expect(await next.outcomeOf(job)).toMatchObject({ outcome: 'signed' });
  expect(await next.stop()).toMatchObject({ code: 0 });
});

test('what was withheld is taken up when a command unfreezes its key', async () => {
  const home = await newHome('unfrozen');
  const daemon = await home.start();
  const keys = (...args: readonly string[]) => home.run(['keys', ...args, 'lightspark/main']);
  expect(await keys('freeze')).toMatchObject({ code: 0 });
  const { job } = await daemon.deliver(ecdh());
  expect(await daemon.outcomeOf(job)).toMatchObject({ outcome: 'withheld' });
  // The daemon looks now and then whether a key was frozen, and then whether it still is.
  await sleep(3_000);
  expect(await keys('unfreeze')).toMatchObject({ code: 0 });
  await until(() => home.endpoint.applied.length === 1);
  expect(await daemon.stop()).toMatchObject({ code: 0 });
});

test('secrets that waited for a baseline are released with it, whichever came first', async () => {
  const home = await newHome('rebaseline');
  const daemon = await home.start();
  await daemon.deliver(point(FIRST));
  await daemon.deliver(release(FIRST));
  await until(() => home.endpoint.applied.length === 2);
  const gap = [FIRST - 5n, FIRST - 6n, FIRST - 7n];
  for (const index of gap) {
    const { job } = await daemon.deliver(release(index));
    expect(await daemon.outcomeOf(job)).toMatchObject({ reason: { code: 'ratchet_gap' } });
  }
  const baseline = { channel: 'm/3/7', index: FIRST - 5n };
  const told = await daemon.post('/admin/v1/worlds/lightspark/rebaseline', baseline);
  expect(told).toMatchObject({ status: 200 });
  await until(() => home.endpoint.applied.length === 2 + gap.length);
  expect(await daemon.stop()).toMatchObject({ code: 0 });
});

test('an older database put back is noticed, alarmed, and its baselines are taken anew', async () => {
  const home = await newHome('restored');
  const older = join(home.directory, 'older');
  const first = await home.start();
  await first.deliver(point(FIRST));
  await first.deliver(release(FIRST));
  await until(() => home.endpoint.applied.length === 2);
  await first.stop();
  cpSync(home.dataDir, older, { recursive: true });

  const second = await home.start();
  expect(second.output()).not.toContain('store.restored');
  await second.deliver(release(FIRST - 1n));
  await until(() => home.endpoint.applied.length === 3);
  await second.stop();

  rmSync(home.dataDir, { recursive: true });
  cpSync(older, home.dataDir, { recursive: true });
  const third = await home.start();
  expect(third.output()).toContain('"alarm":"store.restored"');
  const { job } = await third.deliver(release(FIRST - 2n));
  expect(await third.outcomeOf(job)).toMatchObject({ outcome: 'signed' });
  await until(() => third.output().includes('rebaselined_after_restore'));
  await third.stop();
  expect(generationOf(home)).toBe(1n);
  expect(home.endpoint.contradictions).toEqual([]);
});

function generationOf({ dataDir }: Home): unknown {
  const database = openForReading(join(dataDir, 'countersign.sqlite'));
  try {
    return database.prepare('SELECT generation FROM meta').get()?.['generation'];
  } finally {
    database.close();
  }
}

/**
 * Secrets that occur nowhere by chance are put wherever the daemon takes secrets; it works with them
 * under good and bad circumstances; then everything it wrote and said is searched for them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, expect, jest, test } from '@jest/globals';

import { createLightningKeys, nobleCurve } from '../signers/lightning/index.ts';
import { createImportedPreimages } from '../src/adapters/keys/imported-preimages.ts';
import { createKeyStorage } from '../src/adapters/keys/key-storage.ts';
import { utf8 } from '../src/base/bytes.ts';
import { fromHex, toHex } from '../src/base/hex.ts';
import type { JsonObject } from '../src/base/json.ts';
import { Secret } from '../src/base/secret.ts';
import { KEY_IDS, keyKinds } from '../src/compose/key-kinds.ts';
import {
  type Home,
  makeHome,
  type RunningDaemon,
  type Told,
  until,
} from './support/daemon-home.ts';
import { hex } from './support/hex.ts';
import { cheapCost } from './support/key-kinds.ts';
import {
  canariesIn,
  type Canary,
  canaryOf,
  searchDirectory,
  textCanaryOf,
} from './support/secret-search.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

jest.setTimeout(120_000);

/** Bytes that nothing else has. */
function bytes(start: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (start + 37 * index + index * index) % 256);
}

const FIRST = 2n ** 48n - 1n;
const PEER = hex('0250929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0');
const CHANNEL = 'm/3/7';
const seed = bytes(11, 64);
const testSeed = bytes(160, 32);
const preimage = bytes(201, 32);
const password = 'canary-password-of-the-key-files';
const webhookSecret = 'canary-webhook-secret-0123456789';
const clientSecret = 'canary-client-secret-0123456789';

const keys = createLightningKeys(new Secret(seed.slice()), nobleCurve);
const nonce = keys.invoiceNonce('Invoice:made-here');

/** What leaves in an answer may stand in that answer alone. */
const answers: readonly Canary[] = [
  canaryOf('a shared secret', keys.sharedSecret(fromHex(PEER))),
  canaryOf('a per-commitment secret', keys.perCommitmentSecret(CHANNEL, FIRST)),
  canaryOf('a preimage', keys.preimage(nonce)),
  canaryOf('an imported preimage', preimage),
];
const canaries: readonly Canary[] = [
  ...answers,
  canaryOf('the seed', seed),
  canaryOf('the test seed', testSeed),
  textCanaryOf('the password', password),
  textCanaryOf('the webhook secret', webhookSecret),
  textCanaryOf('the API secret', clientSecret),
];

const root = temporaryDirectory();
const passwordFile = join(root, 'password.secret');
const homes: Home[] = [];
afterAll(() => Promise.all(homes.map((home) => home.close())));

let events = 0;
function event(name: string, fields: JsonObject, network = 'MAINNET'): JsonObject {
  events += 1;
  return {
    event_type: 'REMOTE_SIGNING',
    event_id: `canary-test-${String(events)}`,
    timestamp: '2026-01-01T00:00:00Z',
    entity_id: 'Channel:canary',
    data: { sub_event_type: name, bitcoin_network: network, ...fields },
  };
}

const index = { derivation_path: CHANNEL, per_commitment_point_idx: FIRST };
const blind = { derivation_path: 'm/3/7/0', message: '5c'.repeat(32), is_raw: true };
const good: readonly JsonObject[] = [
  event('GET_PER_COMMITMENT_POINT', index),
  event('RELEASE_PER_COMMITMENT_SECRET', index),
  event('ECDH', { peer_public_key: PEER }),
  event('SIGN_INVOICE', { invoice_id: 'Invoice:signed', payreq_hash: '3a'.repeat(32) }),
  event('REQUEST_INVOICE_PAYMENT_HASH', { invoice_id: 'Invoice:made-here' }),
  event('RELEASE_PAYMENT_PREIMAGE', {
    invoice_id: 'Invoice:made-here',
    preimage_nonce: toHex(nonce),
  }),
  event('RELEASE_PAYMENT_PREIMAGE', { invoice_id: 'Invoice:imported', preimage_nonce: null }),
  event('DERIVE_KEY_AND_SIGN', { signing_jobs: [{ id: 'test', ...blind }] }, 'REGTEST'),
];
const bad: readonly (JsonObject | string)[] = [
  event('DERIVE_KEY_AND_SIGN', { signing_jobs: [{ id: 'blind', ...blind }] }),
  event('RELEASE_PER_COMMITMENT_SECRET', { ...index, per_commitment_point_idx: 5n }),
  event('RELEASE_PAYMENT_PREIMAGE', {
    invoice_id: 'Invoice:made-here',
    preimage_nonce: '00'.repeat(32),
  }),
  event('ECDH', { peer_public_key: 'no key' }),
  '{"event_type":',
];

async function newHome(): Promise<Home> {
  const home = await makeHome(join(root, 'home'), {
    seedHex: '',
    testSeedHex: toHex(testSeed),
    webhookSecret,
    clientSecret,
  });
  homes.push(home);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  const directory = join(home.dataDir, 'keys');
  const alarm = (): void => undefined;
  const storage = createKeyStorage(
    { directory, environment: [], cost: cheapCost },
    { kinds: keyKinds, alarm },
  );
  const added = await storage.add(
    { id: KEY_IDS.main, kind: 'lightning-seed', secret: new Secret(seed.slice()) },
    new Secret(utf8(password)),
  );
  if (!added.ok) throw new Error(added.error.message);
  const sealed = keys.sealPreimage('Invoice:imported', preimage);
  const imported = createImportedPreimages({ directory: join(directory, 'preimages') }, { alarm });
  expect(imported.add('Invoice:imported', sealed)).toEqual({ ok: true, value: undefined });
  return home;
}

test('the search finds each spelling of each secret, wherever it begins', () => {
  for (const canary of canaries) {
    for (const spelling of canary.spellings) {
      expect(canariesIn(`.. ${spelling} ..`, [canary])).toEqual([canary.name]);
    }
  }
  for (const before of ['', 'a', 'ab', 'canary:']) {
    const basic = btoa(`${before}${clientSecret}`);
    expect(canariesIn(basic, canaries)).toEqual(['the API secret']);
  }
});

test('no secret stands in any file, log line, metric or answer of the api', async () => {
  const home = await newHome();
  const changes = { KEYS_PASSWORD_FILE: passwordFile, LOG_LEVEL: 'trace' };
  const heard: string[] = [];
  const daemon = await home.start(changes);

  // An endpoint that repeats to us, in its errors, whatever we sent.
  home.endpoint.behave(({ text }) => ({ kind: 'error', message: text, data: 'null' }));
  const told = await Promise.all([...good, ...bad].map((each) => daemon.deliver(each)));
  await until(() => home.endpoint.received.length >= good.length);
  home.endpoint.behave(({ text }) => ({ kind: 'status', status: 400, body: text }));
  await until(() => home.endpoint.received.length >= 2 * good.length);
  heard.push(...(await everythingToldBy(daemon, told)));
  // The database and its log, while both are in use, and after a death that nobody saw coming.
  expect(searchDirectory(root, canaries, /password\.secret$/)).toEqual([]);
  daemon.send('SIGKILL');
  await daemon.ended;
  expect(searchDirectory(root, canaries, /password\.secret$/)).toEqual([]);

  home.endpoint.behave({ kind: 'serve' });
  const next = await home.start(changes);
  await until(() => home.endpoint.applied.length >= good.length);
  heard.push(...(await everythingToldBy(next, told)));
  expect(await next.stop()).toMatchObject({ code: 0 });
  expect(searchDirectory(root, canaries, /password\.secret$/)).toEqual([]);

  heard.push(daemon.output(), next.output());
  for (const text of heard) expect(canariesIn(text, canaries)).toEqual([]);
  const token = readFileSync(join(home.dataDir, 'api-token'), 'utf8').trim();
  for (const text of heard) expect(text).not.toContain(token);

  // The secrets were really at work, and left where they were to.
  const sent = home.endpoint.received.map(({ text }) => text).join('\n');
  expect(canariesIn(sent, canaries)).toEqual(answers.map(({ name }) => name));
});

/** Every route an operator has, and what was refused there. */
async function everythingToldBy(
  daemon: RunningDaemon,
  told: readonly Told[],
): Promise<readonly string[]> {
  const jobs = [...new Set(told.map(({ job }) => job))].filter((job) => job !== '');
  expect(jobs).toHaveLength(good.length + bad.length);
  const answered = await Promise.all([
    ...['/metrics', '/health', '/healthcheck', '/admin/v1/keys', '/admin/v1/jobs'].map(daemon.get),
    ...jobs.map((job) => daemon.get(`/admin/v1/jobs/${job}`)),
    ...jobs.map((job) => daemon.post('/admin/v1/policy/simulate', { job })),
    ...jobs.map((job) => daemon.post(`/admin/v1/jobs/${job}/replay`)),
    daemon.post('/admin/v1/keys/lightspark/none/freeze'),
    daemon.post('/admin/v1/jobs/none/redecide'),
    daemon.post('/admin/v1/policy/reload'),
  ]);
  return [...told, ...answered].map(({ text }) => text);
}

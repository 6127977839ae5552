/** The built daemon on PostgreSQL: all three worlds, two daemons, and what goes wrong between them. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';

import { NETWORKS } from '../signers/bls12381/index.ts';
import { createLighterKernel } from '../signers/lighter/index.ts';
import { toHex } from '../src/base/hex.ts';
import { type JsonObject, stringifyJson } from '../src/base/json.ts';
import { Secret } from '../src/base/secret.ts';
import { createDuties, type Duty } from '../src/demo/duties.ts';
import {
  createThrowawayValidator,
  type ThrowawayValidator,
} from '../src/demo/throwaway-validator.ts';
import { type LighterStandIn, startLighterStandIn } from '../src/demo/lighter-stand-in.ts';
import { describeWithPostgres } from './adapters/postgres/postgres-under-test.ts';
import {
  type Home,
  makeHome,
  type RunningDaemon,
  type Told,
  until,
} from './support/daemon-home.ts';
import { hex } from './support/hex.ts';
import { restOrder } from './support/lighter-requests.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { writeSource } from './support/validator-files.ts';

jest.setTimeout(60_000);

const root = temporaryDirectory();
const secrets = {
  seedHex: '3c'.repeat(32),
  testSeedHex: 'c3'.repeat(32),
  webhookSecret: 'webhook-secret-of-the-postgres-tests',
  clientSecret: 'client-secret-of-the-postgres-tests',
};
const POLICY = `version: 1
rules:
  - { id: lightspark, on: lightspark, effect: permit }
  - { id: lighter, on: lighter, effect: permit }
  - { id: ethereum, on: ethereum, effect: permit }
`;
/** A point of the curve: BIP341's provably unspendable key, with an even Y. */
const PEER = '0250929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0';
const ROUNDS = 50n;

const [{ version: forkVersion }] = NETWORKS.minimal.forks;
const duties = createDuties({ forkVersion, genesisValidatorsRoot: hex('42'.repeat(32)) });

let events = 0;
function ecdh(): JsonObject {
  events += 1;
  return {
    event_type: 'REMOTE_SIGNING',
    event_id: `postgres-test-${String(events)}`,
    timestamp: '2026-01-01T00:00:00.000000+00:00',
    entity_id: 'Channel:postgres-test',
    data: { sub_event_type: 'ECDH', bitcoin_network: 'MAINNET', peer_public_key: PEER },
  };
}

describeWithPostgres((server) => {
  let validator: ThrowawayValidator;
  let exchange: LighterStandIn;
  let homes: readonly [Home, Home];
  let daemons: readonly [RunningDaemon, RunningDaemon];
  let changes: Readonly<Record<string, string>>;

  beforeAll(async () => {
    validator = await createThrowawayValidator();
    exchange = await startLighterStandIn();
    const keystores = join(root, 'keystores');
    writeSource(keystores, 'key.json', validator.keystore);
    writeSource(keystores, 'key.txt', validator.password);
    changes = {
      DATABASE_URL: await server().createDatabase(),
      ETH_NETWORK: 'minimal',
      ETH_KEYSTORES_DIR: keystores,
      ETH_KEYSTORES_PASSWORD_DIR: keystores,
      ETH_SIGN_WORKERS: '1',
      LIGHTER_API_HOSTS: exchange.host,
    };
    homes = [await newHome('first'), await newHome('second')];
    // One after another, since the first makes the tables.
    daemons = [await homes[0].start(changes), await homes[1].start(changes)];
    await Promise.all(daemons.map(isReady));
  });
  afterAll(async () => {
    await Promise.all(homes.map((home) => home.close()));
    await exchange[Symbol.asyncDispose]();
  });

  async function newHome(name: string): Promise<Home> {
    const home = await makeHome(join(root, name), secrets);
    rmSync(home.policyDir, { recursive: true });
    writeSource(home.policyDir, 'policy.yaml', POLICY);
    return home;
  }
  const isReady = (daemon: RunningDaemon): Promise<void> =>
    until(async () => (await daemon.get('/healthcheck')).status === 200);
  const sign = (daemon: RunningDaemon, { body }: Duty): Promise<Told> =>
    daemon.post(`/api/v1/eth2/sign/0x${validator.pubkey}`, body);
  const isSigned = ({ root: message }: Duty, { text, json }: Told): boolean => {
    const { signature = text } = json;
    return typeof signature === 'string' && validator.hasSigned(message, signature.trim());
  };

  test('serves a webhook, an order and a duty', async () => {
    const [daemon] = daemons;
    const delivered = await daemon.deliver(ecdh());
    expect(delivered.status).toBeLessThan(300);
    expect(await daemon.outcomeOf(delivered.job)).toMatchObject({ outcome: 'signed' });
    await until(() => homes[0].endpoint.applied.length === 1);

    const privateKey = createLighterKernel()
      .derivePrivateKey(new Secret(randomBytes(64)))
      .reveal(toHex);
    const client = { account_index: 123n, api_key_index: 5n };
    const made = { url: exchange.url, private_key: privateKey, chain_id: 300n };
    expect(await daemon.post('/create_client', { ...client, ...made })).toMatchObject({
      status: 200,
    });
    const order = await daemon.post('/sign_create_order', { ...client, nonce: 1n, ...restOrder });
    expect(order).toMatchObject({ status: 200, json: { nonce: 1n } });

    const vote = duties.attestation({ source: 1n, target: 2n });
    const signed = await sign(daemon, vote);
    expect([signed.status, isSigned(vote, signed)]).toEqual([200, true]);
  });

  test('signs one of conflicting attestations, whichever daemon is asked', async () => {
    for (let round = 0n; round < ROUNDS; round += 1n) {
      const target = 10n + round;
      const votes = daemons.map(() => duties.attestation({ source: target - 1n, target }));
      const told = await Promise.all(
        votes.map(async (vote, index) => {
          const daemon = daemons[index];
          if (daemon === undefined) throw new Error('two daemons, two votes');
          const answer = await sign(daemon, vote);
          return answer.status === 200 && isSigned(vote, answer) ? 'signed' : answer.status;
        }),
      );
      expect(told.toSorted()).toEqual([412, 'signed']);
    }
  });

  test('says 503 while the database is away, and recovers by itself', async () => {
    const [daemon] = daemons;
    await server().stop('immediate');
    const during = duties.attestation({ source: 999n, target: 1_000n });
    expect((await sign(daemon, during)).status).toBe(503);
    await until(async () => (await daemon.get('/healthcheck')).status === 503);
    await server().start();
    await Promise.all(daemons.map(isReady));
    const after = duties.attestation({ source: 1_000n, target: 1_001n });
    const signed = await sign(daemon, after);
    expect([signed.status, isSigned(after, signed)]).toEqual([200, true]);
  });

  test('takes over what a daemon left behind that was killed', async () => {
    const [first] = daemons;
    homes[0].endpoint.behave({ kind: 'status', status: 503 });
    const delivered = await first.deliver(ecdh());
    expect(delivered.status).toBeLessThan(300);
    await until(() => homes[0].endpoint.received.length > 1);
    first.send('SIGKILL');
    await first.ended;
    // As if its lease had passed.
    await server().sql(
      new URL(changes['DATABASE_URL']?.replace('@/', '@host/') ?? '').pathname.slice(1),
      `UPDATE daemons SET lease_until = now(); SELECT pg_notify('daemons', '')`,
    );
    await until(() => homes[1].endpoint.applied.length > 0);
    expect(homes[1].endpoint.applied.map(({ operation }) => operation)).toEqual([
      'UpdateNodeSharedSecret',
    ]);
    expect(stringifyJson((await daemons[1].outcomeOf(delivered.job))['outcome'] ?? null)).toBe(
      '"signed"',
    );
  });
});

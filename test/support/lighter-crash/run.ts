/** One daemon that dies again and again while traders ask it to sign, and the verdict on its life. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { base64 } from '@scure/base';

import { createLighterKernel } from '../../../signers/lighter/index.ts';
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  stringifyJson,
} from '../../../src/base/json.ts';
import { KILL_POINTS, type KillPoint } from '../../../src/core/probe.ts';
import { createLives, type Ending } from '../../torture/lives.ts';
import type { Chance } from '../../torture/random.ts';
import { BY_CHANCE, type Tallies } from '../../torture/tally.ts';
import { startCallbackReceiver } from '../callback-receiver.ts';
import { keyVector } from '../lighter-vectors.ts';
import { objectIn } from '../object-json.ts';
import {
  ACCOUNT,
  COUNTED_SLOT,
  createAsks,
  FIRST_NONCE,
  MIXED_SLOT,
  QUIET_SLOT,
  slotOf,
} from './asks.ts';
import { createEvents } from './events.ts';
import { judge } from './judge.ts';
import { createLedger } from './ledger.ts';
import { createOperators, type Told } from './operators.ts';
import { createTraders } from './traders.ts';

export interface CrashOptions {
  readonly program: string;
  /** Of its own; holds data, marker, policy and log. */
  readonly directory: string;
  readonly isEnough: () => boolean;
  /** How many signatures the slow reference verifies. */
  readonly sample: number;
}

/** Those that requests pass which are decided, signed and answered in line or called back. */
export const POINTS = KILL_POINTS.filter((point) =>
  /^(?:decide|deliver|writer|marker)\.|^sign\.(?:before|after)$/.test(point),
);

/** Milliseconds. */
const PATIENCE = 10_000;
const POLICY = 'version: 1\nrules:\n  - id: everything\n    on: lighter\n    effect: permit\n';
/** Key of a slot: those of the golden vectors. */
const KEYS = new Map([
  [MIXED_SLOT, keyVector(0)],
  [COUNTED_SLOT, keyVector(1)],
  [QUIET_SLOT, keyVector(2)],
]);

export async function crash(
  { program, directory, isEnough, sample }: CrashOptions,
  { chance, tallies }: { readonly chance: Chance; readonly tallies: Tallies },
): Promise<void> {
  const [dataDir, policyDir] = [join(directory, 'data'), join(directory, 'policies')];
  mkdirSync(policyDir, { recursive: true });
  writeFileSync(join(policyDir, 'policy.yaml'), POLICY);
  await using receiver = await startCallbackReceiver();
  const secrets = { webhook: webhookSecret(), callback: webhookSecret() };
  const environment = {
    LIGHTER_WEBHOOK_SECRET: secrets.webhook,
    LIGHTER_CALLBACK_SECRET: secrets.callback,
    LIGHTER_CALLBACK_URL: `http://127.0.0.1:${String(receiver.port)}/`,
    CALLBACK_ALLOW_PRIVATE: 'true',
    DATA_DIR: dataDir,
    POLICY_DIR: policyDir,
    STATE_MARKER: join(directory, 'marker.json'),
    PORT: '0',
    API_PORT: '0',
    API_RATE_LIMIT: '0',
    ETH_SIGN_WORKERS: '1',
  };
  const logPath = join(directory, 'log');
  const lives = createLives({ program, environment, logPath }, { chance, tallies });
  const kernel = createLighterKernel();
  const ledger = createLedger({ kernel, tallies, publicKeyOf: (slot) => keyOf(slot).publicKey });
  const asks = createAsks(chance.fork('asks'), Date.now);
  const events = createEvents(secrets, { lives, asks, ledger, receiver, tallies });
  const traders = createTraders({
    ...{ lives, asks, ledger, events, tallies },
    chance: chance.fork('traders'),
  });
  const operators = createOperators({
    ...{ asks, ledger, tallies },
    chance: chance.fork('operators'),
    tell: (slot, operation, body) => post(noncesOf(slot, operation), body),
  });

  await setUp();
  const traded = Promise.all([traders.trade(), operators.work()]);
  while (!isEnough() && tallies.violations.length === 0) {
    await lives.live(chance.happens(0.08) ? undefined : endingAt(leastHit(), chance));
  }
  traders.stop();
  operators.stop();
  const stop = await lives.stay();
  await traded;
  await traders.askAgain();
  await events.settle();
  const listed = await listJobs();
  await stop();
  judge(
    join(dataDir, 'countersign.sqlite'),
    { all: ledger.all(), rejected: ledger.rejected },
    listed,
    tallies,
  );
  ledger.check(sample, chance);

  /** Clients are made by REST, with the exchange's word on where their nonces are. */
  async function setUp(): Promise<void> {
    const stop = await lives.stay();
    for (const [slot, { privateKey }] of KEYS) {
      await call('/create_client', { ...slotOf(slot), private_key: privateKey });
      await call(noncesOf(slot, 'refresh'), { next_nonce: FIRST_NONCE });
    }
    await stop();
  }

  async function call(path: string, body?: JsonObject): Promise<JsonObject> {
    const { status, json } = await post(path, body);
    if (status === 200) return json;
    throw new Error(`\`${path}\` was answered ${String(status)}: ${stringifyJson(json)}`);
  }

  /** As the operator. */
  async function post(path: string, body?: JsonObject): Promise<Told> {
    const { api } = await lives.origins();
    const token = readFileSync(join(dataDir, 'api-token'), 'utf8').trim();
    const response = await fetch(`${api}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: stringifyJson(body) }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: response.status, json: objectIn(await response.text()) };
  }

  /** Outcomes by job, page after page. */
  async function listJobs(): Promise<ReadonlyMap<string, string>> {
    const outcomes = new Map<string, string>();
    for (let before = ''; ;) {
      const { jobs, next_before: next } = await call(`/admin/v1/jobs?limit=500${before}`);
      for (const shown of jobs !== undefined && isJsonArray(jobs) ? jobs : []) {
        const { job, outcome } = isJsonObject(shown) ? shown : {};
        if (typeof job === 'string' && typeof outcome === 'string') outcomes.set(job, outcome);
      }
      if (typeof next !== 'string') return outcomes;
      before = `&before=${next}`;
    }
  }

  function leastHit(): KillPoint {
    const [first, ...others] = chance.shuffled(POINTS);
    if (first === undefined) throw new Error('no kill points');
    return others.reduce(
      (least, point) => (tallies.kills.of(point) < tallies.kills.of(least) ? point : least),
      first,
    );
  }
}

export function isHitEnough({ kills }: Tallies, perPoint: number): boolean {
  return [...POINTS, BY_CHANCE].every((point) => kills.of(point) >= perPoint);
}

function noncesOf(slot: bigint, operation: string): string {
  return `/admin/v1/nonces/${String(ACCOUNT)}/${String(slot)}/${operation}`;
}

function webhookSecret(): string {
  return `whsec_${base64.encode(randomBytes(32))}`;
}

function keyOf(slot: bigint): ReturnType<typeof keyVector> {
  const key = KEYS.get(slot);
  if (key === undefined) throw new Error(`no client in slot \`${String(slot)}\``);
  return key;
}

/** Early passings are of the start, late ones of traffic. A mark is written at start and then seldom. */
function endingAt(point: KillPoint, chance: Chance): Ending {
  const [room] = point.split('.');
  const passings = room === 'marker' ? 2 : room === 'writer' ? 12 : 30;
  return { point, hit: 1 + chance.below(passings) };
}

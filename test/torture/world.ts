/** One daemon with its senders, its endpoint and its judge: a run of faults on one data directory. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import {
  createLightningKeys,
  type LightningKeys,
  loadTinyCurve,
} from '../../signers/lightning/index.ts';
import { fromHex, toHex } from '../../src/base/hex.ts';
import { Secret } from '../../src/base/secret.ts';
import { hex } from '../support/hex.ts';
import { type Canary, canaryOf, searchDirectory, textCanaryOf } from '../support/secret-search.ts';
import { type Ask, createAsks, NETWORK } from './asks.ts';
import { channelLife } from './channel-life.ts';
import { judge } from './judge.ts';
import { createLives, type Ending, type Lives, type Mode } from './lives.ts';
import { FORBIDDEN_ABOVE_SAT, nodeLife } from './node-life.ts';
import type { Chance } from './random.ts';
import { evidenceOf, isDeclinedOnRecord, isSignedOnRecord, reading } from './records.ts';
import { createSender } from './sender.ts';
import { createSightings } from './sightings.ts';
import { type Mutation, statementsOf } from './statements.ts';
import type { Tallies } from './tally.ts';
import {
  FAIR,
  startUnreliableEndpoint,
  type UnreliableEndpoint,
  type Weather,
} from './unreliable-endpoint.ts';

export interface WorldOptions {
  readonly mode: Mode;
  /** Of its own; holds data, marker, policies and log. */
  readonly directory: string;
  readonly program: string;
}

export interface World {
  /** One life of the daemon, in a weather of its own, to a violent end. */
  readonly live: (ending?: Ending) => Promise<void>;
  readonly liveToTheEnd: () => Promise<void>;
  readonly points: ReturnType<Lives['pointsOf']>;
  /** Lets everything come to its end without faults, stops the daemon, and judges. */
  readonly settle: () => Promise<void>;
}

const CHANNELS = 8;
const NODES = 6;
/** Milliseconds until everything must have arrived once nothing fails any more. */
const SETTLE_PATIENCE = 120_000;
/** Secrets of single answers that are searched for; of each there are hundreds. */
const MOST_SEARCHED = 300;
const SHIPPED_POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));
const POLICY = `version: 1
rules:
  - id: torture-no-large-payments
    on: lightspark.l1_spend
    effect: forbid
    when: fact.amount_sat > ${String(FORBIDDEN_ABOVE_SAT)}
`;

export async function createWorld(
  options: WorldOptions,
  { chance, tallies }: { readonly chance: Chance; readonly tallies: Tallies },
): Promise<World> {
  const { mode, directory } = options;
  const dataDir = join(directory, 'data');
  const database = join(dataDir, 'countersign.sqlite');
  const secrets = makeSecrets(chance.fork('secrets'));
  const keys = await keysOf(secrets.seed);
  const sightings = createSightings((sentence) => {
    tallies.violate('second effects', sentence);
  });
  const askedAbout = new Map<string, string[]>();

  /** Nothing may be seen outside before it is on record. */
  function inspect(mutation: Mutation): void {
    const isOnRecord =
      mutation.operation === 'DeclineToSignMessages' ? isDeclinedOnRecord : isSignedOnRecord;
    const proven = reading(database, (reader) =>
      statementsOf(mutation).every(({ question }) =>
        (askedAbout.get(question) ?? []).some((id) => {
          const evidence = evidenceOf(reader, id);
          return evidence !== undefined && isOnRecord(evidence);
        }),
      ),
    );
    if (proven) return;
    tallies.violate('effects off the record', `${mutation.operation} was seen before its record`);
  }

  const endpoint = await startUnreliableEndpoint(
    { clientId: CLIENT_ID, clientSecret: secrets.clientSecret },
    { chance: chance.fork('endpoint'), sightings, tallies, inspect },
  );
  const lives = createLives(
    {
      program: options.program,
      environment: prepare(options, secrets, endpoint),
      logPath: join(directory, 'daemon.log'),
    },
    { chance: chance.fork('lives'), tallies },
  );
  const asks = createAsks(mode);
  const sender = createSender(
    { mode, webhookSecret: secrets.webhook },
    { lives, asks, chance: chance.fork('sender'), sightings, tallies, inspect, onAsk: note },
  );

  let closing = false;
  async function act(story: Iterable<readonly Ask[]>): Promise<void> {
    for (const step of story) {
      if (closing) return;
      await Promise.all(step.map(sender.perform));
    }
  }

  function note({ id, questions }: Ask): void {
    for (const question of questions) {
      askedAbout.set(question, [...(askedAbout.get(question) ?? []), id]);
    }
  }

  /** One channel after the other. */
  function* channels(place: number): Generator<readonly Ask[]> {
    const deps = { asks, keys, chance: chance.fork(`channel ${String(place)}`) };
    for (let made = place; ; made += CHANNELS) {
      const name = String(made);
      yield* channelLife({ id: `Channel:${mode}-${name}`, path: `m/3/${name}` }, deps);
    }
  }

  const actors = [
    ...Array.from({ length: CHANNELS }, (_, place) => act(channels(place))),
    ...Array.from({ length: NODES }, (_, place) => {
      const name = `${mode}-${String(place)}`;
      return act(nodeLife(name, { asks, keys, chance: chance.fork(name) }));
    }),
  ];
  const acted = Promise.all(actors).catch((error: unknown) => {
    tallies.violate('troubles', `a sender broke: ${String(error)}`);
  });
  const weathers = chance.fork('weather');

  async function settle(): Promise<void> {
    closing = true;
    endpoint.weather(FAIR);
    sender.calmDown();
    const stop = await lives.stay();
    const deadline = performance.now() + SETTLE_PATIENCE;
    await Promise.race([acted, sleep(SETTLE_PATIENCE, undefined, { ref: false })]);
    if (!(await becomesQuiet(database, deadline))) {
      tallies.violate('losses', 'not everything had come to its end in time');
    }
    sender.leave();
    await stop();
    await endpoint.close();
    tallies.other.count('distinct answers', sightings.distinct());
    tallies.other.count('events acknowledged', sender.acknowledged().size);
    const trial = { mode, sent: sender.sent(), acknowledged: sender.acknowledged(), sightings };
    for (const { wrong, sentence } of reading(database, (reader) => judge(reader, trial))) {
      tallies.violate(wrong, sentence);
    }
    const complaints = endpoint.complaints().map((complaint) => `the endpoint: ${complaint}`);
    tallies.violate('wrong answers', ...complaints);
    tallies.violate('leaks', ...searchDirectory(directory, canaries()));
  }

  function canaries(): readonly Canary[] {
    const ofAnswers = chance.shuffled(sightings.secrets()).slice(0, MOST_SEARCHED);
    return [
      ...secrets.canaries,
      ...ofAnswers.map((secret) => canaryOf('the secret of an answer', fromHex(hex(secret)))),
    ];
  }

  return Object.freeze({
    async live(ending?: Ending): Promise<void> {
      endpoint.weather(weatherOf(weathers));
      await lives.live(ending);
    },
    async liveToTheEnd(): Promise<void> {
      endpoint.weather(weatherOf(weathers));
      await lives.liveToTheEnd();
    },
    points: lives.pointsOf(mode),
    settle,
  });
}

/** Mostly bad, seldom hopeless. */
function weatherOf(chance: Chance): Weather {
  return {
    failing: chance.oneOf([0.3, 0.6, 0.9]),
    forgetful: chance.happens(0.05),
    outage: chance.happens(0.1) ? 1_000 + chance.below(2_000) : 0,
  };
}

/** Whether no job is unfinished and no answer is pending, or will be before the deadline. */
async function becomesQuiet(database: string, deadline: number): Promise<boolean> {
  for (;;) {
    const { unfinished, outboxPending } = reading(database, (reader) => reader.counts());
    if (unfinished === 0 && outboxPending === 0) return true;
    if (performance.now() > deadline) return false;
    await sleep(100);
  }
}

// --- Surroundings ------------------------------------------------------------------------------

interface Secrets {
  readonly seed: Uint8Array;
  readonly testSeed: Uint8Array;
  readonly webhook: string;
  readonly clientSecret: string;
  readonly canaries: readonly Canary[];
}

const CLIENT_ID = 'torture';

function makeSecrets(chance: Chance): Secrets {
  const bytes = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => chance.below(256));
  const [seed, testSeed] = [bytes(64), bytes(32)];
  const [webhook, clientSecret] = [toHex(bytes(32)), toHex(bytes(32))];
  return {
    ...{ seed, testSeed, webhook, clientSecret },
    canaries: [
      canaryOf('the master seed', seed),
      canaryOf('the test seed', testSeed),
      textCanaryOf('the webhook secret', webhook),
      textCanaryOf('the API secret', clientSecret),
    ],
  };
}

async function keysOf(seed: Uint8Array): Promise<LightningKeys> {
  const curve = await loadTinyCurve();
  return createLightningKeys(new Secret(seed.slice()), curve);
}

/** Makes the directory what the daemon expects; returns its environment. */
function prepare(
  { mode, directory }: WorldOptions,
  secrets: Secrets,
  endpoint: UnreliableEndpoint,
): Readonly<Record<string, string>> {
  const policies = join(directory, 'policies');
  mkdirSync(directory, { recursive: true });
  cpSync(SHIPPED_POLICIES, policies, { recursive: true });
  writeFileSync(join(policies, 'torture.yaml'), POLICY);
  return {
    DATA_DIR: join(directory, 'data'),
    POLICY_DIR: policies,
    STATE_MARKER: join(directory, 'marker.json'),
    LOG_LEVEL: 'trace',
    PORT: '0',
    API_PORT: '0',
    LIGHTSPARK_WEBHOOK_SECRET: secrets.webhook,
    LIGHTSPARK_MASTER_SEED_HEX: toHex(secrets.seed),
    LIGHTSPARK_TEST_SEED_HEX: toHex(secrets.testSeed),
    LIGHTSPARK_NETWORK: NETWORK,
    LIGHTSPARK_API_TOKEN_CLIENT_ID: CLIENT_ID,
    LIGHTSPARK_API_TOKEN_CLIENT_SECRET: secrets.clientSecret,
    LIGHTSPARK_GRAPHQL_URL: endpoint.url,
    LIGHTSPARK_RESPOND_DIRECTLY: String(mode === 'inline'),
  };
}

/** Everything a daemon needs to live: a directory, secrets, policies and an endpoint; and its callers. */
import { createHmac } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../src/base/json.ts';
import { type GraphqlStandIn, startGraphqlStandIn } from '../../src/demo/graphql-stand-in.ts';
import { type DaemonProcess, type Ended, launchDaemon, type Origins } from './daemon-process.ts';

/** Distinct in every part, so that none is found by chance. */
export interface HomeSecrets {
  readonly seedHex: string;
  readonly testSeedHex: string;
  readonly webhookSecret: string;
  readonly clientSecret: string;
}

export interface Home {
  readonly directory: string;
  readonly dataDir: string;
  readonly policyDir: string;
  readonly endpoint: GraphqlStandIn;
  readonly environment: Readonly<Record<string, string>>;
  /** Starts the built daemon and waits until it listens; `undefined` unsets a variable. */
  readonly start: (changes?: Changes, args?: readonly string[]) => Promise<RunningDaemon>;
  /** Runs it where it is expected to end by itself. */
  readonly run: (args: readonly string[], changes?: Changes) => Promise<Ended & { output: string }>;
  /** Kills what still runs, and closes the endpoint. */
  readonly close: () => Promise<void>;
}

type Changes = Readonly<Record<string, string | undefined>>;

export interface RunningDaemon extends DaemonProcess {
  readonly origins: Origins;
  /** Signs and delivers a webhook; an object is an event. */
  readonly deliver: (event: JsonObject | string) => Promise<Told>;
  readonly get: (path: string) => Promise<Told>;
  readonly post: (path: string, body?: JsonObject) => Promise<Told>;
  /** A job as the admin api shows it, once it has an outcome. */
  readonly outcomeOf: (job: string) => Promise<JsonObject>;
  readonly stop: () => Promise<Ended & { readonly milliseconds: number }>;
  /** What the operator writes into the header `Authorization`. */
  readonly token: () => string;
}

export interface Told {
  readonly status: number;
  readonly text: string;
  readonly json: JsonObject;
  readonly job: string;
}

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const SHIPPED_POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));
const PATIENCE = 20_000;

export async function makeHome(directory: string, secrets: HomeSecrets): Promise<Home> {
  const [dataDir, policyDir] = [join(directory, 'data'), join(directory, 'policies')];
  mkdirSync(directory, { recursive: true });
  cpSync(SHIPPED_POLICIES, policyDir, { recursive: true });
  const credentials = { clientId: 'client', clientSecret: secrets.clientSecret };
  const endpoint = await startGraphqlStandIn(credentials);
  const environment = {
    DATA_DIR: dataDir,
    POLICY_DIR: policyDir,
    STATE_MARKER: join(directory, 'marker.json'),
    PORT: '0',
    API_PORT: '0',
    LIGHTSPARK_WEBHOOK_SECRET: secrets.webhookSecret,
    LIGHTSPARK_MASTER_SEED_HEX: secrets.seedHex,
    LIGHTSPARK_TEST_SEED_HEX: secrets.testSeedHex,
    LIGHTSPARK_API_TOKEN_CLIENT_ID: credentials.clientId,
    LIGHTSPARK_API_TOKEN_CLIENT_SECRET: credentials.clientSecret,
    LIGHTSPARK_GRAPHQL_URL: endpoint.url.href,
  };
  const running = new Set<DaemonProcess>();

  function launch(args: readonly string[], changes: Changes): DaemonProcess {
    const all: Changes = { ...environment, ...changes };
    const set = Object.entries(all).flatMap(([name, value]): readonly [string, string][] =>
      value === undefined ? [] : [[name, value]],
    );
    const daemon = launchDaemon({
      program: MAIN,
      args,
      directory,
      environment: Object.fromEntries(set),
    });
    running.add(daemon);
    void daemon.ended.then(() => running.delete(daemon));
    return daemon;
  }

  async function start(
    changes: Changes = {},
    args: readonly string[] = [],
  ): Promise<RunningDaemon> {
    const daemon = launch(args, changes);
    const origins = await daemon.listening;
    if (origins === undefined) throw new Error(`the daemon did not start:\n${daemon.output()}`);

    async function call(url: string, init: RequestInit): Promise<Told> {
      const response = await fetch(url, init);
      const text = await response.text();
      const parsed = parseJson(text);
      return {
        status: response.status,
        text,
        json: parsed.ok && isJsonObject(parsed.value) ? parsed.value : {},
        job: response.headers.get('countersign-job') ?? '',
      };
    }
    const tokenFile = join(dataDir, 'api-token');
    const token = (): string =>
      `Bearer ${existsSync(tokenFile) ? readFileSync(tokenFile, 'utf8').trim() : ''}`;
    const authorized = (): Record<string, string> => ({
      authorization: token(),
      'content-type': 'application/json',
    });
    const get = (path: string): Promise<Told> =>
      call(`${origins.api}${path}`, { headers: authorized() });

    return Object.freeze({
      ...daemon,
      origins,
      token,
      deliver(event: JsonObject | string) {
        const body = typeof event === 'string' ? event : stringifyJson(event);
        return call(`${origins.webhook}/webhooks/lightspark`, {
          method: 'POST',
          body,
          headers: { 'lightspark-signature': signatureOf(body, secrets.webhookSecret) },
        });
      },
      get,
      post: (path: string, body: JsonObject = {}) =>
        call(`${origins.api}${path}`, {
          method: 'POST',
          headers: authorized(),
          body: stringifyJson(body),
        }),
      async outcomeOf(job: string) {
        let shown: JsonObject = {};
        await until(async () => {
          shown = (await get(`/admin/v1/jobs/${encodeURIComponent(job)}`)).json;
          return typeof shown['outcome'] === 'string';
        });
        return shown;
      },
      async stop() {
        const startedAt = performance.now();
        daemon.send('SIGTERM');
        const ended = await daemon.ended;
        return { ...ended, milliseconds: performance.now() - startedAt };
      },
    });
  }

  return Object.freeze({
    ...{ directory, dataDir, policyDir, endpoint, environment, start },
    async run(args: readonly string[], changes: Changes = {}) {
      const daemon = launch(args, changes);
      const ended = await daemon.ended;
      return { ...ended, output: daemon.output() };
    },
    async close() {
      for (const daemon of running) daemon.send('SIGKILL');
      await Promise.all([...running].map(({ ended }) => ended));
      await endpoint.close();
    },
  });
}

export function signatureOf(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Throws when patience ends first. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('what was waited for did not happen in time');
    await sleep(20);
  }
}

/** The three signers that are given the same webhooks, and the endpoint that all of them answer to. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Hex } from '../../src/base/hex.ts';
import { BUILD } from '../scratch.ts';
import { type Child, compiledChild, freePort, ready, startChild } from './child.ts';

export interface Account {
  readonly seed: Hex;
  readonly webhookSecret: string;
}

export interface StandIn {
  readonly environment: Readonly<Record<string, string>>;
  /** Waits for this many mutations since the last `forget`; throws if any was in error or no signature. */
  readonly applied: (count: number) => Promise<void>;
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}

export interface Signer {
  readonly name: string;
  /** Where webhooks go. */
  readonly origin: string;
  readonly child: Child;
  /** From spawning the process to its first answer that says it is ready. */
  readonly startMilliseconds: number;
}

/** Our own. */
export interface Daemon extends Signer {
  /** Where its api answers. */
  readonly api: string;
}

/** The path at which all of them listen. */
export const WEBHOOK_PATH = '/lightspark-webhook';

const POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));

export async function startStandIn(directory: string): Promise<StandIn> {
  const port = await freePort();
  const credentials = {
    LIGHTSPARK_API_TOKEN_CLIENT_ID: 'bench',
    LIGHTSPARK_API_TOKEN_CLIENT_SECRET: 'bench-secret',
  };
  const child = startChild({
    file: compiledChild('stand-in'),
    environment: { ...credentials, PORT: String(port) },
    directory: place(directory, 'stand-in'),
  });
  await child.heard();
  return {
    environment: {
      ...credentials,
      LIGHTSPARK_GRAPHQL_URL: `http://127.0.0.1:${String(port)}/graphql/server/2023-09-13`,
    },
    async applied(count) {
      child.tell(count);
      const answer = await child.heard();
      const expected = { applied: count, troubles: [] };
      if (JSON.stringify(answer) !== JSON.stringify(expected)) {
        throw new Error(`the stand-in saw something else: ${JSON.stringify(answer)}`);
      }
    },
    forget() {
      child.tell('forget');
    },
    stop: child.stop,
  };
}

export async function startOfficial(
  directory: string,
  environment: Readonly<Record<string, string>>,
): Promise<Signer> {
  const port = String(await freePort());
  const start = performance.now();
  const child = startChild({
    file: compiledChild('official-server'),
    environment: { ...environment, PORT: port },
    directory: place(directory, 'official'),
  });
  const origin = `http://127.0.0.1:${port}`;
  await ready(`${origin}/ping`);
  const startMilliseconds = performance.now() - start;
  return { name: 'official', origin, child, startMilliseconds };
}

/** The built daemon with the shipped policy and a database of its own. */
export async function startDaemon(
  name: 'noble' | 'accelerator',
  directory: string,
  environment: Readonly<Record<string, string>>,
): Promise<Daemon> {
  const [port, apiPort] = [String(await freePort()), String(await freePort())];
  const home = place(directory, name);
  cpSync(POLICIES, join(home, 'policies'), { recursive: true });
  const start = performance.now();
  const child = startChild({
    file: name === 'noble' ? compiledChild('noble-daemon') : join(BUILD, 'src', 'main.js'),
    environment: { ...environment, PORT: port, API_PORT: apiPort },
    directory: home,
  });
  const api = `http://127.0.0.1:${apiPort}`;
  await ready(`${api}/healthcheck`);
  const startMilliseconds = performance.now() - start;
  return { name, origin: `http://127.0.0.1:${port}`, api, child, startMilliseconds };
}

function place(directory: string, name: string): string {
  const home = join(directory, name);
  mkdirSync(home, { recursive: true });
  return home;
}

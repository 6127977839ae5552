/** The real daemon, as a child process in a directory of its own, and the ways to talk to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../base/json.ts';
import { listIn, textIn } from './json-fields.ts';

export interface DaemonOptions {
  /** For data, keys and policies; the daemon reads and writes nowhere else. */
  readonly directory: string;
  /** Its whole environment besides addresses and directories: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
}

export type Acknowledged = Pick<Called, 'status' | 'job'>;

/** A call of the api listener. */
export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** With the operator's token. */
  readonly asOperator?: true;
}

export interface Called {
  readonly status: number;
  readonly reply: JsonObject;
  /** Absent where nothing was claimed, or the reply does not say. */
  readonly job?: string;
}

export interface Daemon {
  readonly post: (
    path: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ) => Promise<Acknowledged>;
  readonly call: (call: Call) => Promise<Called>;
  /** A job as the admin API shows it. */
  readonly job: (job: string) => Promise<JsonObject>;
  /** Id of the youngest job. */
  readonly youngestJob: () => Promise<string>;
  /** Ends it as a service manager would; resolves to its exit code. */
  readonly stop: () => Promise<number>;
  /** Everything it logged. */
  readonly log: () => string;
}

const START_PATIENCE = 15_000;
const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/** Starts the built daemon and waits until it says that it is ready. */
export async function startDaemon({ directory, environment }: DaemonOptions): Promise<Daemon> {
  const [webhookPort, apiPort] = [await freePort(), await freePort()];
  const tokenFile = join(directory, 'api-token');
  const child = spawn(process.execPath, [MAIN], {
    cwd: directory,
    env: {
      ...environment,
      PORT: String(webhookPort),
      API_PORT: String(apiPort),
      DATA_DIR: join(directory, 'data'),
      POLICY_DIR: join(directory, 'policies'),
      API_TOKEN_FILE: tokenFile,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const exited = exitOf(child);
  const api = `http://127.0.0.1:${String(apiPort)}`;
  try {
    await ready(api, exited, () => log);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }

  async function exchange(url: string, init: RequestInit): Promise<Called> {
    const response = await fetch(url, init);
    const shown = parseJson(new Uint8Array(await response.arrayBuffer()));
    const job = response.headers.get('countersign-job');
    return {
      status: response.status,
      reply: shown.ok && isJsonObject(shown.value) ? shown.value : {},
      ...(job !== null && { job }),
    };
  }

  function call({ method, path, body, headers, asOperator }: Call): Promise<Called> {
    return exchange(`${api}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(asOperator && { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` }),
        ...headers,
      },
      ...(body !== undefined && { body: stringifyJson(body) }),
    });
  }

  async function ask(path: string): Promise<JsonObject> {
    const { status, reply } = await call({ method: 'GET', path, asOperator: true });
    if (status !== 200) throw new Error(`the admin API answered ${String(status)} to \`${path}\``);
    return reply;
  }

  return Object.freeze({
    post: (path: string, body: string, headers: Readonly<Record<string, string>>) =>
      exchange(`http://127.0.0.1:${String(webhookPort)}${path}`, { method: 'POST', body, headers }),
    call,
    job: (job: string) => ask(`/admin/v1/jobs/${encodeURIComponent(job)}`),
    async youngestJob() {
      const [youngest] = listIn(await ask('/admin/v1/jobs?limit=1'), 'jobs');
      return isJsonObject(youngest) ? textIn(youngest, 'job') : '';
    },
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
    log: () => log,
  });
}

/** Exit code; 128 where a signal ended the process. */
function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 128);
    });
  });
}

async function ready(api: string, exited: Promise<number>, log: () => string): Promise<void> {
  const dead = exited.then((code) => {
    throw new Error(`the daemon ended with code ${String(code)} instead of starting:\n${log()}`);
  });
  const deadline = Date.now() + START_PATIENCE;
  while (Date.now() < deadline) {
    const response = await Promise.race([dead, fetch(`${api}/healthcheck`).catch(() => undefined)]);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    await Promise.race([dead, sleep(25)]);
  }
  throw new Error(`the daemon was not ready within ${String(START_PATIENCE)} ms:\n${log()}`);
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

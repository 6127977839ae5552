/** The real daemon, as a child process in a directory of its own, and the ways to talk to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { isJsonObject, type JsonObject, parseJson } from '../base/json.ts';

export interface DaemonOptions {
  /** For data, keys and policies; the daemon reads and writes nowhere else. */
  readonly directory: string;
  /** Its whole environment besides addresses and directories: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Acknowledged {
  readonly status: number;
  /** Absent where nothing was claimed. */
  readonly job?: string;
}

export interface Daemon {
  readonly post: (
    path: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ) => Promise<Acknowledged>;
  /** A job as the admin API shows it. */
  readonly job: (job: string) => Promise<JsonObject>;
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

  return Object.freeze({
    async post(path: string, body: string, headers: Readonly<Record<string, string>>) {
      const response = await fetch(`http://127.0.0.1:${String(webhookPort)}${path}`, {
        method: 'POST',
        body,
        headers,
      });
      await response.arrayBuffer();
      const job = response.headers.get('countersign-job');
      return { status: response.status, ...(job !== null && { job }) };
    },
    async job(job: string) {
      const response = await fetch(`${api}/admin/v1/jobs/${encodeURIComponent(job)}`, {
        headers: { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` },
      });
      const shown = parseJson(new Uint8Array(await response.arrayBuffer()));
      if (response.status !== 200 || !shown.ok || !isJsonObject(shown.value)) {
        throw new Error(`the admin API answered ${String(response.status)} about job ${job}`);
      }
      return shown.value;
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

/** Child processes on plain Node, as a server runs: a TypeScript loader would slow its imports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

import typescript from 'typescript';

import { BUILD } from '../scratch.ts';

export interface Usage {
  /** Of all threads, in user and system mode. */
  readonly cpuMilliseconds: number;
  readonly residentBytes: number;
}

export interface Child {
  readonly usage: () => Promise<Usage>;
  readonly tell: (message: string | number) => void;
  /** Its next message; throws, with its log, if it ends first. */
  readonly heard: () => Promise<unknown>;
  /** Asks it to end, and waits until it did. */
  readonly stop: () => Promise<void>;
}

export interface ChildOptions {
  /** Compiled file. */
  readonly file: string;
  /** Its whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Working directory; its log is written there, too. */
  readonly directory: string;
}

const PATIENCE = 30_000;
const SOURCES = fileURLToPath(new URL('../children', import.meta.url));
const COMPILED = join(BUILD, 'bench', 'children');

/** Starts a compiled file, with `report-usage.ts` loaded before it. */
export function startChild({ file, environment, directory }: ChildOptions): Child {
  const logFile = join(directory, 'log');
  const log = openSync(logFile, 'a');
  const reporter = pathToFileURL(compiledChild('report-usage')).href;
  const child = spawn(process.execPath, ['--import', reporter, file], {
    cwd: directory,
    env: environment,
    stdio: ['ignore', log, log, 'ipc'],
  });
  let stopping = false;
  const exited = exitOf(child).then(() => {
    if (!stopping) throw new Error(`${file} ended:\n${readFileSync(logFile, 'utf8')}`);
  });
  exited.catch(() => undefined);

  function heard(): Promise<unknown> {
    const message = new Promise((resolve) => child.once('message', resolve));
    return Promise.race([message, exited]);
  }

  return Object.freeze({
    heard,
    tell(message) {
      child.send(message);
    },
    async usage() {
      child.send('usage');
      return usageOf(await heard());
    },
    stop() {
      stopping = true;
      child.kill('SIGTERM');
      return exited;
    },
  } satisfies Child);
}

/** Compiles the folder `children` to where its imports of the product are imports of the build. */
export function compileChildren(): void {
  mkdirSync(COMPILED, { recursive: true });
  for (const file of readdirSync(SOURCES)) {
    const { outputText } = typescript.transpileModule(readFileSync(join(SOURCES, file), 'utf8'), {
      compilerOptions: {
        target: typescript.ScriptTarget.ES2023,
        module: typescript.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(join(COMPILED, file.replace(/\.ts$/, '.js')), outputText);
  }
}

export function compiledChild(name: string): string {
  return join(COMPILED, `${name}.js`);
}

/** Waits until a URL answers with 200. */
export async function ready(url: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (performance.now() < deadline) {
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    await sleep(5);
  }
  throw new Error(`${url} did not answer within ${String(PATIENCE)} ms`);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return address.port;
}

async function exitOf(child: ChildProcess): Promise<void> {
  await once(child, 'exit');
}

function usageOf(message: unknown): Usage {
  if (
    typeof message === 'object' &&
    message !== null &&
    'cpuMilliseconds' in message &&
    'residentBytes' in message &&
    typeof message.cpuMilliseconds === 'number' &&
    typeof message.residentBytes === 'number'
  ) {
    return { cpuMilliseconds: message.cpuMilliseconds, residentBytes: message.residentBytes };
  }
  throw new Error('a child did not tell what it used');
}

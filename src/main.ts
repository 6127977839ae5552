#!/usr/bin/env node
/** Start and stop: flags and environment → daemon → signals. An operator's commands hang beside it. */
import { readFileSync } from 'node:fs';
import process from 'node:process';

import { Command } from 'commander';
import { config as readDotEnv } from 'dotenv';

import { createLog, type Log } from './adapters/observe/log.ts';
import { type Daemon, startDaemon } from './compose.ts';
import { operatorCommands } from './compose/commands.ts';
import {
  addConfigFlags,
  describeProblem,
  loadConfig,
  type LoadedConfig,
  readConfigFlags,
} from './config.ts';
import { formatProblem } from './policy/problem.ts';
import { VERSION } from './version.ts';

/** The first release line whose JSON parser cannot be stalled by integer-like keys. */
const NODE_FLOOR = [20, 20, 2] as const;
/** Milliseconds from a signal to exit, whatever hangs. */
const STOP_LIMIT = 9_500;

let loaded: LoadedConfig | undefined;

const program = new Command('countersign')
  .description('Keeps signing keys at home and signs only what a written policy permits.')
  .version(VERSION)
  .addHelpText(
    'after',
    `
Every option is also an environment variable (--data-dir is DATA_DIR), read from .env if it exists.
Secrets belong into the environment or into files (NAME_FILE), not on the command line.

Examples:
  $ npm start                          serve what .env configures
  $ npm start -- --port 8081           the same on another port
  $ npm start -- keys generate         make an encrypted key file`,
  );
program.option('--accept-flips', 'start with a policy that takes recorded permissions back');
addConfigFlags(program);
program.action(serve);
for (const command of operatorCommands(() => configuration().config)) program.addCommand(command);

await main();

async function main(): Promise<void> {
  if (isOlder(process.versions.node)) {
    fail([
      `Node ${process.versions.node} is too old; install Node ${NODE_FLOOR.join('.')} or later`,
    ]);
  }
  readDotEnv({ quiet: true });
  await program.parseAsync();
}

async function serve(): Promise<void> {
  const { config, notices } = configuration();
  const log = createLog({ level: config.logLevel });
  for (const { level, message } of notices) log.say(level, message);
  const { acceptFlips = false } = program.opts<{ readonly acceptFlips?: true }>();
  const daemon = await startDaemon(config, { log, acceptFlips });
  if (!daemon.ok) fail(daemon.error);
  obeySignals(daemon.value, log);
}

function obeySignals(daemon: Daemon, log: Log): void {
  let stopping = false;
  const stop = (signal: string, code = 0): void => {
    if (stopping) return;
    stopping = true;
    log.say('info', 'stopping', { signal });
    setTimeout(() => {
      log.say('error', 'stopped late; what was under way is durable and will be taken up');
      process.exit(1);
    }, STOP_LIMIT).unref();
    daemon.stop().then(
      () => {
        log.say('info', 'stopped');
        process.exit(code);
      },
      (error: unknown) => {
        log.failure('stop failed', error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop(signal);
    });
  }
  process.on('SIGHUP', () => {
    void daemon.reloadPolicy({ acceptFlips: false }).then((reloaded) => {
      if (reloaded.ok) return;
      const why = reloaded.error.map(formatProblem).join('\n');
      log.say('error', 'policy refused; the one before it stays in force', { why });
    });
  });
  // A bug must not leave a signer in a state that nobody thought of: stop, and start clean.
  process.on('unhandledRejection', (error) => {
    log.failure('unhandled rejection', error);
    stop('unhandledRejection', 1);
  });
}

/** Read once: secrets are taken out of the environment while it is read. */
function configuration(): LoadedConfig {
  if (loaded !== undefined) return loaded;
  const flags = readConfigFlags(program);
  const read = loadConfig({
    env: process.env,
    flags,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (!read.ok) fail(read.error.map(describeProblem));
  loaded = read.value;
  return loaded;
}

function fail(sentences: readonly string[]): never {
  for (const sentence of sentences) process.stderr.write(`countersign: ${sentence}\n`);
  process.exit(1);
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number);
  const [major = 0, minor = 0, patch = 0] = parts;
  const [floorMajor, floorMinor, floorPatch] = NODE_FLOOR;
  if (major !== floorMajor) return major < floorMajor;
  return minor !== floorMinor ? minor < floorMinor : patch < floorPatch;
}

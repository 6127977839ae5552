/** A daemon as a child process with an environment of its own: what it says, and how it ends. */
import { spawn } from 'node:child_process';
import process from 'node:process';

import { isJsonObject, parseJson } from '../../src/base/json.ts';

/** Where its listeners answer, as the start of a URL. */
export interface Origins {
  readonly webhook: string;
  readonly api: string;
}

export interface Ended {
  /** `null` where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DaemonProcess {
  readonly pid: number;
  /** Resolves as soon as it listens; `undefined` if it ended before. */
  readonly listening: Promise<Origins | undefined>;
  readonly ended: Promise<Ended>;
  readonly send: (signal: NodeJS.Signals) => void;
  /** Everything it wrote, to either stream. */
  readonly output: () => string;
}

export interface Launch {
  /** Path of a compiled program. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly directory?: string;
  /** Nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Hears every line as it is written. */
  readonly onLine?: (line: string) => void;
}

export function launchDaemon(launch: Launch): DaemonProcess {
  const { program, args = [], directory, environment, onLine = () => undefined } = launch;
  const child = spawn(process.execPath, [program, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(directory !== undefined && { cwd: directory }),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start \`${program}\``);

  let output = '';
  let hear: (origins: Origins | undefined) => void = () => undefined;
  const listening = new Promise<Origins | undefined>((resolve) => {
    hear = resolve;
  });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        onLine(line);
        const origins = originsIn(line);
        if (origins !== undefined) hear(origins);
      }
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      hear(undefined);
      resolve({ code, signal });
    });
  });
  return Object.freeze({
    pid,
    listening,
    ended,
    send(signal: NodeJS.Signals): void {
      child.kill(signal);
    },
    output: () => output,
  });
}

/** The log line that says where the daemon listens. */
function originsIn(line: string): Origins | undefined {
  if (!line.includes('"msg":"listening"')) return undefined;
  const parsed = parseJson(line);
  const { webhook, api } = parsed.ok && isJsonObject(parsed.value) ? parsed.value : {};
  return typeof webhook === 'string' && typeof api === 'string' ? { webhook, api } : undefined;
}

/** Runs a command as a shell would, with a terminal made of streams. */
import { PassThrough, Writable } from 'node:stream';

import type { Command } from 'commander';

import type { Terminal } from '../../src/cli/terminal.ts';

export interface TestTerminal extends Terminal {
  /** What the person, or the pipe, sends. */
  readonly type: (text: string) => void;
  /** Ends the input. */
  readonly hangUp: () => void;
  readonly printed: () => string;
  readonly noted: () => string;
  readonly rawModes: readonly boolean[];
}

export function testTerminal({ isTTY = false } = {}): TestTerminal {
  const rawModes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY,
    setRawMode: (mode: boolean) => void rawModes.push(mode),
  });
  const output = collector();
  const notes = collector();
  return {
    input,
    output: output.stream,
    notes: notes.stream,
    type: (text) => void input.write(text),
    hangUp: () => void input.end(),
    printed: output.text,
    noted: notes.text,
    rawModes,
  };
}

export interface Ended {
  readonly exitCode: number;
  /** Output, notes and what commander itself says. */
  readonly everything: string;
  readonly printed: string;
  readonly noted: string;
  readonly error: string;
}

/** The input is what a pipe would hold; the terminal is none. */
export async function run(
  commandFor: (terminal: Terminal) => Command,
  args: readonly string[],
  input = '',
): Promise<Ended> {
  const terminal = testTerminal();
  terminal.type(input);
  terminal.hangUp();
  return await runAt(terminal, commandFor(terminal), args);
}

export async function runAt(
  terminal: TestTerminal,
  command: Command,
  args: readonly string[],
): Promise<Ended> {
  let error = '';
  let help = '';
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({
      writeErr: (text) => (error += text),
      writeOut: (text) => (help += text),
    });
  }
  let exitCode = 0;
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (!isCommanderError(thrown)) throw thrown;
    exitCode = thrown.exitCode;
  }
  const printed = terminal.printed() + help;
  const noted = terminal.noted();
  return { exitCode, printed, noted, error, everything: printed + noted + error };
}

function isCommanderError(thrown: unknown): thrown is Error & { readonly exitCode: number } {
  return typeof thrown === 'object' && thrown !== null && 'exitCode' in thrown;
}

function collector(): { readonly stream: Writable; readonly text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      text += new TextDecoder().decode(chunk);
      done();
    },
  });
  return { stream, text: () => text };
}

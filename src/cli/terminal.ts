/** Where a command reads and writes: results apart from what is said to the person. */
import type { Readable, Writable } from 'node:stream';

export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Results, fit for a pipe. */
  readonly output: Writable;
  /** Questions, warnings, advice. */
  readonly notes: Writable;
}

export function print(terminal: Terminal, text: string): void {
  terminal.output.write(`${text}\n`);
}

export function note(terminal: Terminal, text: string): void {
  terminal.notes.write(`${text}\n`);
}

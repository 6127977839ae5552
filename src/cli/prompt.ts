/** Questions to the person at the terminal; without a terminal, each takes one line of the input. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

import { err, ok, type Result } from '../base/result.ts';
import type { Reason } from '../core/outcome.ts';
import type { Terminal } from './terminal.ts';

export interface Prompt extends Disposable {
  /** Whether a person answers. */
  readonly interactive: boolean;
  /** A line that is never shown. */
  readonly hidden: (question: string) => Promise<Result<string, Reason>>;
  /** True for `y` and `yes` alone. */
  readonly confirm: (question: string) => Promise<Result<boolean, Reason>>;
}

/** Takes the input until it is disposed of. */
export function createPrompt({ input, notes }: Terminal): Prompt {
  const interactive = input.isTTY === true;
  let shown = false;
  const echo = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (shown) notes.write(chunk);
      done();
    },
  });
  const editor = createInterface({ input, output: echo, terminal: interactive, historySize: 0 });
  const lines = editor[Symbol.asyncIterator]();

  async function ask(question: string, visible: boolean): Promise<Result<string, Reason>> {
    if (interactive) notes.write(question);
    shown = visible;
    const line = await lines.next();
    shown = false;
    if (interactive && !visible) notes.write('\n');
    if (line.done !== true) return ok(line.value);
    return err({
      code: 'cli.no-answer',
      message: `no answer to \`${question.trim()}\`; type it, or pipe one line for each question`,
    });
  }

  return Object.freeze({
    interactive,
    hidden: (question: string) => ask(question, false),
    confirm: async (question: string) => {
      const answer = await ask(`${question} [y/N] `, true);
      return answer.ok ? ok(/^y(?:es)?$/i.test(answer.value.trim())) : answer;
    },
    [Symbol.dispose]: () => {
      editor.close();
    },
  });
}

/** Runs a task of child.ts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** What the task says, to its end; `each` may kill it upon a line. Throws what it says of errors. */
export async function runChild(
  task: string,
  home = '',
  each: (line: string, kill: () => void) => void = () => undefined,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, task, home]);
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    each(line, () => child.kill('SIGKILL'));
  });
  await once(child, 'close');
  if (errors !== '') throw new Error(errors);
  return lines;
}

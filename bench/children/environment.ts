/** What a child process was started with. */
import process from 'node:process';

export function required(name: string): string {
  // eslint-disable-next-line n/no-process-env -- a child of the benchmark has no other configuration
  const value = process.env[name];
  if (value === undefined) throw new Error(`\`${name}\` is not set; start this by the benchmark`);
  return value;
}

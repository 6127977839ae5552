/** How a command ends: quietly, or with one line that says why and exit code 1. */
import type { Command } from 'commander';

import type { Result } from '../base/result.ts';
import type { Reason } from '../core/outcome.ts';

/** Runs the work of a command; commander prints and exits (or throws, under `exitOverride`). */
export async function finish(command: Command, work: Promise<Result<void, Reason>>): Promise<void> {
  const done = await work;
  if (!done.ok) command.error(`error: ${done.error.message}`, { code: done.error.code });
}

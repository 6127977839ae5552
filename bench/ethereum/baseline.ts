/** The baseline, and the figures by which it must prove to be a fair one. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Child, compiledChild, freePort, startChild } from '../job/child.ts';
import type { Validator } from './validators.ts';

export interface Baseline {
  readonly port: number;
  readonly child: Child;
  /** How many checks a second its database does alone. */
  readonly checks: (checks: Checks) => Promise<number>;
}

/** Some of the baseline's slashing checks, without HTTP and signatures. */
export interface Checks {
  readonly connections: number;
  readonly count: number;
}

export async function startBaseline(
  directory: string,
  database: string,
  validators: readonly Validator[],
): Promise<Baseline> {
  const port = await freePort();
  const file = join(directory, 'validators.json');
  await writeFile(file, JSON.stringify(validators));
  const child = startChild({
    file: compiledChild('web3signer-like'),
    environment: { PORT: String(port), DATABASE_URL: database, VALIDATORS: file },
    directory,
  });
  await child.heard();
  return Object.freeze({
    port,
    child,
    async checks(checks: Checks) {
      child.tell(JSON.stringify(checks));
      return (1000 * checks.count) / Number(await child.heard());
    },
  });
}

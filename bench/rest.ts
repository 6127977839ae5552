/** rest: how long the daemon takes to be ready, and what it holds while nothing happens. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { threeWorlds } from './ethereum/signer-daemon.ts';
import { createValidators, writeKeystoreDirectory } from './ethereum/validators.ts';
import { compileChildren } from './job/child.ts';
import { startDaemon } from './job/contenders.ts';
import type { Report } from './report.ts';
import { withScratch } from './scratch.ts';

export interface RestEffort {
  readonly rounds: number;
  /** How long each daemon is left alone before it is weighed, in milliseconds. */
  readonly quiet: number;
  /** How many keystores lie in its directory. */
  readonly validators: number;
}

export function benchRest({ rounds, quiet, validators }: RestEffort): Promise<Report> {
  return withScratch(async (directory) => {
    compileChildren();
    const keystores = join(directory, 'keystores');
    await writeKeystoreDirectory(keystores, createValidators(validators));
    const environment = {
      ...threeWorlds(),
      ETH_KEYSTORES_DIR: keystores,
      ETH_KEYSTORES_PASSWORD_DIR: keystores,
      ETH_KEY_CACHE: 'true',
    };
    const starts: number[] = [];
    const work: number[] = [];
    const memory: number[] = [];
    // The first start, which is not counted, decrypts every keystore and fills the cache.
    for (let round = -1; round < rounds; round += 1) {
      const { api, child, startMilliseconds } = await startDaemon(
        'accelerator',
        directory,
        environment,
      );
      const used = (await child.usage()).cpuMilliseconds;
      if (round >= 0) {
        starts.push(startMilliseconds);
        work.push(used);
        await sleep(quiet);
        memory.push((await child.usage()).residentBytes / 2 ** 20);
      }
      await checkKeys(api, validators);
      await child.stop();
    }
    return {
      subject: 'rest',
      about: `a daemon with all three worlds on and ${String(validators)} validators in its key cache`,
      rows: [
        { what: 'start to ready', unit: 'ms', cells: [{ contender: 'daemon', rounds: starts }] },
        { what: 'its CPU time', unit: 'ms', cells: [{ contender: 'daemon', rounds: work }] },
        { what: 'resident memory', unit: 'MiB', cells: [{ contender: 'daemon', rounds: memory }] },
      ],
      budgets: [
        { what: 'start to ready', unit: 'ms', must: 'at most', limit: 5_000, rounds: starts },
        { what: 'resident memory', unit: 'MiB', must: 'at most', limit: 200, rounds: memory },
      ],
    };
  });
}

async function checkKeys(api: string, expected: number): Promise<void> {
  const keys: unknown = await (await fetch(`${api}/api/v1/eth2/publicKeys`)).json();
  if (Array.isArray(keys) && keys.length === expected) return;
  throw new Error('a daemon that says it is ready does not have all of its keys');
}

/** rest: how long the daemon takes to be ready, and what it holds while nothing happens. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { toHex } from '../src/base/hex.ts';
import { compileChildren } from './job/child.ts';
import { startDaemon } from './job/contenders.ts';
import type { Report } from './report.ts';
import { withScratch } from './scratch.ts';

export interface RestEffort {
  readonly rounds: number;
  /** How long each daemon is left alone before it is weighed, in milliseconds. */
  readonly quiet: number;
}

export function benchRest({ rounds, quiet }: RestEffort): Promise<Report> {
  return withScratch(async (directory) => {
    compileChildren();
    const starts: number[] = [];
    const work: number[] = [];
    const memory: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const home = join(directory, String(round));
      await mkdir(home);
      const { child, startMilliseconds } = await startDaemon('accelerator', home, {
        LIGHTSPARK_WEBHOOK_SECRET: 'bench',
        LIGHTSPARK_MASTER_SEED_HEX: toHex(randomBytes(64)),
        LIGHTSPARK_API_TOKEN_CLIENT_ID: 'bench',
        LIGHTSPARK_API_TOKEN_CLIENT_SECRET: 'bench',
      });
      starts.push(startMilliseconds);
      work.push((await child.usage()).cpuMilliseconds);
      await sleep(quiet);
      memory.push((await child.usage()).residentBytes / 2 ** 20);
      await child.stop();
    }
    return {
      subject: 'rest',
      about: 'a daemon with an empty database, one world on',
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

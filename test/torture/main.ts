/** `npm run torture`: faults for as long as you like; exits with 1 if anything was lost or said twice. */
import { randomBytes } from 'node:crypto';
import process from 'node:process';

import { Command } from 'commander';

import { toHex } from '../../src/base/hex.ts';
import { renderReport } from './report.ts';
import { faultsOf, torture } from './torture.ts';

const options = new Command('torture')
  .description('Kills the daemon at every instruction that matters, while its endpoint fails.')
  .option('--minutes <n>', 'how long to go on', '10')
  .option('--kills <n>', 'stop after so many deaths, if that comes first')
  .option('--seed <text>', 'repeat the choices of another run', toHex(randomBytes(4)))
  .parse()
  .opts<{ minutes: string; kills?: string; seed: string }>();

const { seed } = options;
const kills = options.kills === undefined ? Infinity : Number(options.kills);
const startedAt = performance.now();
const line = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

line(`seed ${seed}`);
const tallies = await torture({
  seed,
  kills,
  killsPerPoint: 0,
  faults: 0,
  milliseconds: Number(options.minutes) * 60_000,
  onProgress: (sofar) => {
    if (!process.stdout.isTTY) return;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    const counts = `${String(sofar.kills.total())} kills, ${String(faultsOf(sofar))} faults, ${String(sofar.events.total())} events`;
    process.stdout.write(`\r${seconds} s: ${counts} `);
  },
});
line(`\n${renderReport(tallies)}`);
for (const { wrong, sentence } of tallies.violations) line(`${wrong}: ${sentence}`);
if (tallies.violations.length > 0) line(`again: npm run torture -- --seed ${seed}`);
process.exitCode = tallies.violations.length === 0 ? 0 : 1;

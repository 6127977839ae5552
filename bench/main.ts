/**
 * `npm run bench [-- subject …]`: figures side by side, and whether they keep the design's promises.
 *
 * Never a test: a missed budget is printed and the exit code stays 0. `--json` prints everything for
 * other programs, `--markdown` the table of the README.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';

import { benchClaim } from './claim.ts';
import { benchDecide } from './decide.ts';
import { benchEthereum } from './ethereum.ts';
import { benchJob } from './job.ts';
import { benchLighter } from './lighter.ts';
import { benchLighterHttp } from './lighter-http.ts';
import { describeMachine } from './machine.ts';
import { benchPostgres } from './postgres.ts';
import { asJson, asMarkdown, asText, type Report } from './report.ts';
import { benchRest } from './rest.ts';
import { benchSign } from './sign.ts';

const SUBJECTS: Readonly<Record<string, () => Promise<Report | undefined>>> = {
  decide: () => Promise.resolve(benchDecide({ rounds: 9, calls: 5_000 })),
  claim: () => benchClaim({ rounds: 9, milliseconds: 400 }),
  sign: () => benchSign({ rounds: 9, milliseconds: 40 }),
  lighter: () => benchLighter({ rounds: 9, milliseconds: 300 }),
  'lighter-http': () => benchLighterHttp({ rounds: 7, warmUps: 3, atOnce: [1, 32], orders: 1_500 }),
  job: () =>
    benchJob({
      rounds: 8,
      channels: 48,
      webhooks: [
        { signatures: 1, count: 400, warmUps: 8 },
        { signatures: 10, count: 60, warmUps: 40 },
      ],
    }),
  ethereum: () =>
    benchEthereum({
      rounds: 5,
      warmUps: 4,
      validators: 1_000,
      epochs: 2,
      connections: 64,
      batch: 250,
    }),
  postgres: () =>
    benchPostgres({ rounds: 7, milliseconds: 600, validators: 512, atOnce: [1, 16], batch: 250 }),
  rest: () => benchRest({ rounds: 3, quiet: 1_000, validators: 1_000 }),
};

const { values: flags, positionals } = parseArgs({
  options: { json: { type: 'boolean' }, markdown: { type: 'boolean' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in SUBJECTS));
if (unknown.length > 0) {
  say(`unknown subject \`${unknown.join(' ')}\`; there are ${Object.keys(SUBJECTS).join(', ')}`);
} else await bench();

async function bench(): Promise<void> {
  const machine = describeMachine();
  const isText = flags.json !== true && flags.markdown !== true;
  const reports: Report[] = [];
  if (isText) say(`${machine}\nmedian (best) of interleaved rounds, × first column\n`);
  for (const [name, run] of Object.entries(SUBJECTS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const report = await run();
    if (report === undefined) {
      if (isText) say(`${name} needs PostgreSQL, which is not installed\n`);
      continue;
    }
    reports.push(report);
    if (isText) say(`${asText(report)}\n`);
  }
  if (flags.json === true) say(asJson(machine, reports));
  if (flags.markdown === true) say(asMarkdown(machine, reports));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

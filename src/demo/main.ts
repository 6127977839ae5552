/**
 * `npm run demo`: the real daemon with throw-away keys, one genuine event of every kind, and a check
 * of everything that comes back. Exits with 1 if anything differs.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { type Daemon, startDaemon } from './daemon.ts';
import { createEthereumDemo } from './ethereum.ts';
import { createLighterDemo } from './lighter.ts';
import { createLightsparkDemo } from './lightspark.ts';
import { printDifferences, printHead, printLine, printRow } from './print.ts';
import type { DemoWorld } from './world.ts';

/** Of the daemon's log, shown if anything differs. */
const LOG_LINES = 60;
const SHIPPED_POLICIES = fileURLToPath(new URL('../../../policies', import.meta.url));

const startedAt = performance.now();
const worlds: readonly DemoWorld[] = [
  await createLightsparkDemo(),
  await createLighterDemo(),
  await createEthereumDemo(),
];
const directory = mkdtempSync(join(tmpdir(), 'countersign-demo-'));
try {
  const differences = await demonstrate();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  printLine(
    differences === 0
      ? `everything as expected, every value and signature checked, in ${seconds} s`
      : `${String(differences)} differences, in ${seconds} s`,
  );
  process.exitCode = differences === 0 ? 0 : 1;
} finally {
  await Promise.all(worlds.map((world) => world.close()));
  rmSync(directory, { recursive: true, force: true });
}

/** Starts the daemon, runs every step, stops it; resolves to the number of differences. */
async function demonstrate(): Promise<number> {
  writePolicies();
  printLine('the daemon starts with throw-away keys');
  const environment = Object.fromEntries(
    worlds.flatMap((world) => Object.entries(world.environment)),
  );
  const daemon = await startDaemon({ directory, environment });
  let differences = 0;
  try {
    for (const world of worlds) differences += await play(world, daemon);
  } finally {
    const code = await daemon.stop();
    if (code !== 0) {
      differences += 1;
      printDifferences([`the daemon ended with code ${String(code)} instead of 0`]);
    }
    if (differences > 0) printLine(daemon.log().split('\n').slice(-LOG_LINES).join('\n'));
  }
  return differences;
}

async function play(world: DemoWorld, daemon: Daemon): Promise<number> {
  printLine(`\n${world.name}`);
  printHead();
  let differences = 0;
  for (const step of world.steps) {
    const result = await step.run(daemon);
    printRow(step.title, result);
    differences += result.differences.length;
  }
  const reviewed = world.review();
  printDifferences(reviewed);
  printLine('');
  return differences + reviewed.length;
}

/** The policies that are shipped, and beside them what the demo adds. */
function writePolicies(): void {
  const policies = join(directory, 'policies');
  // A folder that is a link must not be written through.
  cpSync(SHIPPED_POLICIES, policies, { recursive: true, dereference: true });
  for (const { name, policy } of worlds) {
    writeFileSync(join(policies, `demo-${name}.yaml`), policy);
  }
}

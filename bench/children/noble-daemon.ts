/** The daemon as `src/main.ts` starts it, but on the reference curve. */
import { readFileSync } from 'node:fs';
import process from 'node:process';

import { nobleCurve } from '../../signers/lightning/index.ts';
import { createLog } from '../../src/adapters/observe/log.ts';
import { startDaemon } from '../../src/compose.ts';
import { describeProblem, loadConfig } from '../../src/config.ts';

const loaded = loadConfig({
  // eslint-disable-next-line n/no-process-env -- this is another main
  env: process.env,
  flags: new Map(),
  readFile: (path) => readFileSync(path, 'utf8'),
});
if (!loaded.ok) throw new Error(loaded.error.map(describeProblem).join('\n'));
const { config } = loaded.value;
const daemon = await startDaemon(config, {
  log: createLog({ level: config.logLevel }),
  curve: () => Promise.resolve({ curve: nobleCurve, reason: 'the benchmark asks for it' }),
});
if (!daemon.ok) throw new Error(daemon.error.join('\n'));
const { stop } = daemon.value;
process.once('SIGTERM', () => {
  void stop().then(() => process.exit(0));
});

/**
 * The daemon, except that it dies by SIGKILL where `KILL_AT=<point>:<passing>` says. It is composed
 * of the built modules (build-faulty-daemon.ts), because hundreds of starts from sources take too
 * long; for the same reason it does not cross-check the accelerator at every start.
 */
import process from 'node:process';

import { loadTinyCurve } from '../../signers/lightning/index.ts';
import { createLog } from '../../src/adapters/observe/log.ts';
import { type KillAt, killProbe } from '../../src/adapters/store/kill-point.ts';
import { startDaemon } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { KILL_POINTS } from '../../src/core/probe.ts';

const { env } = process;
const killAt = readKillAt(env['KILL_AT']);
const loaded = loadConfig({ env, flags: new Map(), readFile: () => '' });
if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
const { config } = loaded.value;
const daemon = await startDaemon(config, {
  log: createLog({ level: config.logLevel }),
  curve: async () => ({
    curve: await loadTinyCurve(),
    reason: 'chosen by the test',
  }),
  ...(killAt === undefined ? {} : { killAt, probe: killProbe(killAt) }),
});
if (!daemon.ok) throw new Error(daemon.error.join('; '));
const { stop } = daemon.value;
process.once('SIGTERM', () => {
  void stop().then(() => process.exit(0));
});

function readKillAt(text: string | undefined): KillAt | undefined {
  const [name, passing] = (text ?? '').split(':');
  const point = KILL_POINTS.find((known) => known === name);
  return point === undefined ? undefined : { point, hit: Number(passing) };
}

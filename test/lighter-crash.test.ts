/**
 * Nonces of Lighter's keys while the daemon dies by SIGKILL, at every named point that a request to
 * sign passes and at any moment. `LONG=1` goes on for ten times as many deaths.
 */
import { join } from 'node:path';
import process from 'node:process';

import { expect, jest, test } from '@jest/globals';

import { crash, isHitEnough, POINTS } from './support/lighter-crash/run.ts';
import { transactionHash } from './support/lighter-reference/transaction-hash.ts';
import { vectors } from './support/lighter-vectors.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { buildFaultyDaemon } from './torture/build-faulty-daemon.ts';
import { createChance } from './torture/random.ts';
import { renderReport } from './torture/report.ts';
import { createTallies } from './torture/tally.ts';

// eslint-disable-next-line n/no-process-env -- how long it takes is the caller's choice
const isLong = process.env['LONG'] === '1';
const [KILLS, KILLS_PER_POINT, SAMPLE] = isLong ? [400, 30, 2_000] : [32, 2, 12];
const DAEMONS = 2;
/** Milliseconds; what is not reached by then is a failure. */
const LIMIT = isLong ? 3_000_000 : 240_000;

jest.setTimeout(LIMIT + 60_000);

const directory = temporaryDirectory();

test('the reference hashes golden orders and cancels as Lighter does', () => {
  const known = vectors.transactions.filter(
    ({ tx }) => tx === 'CreateOrder' || tx === 'CancelOrder',
  );
  expect(known.length).toBeGreaterThan(10);
  for (const { chainId, txType, txInfo, txHash } of known.slice(0, isLong ? undefined : 12)) {
    expect(transactionHash(BigInt(chainId), BigInt(txType), txInfo)).toBe(txHash);
  }
});

test('however often the daemon dies, no nonce carries two hashes and nothing signed is off the record', async () => {
  const program = buildFaultyDaemon('torture-lighter');
  const tallies = createTallies();
  const deadline = performance.now() + LIMIT;
  const isEnough = (): boolean =>
    performance.now() > deadline ||
    (tallies.kills.total() >= KILLS && isHitEnough(tallies, KILLS_PER_POINT));
  await Promise.all(
    Array.from({ length: DAEMONS }, (_, index) =>
      crash(
        { program, directory: join(directory, String(index)), isEnough, sample: SAMPLE },
        { chance: createChance(`lighter/${String(index)}`), tallies },
      ),
    ),
  );
  process.stderr.write(`${renderReport(tallies)}\n`);

  expect(tallies.violations).toEqual([]);
  expect(tallies.kills.total()).toBeGreaterThanOrEqual(KILLS);
  expect(POINTS.filter((point) => tallies.kills.of(point) < KILLS_PER_POINT)).toEqual([]);
  expect(tallies.events.of('signed')).toBeGreaterThan(KILLS);
});

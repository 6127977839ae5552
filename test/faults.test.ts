/**
 * Faults while events flow: the daemon is killed with SIGKILL at every named point and at any moment,
 * and its endpoint fails in every way. `npm run torture` does the same for longer.
 */
import process from 'node:process';

import { expect, jest, test } from '@jest/globals';

import { KILL_POINTS } from '../src/core/probe.ts';
import { renderReport } from './torture/report.ts';
import { faultsOf, torture } from './torture/torture.ts';

const KILLS = 200;
const KILLS_PER_POINT = 5;
const FAULTS = 1_000;
const LIMIT = 600_000;

jest.setTimeout(LIMIT + 60_000);

test('whatever fails and however often it dies, the daemon loses nothing and says nothing twice', async () => {
  const tallies = await torture({
    seed: 'npm test',
    kills: KILLS,
    killsPerPoint: KILLS_PER_POINT,
    faults: FAULTS,
    milliseconds: LIMIT,
  });
  process.stderr.write(`${renderReport(tallies)}\n`);

  expect(tallies.violations).toEqual([]);
  expect(tallies.kills.total()).toBeGreaterThanOrEqual(KILLS);
  expect(faultsOf(tallies)).toBeGreaterThanOrEqual(FAULTS);
  const seldom = KILL_POINTS.filter((point) => tallies.kills.of(point) < KILLS_PER_POINT);
  expect(seldom).toEqual([]);
});

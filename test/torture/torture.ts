/** A whole run: two daemons, one for each way to answer, dying as often as they are told to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { KILL_POINTS, type KillPoint } from '../../src/core/probe.ts';
import { buildFaultyDaemon } from './build-faulty-daemon.ts';
import type { Ending, Mode } from './lives.ts';
import { type Chance, createChance } from './random.ts';
import { createTallies, type Tallies } from './tally.ts';
import { createWorld, type World } from './world.ts';

export interface TortureOptions {
  readonly seed: string;
  /** A run goes on until all of these are reached. */
  readonly kills: number;
  readonly killsPerPoint: number;
  readonly faults: number;
  /** Ends early what is not reached by then. */
  readonly milliseconds: number;
  readonly onProgress?: (tallies: Tallies) => void;
}

const MODES: readonly Mode[] = ['accepted', 'inline'];

/** Resolves to everything that was counted, and to everything that went wrong. */
export async function torture(options: TortureOptions): Promise<Tallies> {
  const { seed, onProgress = () => undefined } = options;
  const tallies = createTallies();
  const root = mkdtempSync(join(tmpdir(), 'countersign-torture-'));
  const deadline = performance.now() + options.milliseconds;
  try {
    const program = buildFaultyDaemon('torture');
    await Promise.all(
      MODES.map(async (mode) => {
        const chance = createChance(`${seed}/${mode}`);
        const directory = join(root, mode);
        const world = await createWorld({ mode, directory, program }, { chance, tallies });
        await killAgainAndAgain(world, chance.fork('plan'));
        await world.settle();
        onProgress(tallies);
      }),
    );
  } finally {
    if (tallies.violations.length === 0) rmSync(root, { recursive: true, force: true });
    else tallies.violate('troubles', `databases and logs are kept in ${root}`);
  }
  return tallies;

  async function killAgainAndAgain(world: World, chance: Chance): Promise<void> {
    while (!isEnough() && tallies.violations.length === 0 && performance.now() < deadline) {
      const point = leastHit(world.points, chance);
      if (chance.happens(0.02)) await world.liveToTheEnd();
      else await world.live(chance.happens(0.03) ? undefined : endingAt(point, chance));
      onProgress(tallies);
    }
  }

  function leastHit(points: readonly KillPoint[], chance: Chance): KillPoint {
    const [first = points[0], ...others] = chance.shuffled(points);
    if (first === undefined) throw new Error('no kill points');
    return others.reduce(
      (least, point) => (tallies.kills.of(point) < tallies.kills.of(least) ? point : least),
      first,
    );
  }

  function isEnough(): boolean {
    return (
      tallies.kills.total() >= options.kills &&
      faultsOf(tallies) >= options.faults &&
      KILL_POINTS.every((point) => tallies.kills.of(point) >= options.killsPerPoint)
    );
  }
}

export function faultsOf({ kills, failures }: Tallies): number {
  return kills.total() + failures.total();
}

/** Early passings are of recovery, late ones of traffic. A mark is written at start and then seldom. */
function endingAt(point: KillPoint, chance: Chance): Ending {
  const [room] = point.split('.');
  const passings = room === 'marker' ? 3 : room === 'writer' ? 24 : 10;
  return { point, hit: 1 + chance.below(passings) };
}

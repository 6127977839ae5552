/**
 * Times contenders side by side. They take turns in every round, so that a noisy machine troubles
 * all of them alike, and what is compared are values of the same round.
 */
import process from 'node:process';

export interface Contender {
  readonly name: string;
  /** Does this many operations; all are over when it returns. */
  readonly run: (operations: number) => void | Promise<void>;
}

export interface Effort {
  readonly rounds: number;
  /** How long each contender works in each round, in milliseconds of the clock. */
  readonly milliseconds: number;
}

/**
 * Milliseconds so far: of the wall, or of work that this process was given. Where nothing waits for
 * a disk or a network, the latter does not mind what else the machine is doing.
 */
export type Clock = () => number;

export const wallClock: Clock = () => performance.now();

export const workClock: Clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** One value per round. */
export type Rounds = readonly number[];

/** Operations per second of each contender, in their order, after a warm-up of one turn each. */
export async function race(
  contenders: readonly Contender[],
  { rounds, milliseconds }: Effort,
  clock: Clock,
): Promise<readonly Rounds[]> {
  const turns: Turn[] = [];
  for (const contender of contenders) {
    const operations = await operationsWithin(milliseconds, contender, clock);
    turns.push({ contender, operations, rates: [] });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { contender, operations, rates } of turns) {
      rates.push((1000 * operations) / (await duration(contender, operations, clock)));
    }
  }
  return turns.map(({ rates }) => rates);
}

/** Microseconds of each of `calls` calls, in ascending order. */
export function callTimes(call: () => void, calls: number): readonly number[] {
  const times = new Float64Array(calls);
  for (let index = 0; index < calls; index += 1) {
    const start = performance.now();
    call();
    times[index] = 1000 * (performance.now() - start);
  }
  return [...times.sort()];
}

/** The value below which a share of `sorted` lies; the share is from 0 to 1. */
export function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new Error('no values to take a quantile of');
  return value;
}

export function median(rounds: Rounds): number {
  return quantile(
    [...rounds].sort((left, right) => left - right),
    0.5,
  );
}

/** How many times `right` each value of `left` is, round by round. */
export function ratios(left: Rounds, right: Rounds): Rounds {
  return left.map((value, round) => value / (right[round] ?? NaN));
}

interface Turn {
  readonly contender: Contender;
  readonly operations: number;
  readonly rates: number[];
}

/** How many operations fill one turn; finding out is the warm-up. */
async function operationsWithin(
  milliseconds: number,
  contender: Contender,
  clock: Clock,
): Promise<number> {
  for (let operations = 1; ; operations *= 2) {
    const took = await duration(contender, operations, clock);
    if (took < milliseconds / 2) continue;
    return Math.max(1, Math.round((operations * milliseconds) / took));
  }
}

/** Milliseconds until `operations` operations are over. */
async function duration(contender: Contender, operations: number, clock: Clock): Promise<number> {
  const start = clock();
  await contender.run(operations);
  return clock() - start;
}

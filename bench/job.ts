/** job: whole webhooks, from the first byte received to the mutation applied, beside the published handler. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { toHex } from '../src/base/hex.ts';
import { chooseFastestCurve } from '../src/compose/curve.ts';
import { compileChildren } from './job/child.ts';
import {
  type Account,
  type Signer,
  type StandIn,
  startDaemon,
  startOfficial,
  startStandIn,
} from './job/contenders.ts';
import { createEventSource, type EventSource, type Webhook } from './job/events.ts';
import { createSender, type Sender } from './job/sender.ts';
import { ratios } from './measure.ts';
import type { Budget, Report, Row } from './report.ts';
import { withScratch } from './scratch.ts';

export interface JobEffort {
  readonly rounds: number;
  readonly channels: number;
  readonly webhooks: readonly Webhooks[];
}

/** Those that ask for the same number of signatures each. */
interface Webhooks {
  readonly signatures: number;
  /** Per round. */
  readonly count: number;
  /**
   * Rounds before those that count. Signers run for months, and the compilers of all of them are at
   * work until they have seen some thousand webhooks.
   */
  readonly warmUps: number;
}

const AT_ONCE = 32;
/** Milliseconds after the last mutation in which a signer may still tidy up. */
const TIDY = 100;
const PROMISES = [
  { name: 'noble', limit: 1.5 },
  { name: 'accelerator', limit: 3 },
];

/** Webhooks per second, in one round of one signer. */
interface Rates {
  readonly bySigner: number;
  readonly byClock: number;
}

export function benchJob(effort: JobEffort): Promise<Report> {
  return withScratch(async (directory) => {
    compileChildren();
    const account = { seed: toHex(randomBytes(64)), webhookSecret: toHex(randomBytes(32)) };
    const standIn = await startStandIn(directory);
    const environment = {
      ...standIn.environment,
      LIGHTSPARK_WEBHOOK_SECRET: account.webhookSecret,
      LIGHTSPARK_MASTER_SEED_HEX: account.seed,
    };
    const signers: Signer[] = [];
    try {
      signers.push(await startOfficial(directory, environment));
      signers.push(await startDaemon('noble', directory, environment));
      signers.push(await startDaemon('accelerator', directory, environment));
      return await compareAll(signers, standIn, { ...effort, ...account });
    } finally {
      await Promise.all([...signers.map(({ child }) => child.stop()), standIn.stop()]);
    }
  });
}

async function compareAll(
  signers: readonly Signer[],
  standIn: StandIn,
  effort: JobEffort & Account,
): Promise<Report> {
  const { curve } = await chooseFastestCurve();
  const rows: Row[] = [];
  for (const webhooks of effort.webhooks) {
    const source = createEventSource({ ...effort, curve, signatures: webhooks.signatures });
    rows.push(...(await compare(signers, standIn, { ...effort, ...webhooks, source })));
  }
  return {
    subject: 'job',
    about: `webhooks until their mutation is applied, ${String(AT_ONCE)} requests at once; endpoint and sender are other processes`,
    rows: [...rows, await memoryOf(signers)],
    budgets: rows.flatMap(budgetsOf),
  };
}

interface Course extends Webhooks, Pick<JobEffort, 'rounds'> {
  readonly source: EventSource;
}

async function compare(
  signers: readonly Signer[],
  standIn: StandIn,
  { source, signatures, count, rounds, warmUps }: Course,
): Promise<readonly Row[]> {
  const lanes = signers.map((signer) => ({
    signer,
    sender: createSender(signer.origin, AT_ONCE),
    rates: Array<Rates>(),
  }));
  for (let round = -warmUps; round < rounds; round += 1) {
    const webhooks = source.next(count);
    // The stand-in remembers all answers of a round: signers that differ are found out.
    standIn.forget();
    for (const [index, { signer, sender, rates }] of lanes.entries()) {
      const rate = await drive(signer, sender, {
        webhooks,
        applied: () => standIn.applied((index + 1) * count),
      });
      if (round >= 0) rates.push(rate);
    }
  }
  await Promise.all(lanes.map(({ sender }) => sender.close()));
  const what = signatures === 1 ? '1 signature' : `${String(signatures)} signatures`;
  const row = (by: string, rateOf: (rates: Rates) => number): Row => ({
    what: `${what}, by ${by}`,
    unit: '/s',
    cells: lanes.map(({ signer, rates }) => ({
      contender: signer.name,
      rounds: rates.map(rateOf),
    })),
  });
  return [row('signer CPU', ({ bySigner }) => bySigner), row('clock', ({ byClock }) => byClock)];
}

async function memoryOf(signers: readonly Signer[]): Promise<Row> {
  const cells = signers.map(async ({ name, child }) => {
    const { residentBytes } = await child.usage();
    return { contender: name, rounds: [residentBytes / 2 ** 20] };
  });
  return { what: 'resident memory afterwards', unit: 'MiB', cells: await Promise.all(cells) };
}

interface Turn {
  readonly webhooks: readonly Webhook[];
  /** Resolves when the mutations of all of them were applied. */
  readonly applied: () => Promise<void>;
}

async function drive(
  { child }: Signer,
  { send }: Sender,
  { webhooks, applied }: Turn,
): Promise<Rates> {
  const used = await child.usage();
  const start = performance.now();
  await send(webhooks);
  await applied();
  const took = performance.now() - start;
  await sleep(TIDY);
  const cpu = (await child.usage()).cpuMilliseconds - used.cpuMilliseconds;
  return { bySigner: (1000 * webhooks.length) / cpu, byClock: (1000 * webhooks.length) / took };
}

function budgetsOf({ what, cells }: Row): readonly Budget[] {
  const roundsOf = (name: string) =>
    cells.find(({ contender }) => contender === name)?.rounds ?? [];
  return PROMISES.map(({ name, limit }) => ({
    what: `${what}: ${name} / official`,
    unit: '×',
    must: 'at least',
    limit,
    rounds: ratios(roundsOf(name), roundsOf('official')),
  }));
}

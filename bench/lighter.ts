/** lighter: orders from object to signed `tx_info`, beside the published WebAssembly signer. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';

import { createLighterKernel } from '../signers/lighter/index.ts';
import { startWorker } from '../src/adapters/start-worker.ts';
import {
  createTurns,
  isOurOrder,
  ORDER_SIGNERS,
  orderOf,
  type OrderSigner,
  type OrderSignerName,
} from './lighter/order-signers.ts';
import {
  type Clock,
  type Contender,
  type Effort,
  race,
  ratios,
  type Rounds,
  wallClock,
  workClock,
} from './measure.ts';
import type { Budget, Report, Row } from './report.ts';

const WASM = 'lighter-ts-sdk';
const KERNEL = 'kernel';
const THREADED: readonly OrderSignerName[] = [WASM, KERNEL];
const WORKERS = 2;

export async function benchLighter(effort: Effort): Promise<Report> {
  const alone = await raceAlone(effort);
  return {
    subject: 'lighter',
    about:
      'create-order object to signed tx_info, every nonce and its randomness new; one thread per ' +
      'second of processor, workers by the clock',
    rows: [alone, await raceWorkers(effort)],
    budgets: budgetsOf(alone),
  };
}

async function raceAlone(effort: Effort): Promise<Row> {
  const contenders: Contender[] = [];
  const kernel = createLighterKernel();
  for (const name of THREADED) {
    const sign: OrderSigner = await ORDER_SIGNERS[name]();
    if (!isOurOrder(kernel, await sign(orderOf(0)))) throw new Error(`\`${name}\` signs otherwise`);
    contenders.push({ name, run: createTurns(sign) });
  }
  return raceAs('one thread', contenders, effort, workClock);
}

async function raceWorkers(effort: Effort): Promise<Row> {
  const teams: Team[] = [];
  try {
    for (const name of THREADED) teams.push(await startTeam(name));
    return await raceAs(`${String(WORKERS)} workers`, teams, effort, wallClock);
  } finally {
    await Promise.all(teams.map(({ stop }) => stop()));
  }
}

async function raceAs(
  what: string,
  contenders: readonly Contender[],
  effort: Effort,
  clock: Clock,
): Promise<Row> {
  const rates = await race(contenders, effort, clock);
  const cells = contenders.map(({ name }, index) => ({
    contender: name,
    rounds: rates[index] ?? [],
  }));
  return { what, unit: '/s', cells };
}

interface Team extends Contender {
  readonly stop: () => Promise<unknown>;
}

/** Threads that share the operations between them. */
async function startTeam(name: OrderSignerName): Promise<Team> {
  const workers = Array.from({ length: WORKERS }, () =>
    startWorker('./lighter/sign-thread', import.meta.url, { workerData: name }),
  );
  const eachAnswers = (): Promise<unknown> =>
    Promise.all(workers.map((worker: Worker) => once(worker, 'message')));
  await eachAnswers();
  return {
    name,
    async run(operations) {
      const answers = eachAnswers();
      for (const worker of workers) worker.postMessage(Math.ceil(operations / WORKERS));
      await answers;
    },
    stop: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}

function budgetsOf({ cells }: Row): readonly Budget[] {
  const roundsOf = (name: string): Rounds =>
    cells.find(({ contender }) => contender === name)?.rounds ?? [];
  const kernel = roundsOf(KERNEL);
  return [
    { what: 'orders, one thread', unit: '/s', must: 'at least', limit: 6_000, rounds: kernel },
    {
      what: `${KERNEL} / ${WASM}`,
      unit: '×',
      must: 'at least',
      limit: 15,
      rounds: ratios(kernel, roundsOf(WASM)),
    },
  ];
}

/** lighter: orders from object to signed `tx_info`, beside the signers that Lighter's users have. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';

import { createLighterKernel } from '../signers/lighter/index.ts';
import { startWorker } from '../src/adapters/start-worker.ts';
import { createNativeSigner } from './lighter/native-signer.ts';
import { ORDER_SIGNERS, type OrderSignerName } from './lighter/order-signers.ts';
import { createTurns, isOurOrder, orderOf, type OrderSigner } from './lighter/orders.ts';
import {
  type Clock,
  type Contender,
  type Effort,
  race,
  ratios,
  wallClock,
  workClock,
} from './measure.ts';
import type { Budget, Report, Row } from './report.ts';

const WASM = 'lighter-ts-sdk';
const NATIVE = 'native library';
const KERNEL = 'kernel';
const WORKERS = 2;

export async function benchLighter(effort: Effort): Promise<Report> {
  const opened = await createNativeSigner();
  const native = typeof opened === 'string' ? undefined : opened;
  const alone = await raceAlone(effort, native);
  return {
    subject: 'lighter',
    about:
      'create-order object to signed tx_info, every nonce and its randomness new; one thread per ' +
      'second of processor, workers by the clock' +
      (typeof opened === 'string' ? `; no ${NATIVE}: ${opened}` : ''),
    rows: [alone, await raceWorkers(effort, native)],
    budgets: budgetsOf(alone),
  };
}

/** In this thread; of the library, which has threads of its own, one call at a time. */
async function raceAlone(effort: Effort, native: OrderSigner | undefined): Promise<Row> {
  const signers: Readonly<Record<string, OrderSigner>> = {
    [WASM]: await ORDER_SIGNERS[WASM](),
    ...(native && { [NATIVE]: native }),
    [KERNEL]: await ORDER_SIGNERS[KERNEL](),
  };
  const kernel = createLighterKernel();
  for (const [name, sign] of Object.entries(signers)) {
    if (!isOurOrder(kernel, await sign(orderOf(0)))) throw new Error(`\`${name}\` signs otherwise`);
  }
  const contenders = Object.entries(signers).map(([name, sign]) => ({
    name,
    run: createTurns(sign),
  }));
  return raceAs('one thread', contenders, effort, workClock);
}

/** In as many threads; of the library as many calls at a time. */
async function raceWorkers(effort: Effort, native: OrderSigner | undefined): Promise<Row> {
  const teams: Team[] = [];
  try {
    teams.push(await startTeam(WASM));
    if (native !== undefined) teams.push(createCallers(native));
    teams.push(await startTeam(KERNEL));
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

/** They share the operations between them. */
interface Team extends Contender {
  readonly stop: () => Promise<unknown>;
}

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

function createCallers(native: OrderSigner): Team {
  const callers = Array.from({ length: WORKERS }, () => createTurns(native));
  return {
    name: NATIVE,
    async run(operations) {
      await Promise.all(callers.map((call) => call(Math.ceil(operations / WORKERS))));
    },
    stop: () => Promise.resolve(),
  };
}

function budgetsOf({ cells }: Row): readonly Budget[] {
  const rounds = new Map(cells.map((cell) => [cell.contender, cell.rounds]));
  const kernel = rounds.get(KERNEL) ?? [];
  const times = (other: string, limit: number): readonly Budget[] => {
    const others = rounds.get(other);
    if (others === undefined) return [];
    const what = `${KERNEL} / ${other}`;
    return [{ what, unit: '×', must: 'at least', limit, rounds: ratios(kernel, others) }];
  };
  return [
    { what: 'orders, one thread', unit: '/s', must: 'at least', limit: 6_000, rounds: kernel },
    ...times(WASM, 15),
    ...times(NATIVE, 3),
  ];
}

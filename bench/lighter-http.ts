/** lighter-http: orders asked for by HTTP and answered when they are on record, beside the kernel alone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { base64 } from '@scure/base';

import { createLighterKernel, hashTransaction } from '../signers/lighter/index.ts';
import { fromHex } from '../src/base/hex.ts';
import { keyVector, requestOfTxInfo } from '../test/support/lighter-vectors.ts';
import { compileChildren } from './job/child.ts';
import { type Daemon, startDaemon } from './job/contenders.ts';
import { createOrderCaller, type OrderCaller } from './lighter/order-caller.ts';
import { ORDER_SIGNERS } from './lighter/order-signers.ts';
import { createTurns, TRADER } from './lighter/orders.ts';
import { type Clock, quantile, wallClock, workClock } from './measure.ts';
import type { Report, Row } from './report.ts';
import { withScratch } from './scratch.ts';

export interface LighterHttpEffort {
  readonly rounds: number;
  /** Rounds that are not counted: compilers warm up, caches fill. */
  readonly warmUps: number;
  /** How many requests are under way at once; each number is a course of its own. */
  readonly atOnce: readonly number[];
  /** Per round and contender. */
  readonly orders: number;
}

/** Milliseconds after the last answer in which the daemon may still tidy up. */
const TIDY = 50;

export function benchLighterHttp(effort: LighterHttpEffort): Promise<Report> {
  return withScratch(async (directory) => {
    compileChildren();
    const daemon = await startDaemon('accelerator', directory, { API_RATE_LIMIT: '0' });
    try {
      const token = await readFile(join(directory, 'accelerator', 'data', 'api-token'), 'utf8');
      await checkAnswer(daemon, token.trim());
      const rows: Row[] = [];
      for (const atOnce of effort.atOnce) {
        const caller = createOrderCaller(daemon.api, token, atOnce);
        rows.push(...(await compare(daemon, caller, { ...effort, atOnce })));
        await caller.close();
      }
      return {
        subject: 'lighter-http',
        about:
          'create-order over the api, nonce and decision on record before the answer leaves, ' +
          'beside the kernel in one thread; the caller is another process',
        rows,
        budgets: [],
      };
    } finally {
      await daemon.child.stop();
    }
  });
}

/** A signature that does not hold is not worth timing. */
async function checkAnswer({ api }: Daemon, token: string): Promise<void> {
  const caller = createOrderCaller(api, token, 1);
  await caller.createClient();
  const { tx_info: txInfo } = await caller.ask();
  await caller.close();
  const text = typeof txInfo === 'string' ? txInfo : '';
  const sig = /"Sig":"(?<base64>[^"]+)"/.exec(text)?.groups?.['base64'] ?? '';
  const kernel = createLighterKernel();
  const hash = hashTransaction(kernel, requestOfTxInfo('CreateOrder', TRADER.chainId, text));
  if (!kernel.verify(base64.decode(sig), hash, fromHex(keyVector(0).publicKey))) {
    throw new Error('the daemon signs otherwise');
  }
}

/** What one round found; rates are orders per second. */
interface Round {
  readonly kernelByWork: number;
  readonly kernelByClock: number;
  readonly daemonByWork: number;
  readonly daemonByClock: number;
  /** Milliseconds of single requests. */
  readonly p50: number;
  readonly p99: number;
}

type Course = Omit<LighterHttpEffort, 'atOnce'> & { readonly atOnce: number };

async function compare(
  { child }: Daemon,
  caller: OrderCaller,
  { rounds, warmUps, atOnce, orders }: Course,
): Promise<readonly Row[]> {
  const sign = createTurns(await ORDER_SIGNERS.kernel());

  async function round(): Promise<Round> {
    const [work, clock] = [since(workClock), since(wallClock)];
    await sign(orders);
    const kernel = { kernelByWork: perSecond(work()), kernelByClock: perSecond(clock()) };
    const before = await child.usage();
    const asked = since(wallClock);
    const times = await caller.call(orders);
    const took = asked();
    await sleep(TIDY);
    const used = (await child.usage()).cpuMilliseconds - before.cpuMilliseconds;
    return {
      ...kernel,
      daemonByWork: perSecond(used),
      daemonByClock: perSecond(took),
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
    };
  }
  const perSecond = (milliseconds: number): number => (1000 * orders) / milliseconds;

  const found: Round[] = [];
  for (let turn = -warmUps; turn < rounds; turn += 1) {
    const one = await round();
    if (turn >= 0) found.push(one);
  }
  const cell = (contender: string, name: keyof Round) => ({
    contender,
    rounds: found.map((one) => one[name]),
  });
  const what = `${String(atOnce)} at once`;
  return [
    {
      what: `${what}, by signer CPU`,
      unit: '/s',
      cells: [cell('kernel', 'kernelByWork'), cell('daemon', 'daemonByWork')],
    },
    {
      what: `${what}, by clock`,
      unit: '/s',
      cells: [cell('kernel', 'kernelByClock'), cell('daemon', 'daemonByClock')],
    },
    { what: `${what}, p50`, unit: 'ms', cells: [cell('daemon', 'p50')] },
    { what: `${what}, p99`, unit: 'ms', cells: [cell('daemon', 'p99')] },
  ];
}

/** Time on that clock since now. */
function since(clock: Clock): () => number {
  const start = clock();
  return () => clock() - start;
}

/** postgres: attestations decided and recorded on a server, beside the slashing checks of the baseline. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { openPostgresStore } from '../src/adapters/postgres/postgres-store.ts';
import { systemClock } from '../src/adapters/system.ts';
import { type Hex, toHex } from '../src/base/hex.ts';
import type { Store, Transaction } from '../src/core/ports.ts';
import { slashingLane } from '../src/core/slashing.ts';
import {
  postgresBinaries,
  type PostgresServer,
  startPostgres,
} from '../test/support/postgres-server.ts';
import { type Baseline, startBaseline } from './ethereum/baseline.ts';
import { createValidators } from './ethereum/validators.ts';
import { compileChildren } from './job/child.ts';
import { type Contender, type Effort, race, ratios, wallClock } from './measure.ts';
import type { Report } from './report.ts';
import { withScratch } from './scratch.ts';

export interface PostgresEffort extends Effort {
  readonly validators: number;
  /** Duties under way at once; each is a row of the report. */
  readonly atOnce: readonly number[];
  /** Validators in one call of the batch endpoint. */
  readonly batch: number;
}

const GENESIS = toHex(randomBytes(32));
/** As large as a validator client's request. */
const BODY = randomBytes(600);

/** `undefined` where PostgreSQL is not installed. */
export async function benchPostgres(effort: PostgresEffort): Promise<Report | undefined> {
  const binaries = postgresBinaries();
  if (binaries === undefined) return undefined;
  const server = await startPostgres(binaries);
  try {
    return await withScratch((directory) => measure(server, directory, effort));
  } finally {
    await server.dispose();
  }
}

async function measure(
  server: PostgresServer,
  directory: string,
  effort: PostgresEffort,
): Promise<Report> {
  compileChildren();
  const validators = createValidators(effort.validators);
  await mkdir(join(directory, 'baseline'));
  const baseline = await startBaseline(
    join(directory, 'baseline'),
    await server.createDatabase(),
    validators,
  );
  const url = await server.createDatabase();
  const { store } = await openPostgresStore({ url, directory, clock: systemClock });
  try {
    const duties = await createDuties(
      store,
      validators.map(({ pubkey }) => pubkey),
    );
    const contenders = effort.atOnce.flatMap((atOnce) => [
      checks(baseline, atOnce),
      recorded('store', duties.one, atOnce),
      recorded(`batches of ${String(effort.batch)}`, () => duties.batch(effort.batch), atOnce),
    ]);
    const rates = await race(contenders, effort, wallClock);
    const rows = effort.atOnce.map((atOnce, index) => {
      const [ours = [], ...others] = rates.slice(3 * index, 3 * index + 3);
      const [single = [], batches = []] = others;
      return {
        atOnce,
        baseline: ours,
        single,
        batches: batches.map((rate) => rate * effort.batch),
      };
    });
    return {
      subject: 'postgres',
      about:
        'slashing checks of the baseline; with them, decided and journalled duties of the store',
      rows: rows.map((row) => ({
        what: `duties, ${String(row.atOnce)} at once`,
        unit: '/s',
        cells: [
          { contender: 'eleven round trips', rounds: row.baseline },
          { contender: 'store', rounds: row.single },
          { contender: `batches of ${String(effort.batch)}`, rounds: row.batches },
        ],
      })),
      budgets: rows.slice(-1).map((row) => ({
        what: `batches / eleven round trips, ${String(row.atOnce)} at once`,
        ...{ unit: '×', must: 'at least', limit: 2 },
        rounds: ratios(row.batches, row.baseline),
      })),
    };
  } finally {
    await store.close();
    await baseline.child.stop();
  }
}

function checks(baseline: Baseline, atOnce: number): Contender {
  return {
    name: 'eleven round trips',
    async run(count) {
      await baseline.checks({ connections: atOnce, count });
    },
  };
}

function recorded(name: string, ask: () => Promise<void>, atOnce: number): Contender {
  return {
    name,
    async run(operations) {
      let left = operations;
      const client = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await ask();
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, operations) }, client));
    },
  };
}

interface Duties {
  readonly one: () => Promise<void>;
  /** The same vote of so many keys. */
  readonly batch: (keys: number) => Promise<void>;
}

/** Votes that nobody refuses: key after key, epoch after epoch. */
async function createDuties(store: Store, keys: readonly Hex[]): Promise<Duties> {
  await store.transact(keys.map(slashingLane), async (tx) => {
    for (const key of keys) await tx.slashing.begin(key, {});
  });
  let turn = 0;

  function batch(count: number): Promise<void> {
    const asked = Array.from({ length: Math.min(count, keys.length) }, () => {
      const key = keys[turn % keys.length] ?? GENESIS;
      const target = BigInt(Math.floor(turn / keys.length)) + 1n;
      turn += 1;
      return { key, target };
    });
    const lanes = asked.map(({ key }) => slashingLane(key));
    return store.transact(lanes, (tx) => decide(tx, asked));
  }

  return { one: () => batch(1), batch };
}

/** What the desk reads and writes for a request. */
async function decide(
  tx: Transaction,
  asked: readonly { readonly key: Hex; readonly target: bigint }[],
): Promise<void> {
  await tx.state(
    'ethereum',
    asked.map(({ key }) => `settings/${key}`),
  );
  const job = toHex(randomBytes(16));
  const root = toHex(randomBytes(32));
  const verdicts = await Promise.all(
    asked.map(({ key, target }) =>
      tx.slashing.record({ kind: 'attestation', key, source: target - 1n, target, root }, GENESIS),
    ),
  );
  if (verdicts.some(({ kind }) => kind === 'refused')) throw new Error('a vote was refused');
  tx.insertJob({
    ...{ job, source: 'ethereum-api', id: job, digest: root, eventType: 'BLS_SIGNING' },
    ...{ entityId: 'bench', body: BODY, caller: 'bench', receivedAt: Date.now() },
    ...{ stage: 'sign', outcome: 'signed', inputs: { parts: [{ inputs: { root } }] } },
  });
  for (const { key, target } of asked) {
    tx.addDecision({
      job,
      item: key,
      facts: {
        world: 'ethereum',
        action: 'attestation',
        values: { key: `0x${key}`, source_epoch: target - 1n, target_epoch: target },
      },
      decision: {
        verdict: 'allow',
        cause: 'permit',
        rules: ['all'],
        errors: [],
        policyHash: 'bench',
      },
      violations: [],
      doubts: [],
      caller: 'bench',
      decidedAt: Date.now(),
    });
  }
}

/**
 * ethereum: attestations over HTTP, each on record before its signature exists, beside the bare library
 * in two threads and beside a signer that asks its database as Web3Signer does.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  type PostgresServer,
  postgresBinaries,
  startPostgres,
} from '../test/support/postgres-server.ts';
import { type Baseline, startBaseline } from './ethereum/baseline.ts';
import { type DutyClient, startDutyClient } from './ethereum/duty-client.ts';
import { checkAnswer, startSignerDaemon } from './ethereum/signer-daemon.ts';
import { createValidators } from './ethereum/validators.ts';
import { type Call, createVotes, type Votes } from './ethereum/votes.ts';
import { type Child, compileChildren, compiledChild, startChild, type Usage } from './job/child.ts';
import { quantile, ratios, type Rounds } from './measure.ts';
import type { Budget, Report, Row, Unit } from './report.ts';
import { withScratch } from './scratch.ts';

export interface EthereumEffort {
  readonly rounds: number;
  /** Rounds that are not counted: compilers warm up, caches fill. */
  readonly warmUps: number;
  readonly validators: number;
  /** How often each validator votes, in each round and for each contender. */
  readonly epochs: number;
  /** Calls under way at once. */
  readonly connections: number;
  /** Validators in one call of the batch endpoint. */
  readonly batch: number;
}

/** Milliseconds after the last answer in which a signer may still tidy up. */
const TIDY = 50;
/** Of the baseline, which has as many connections to its database. */
const BASELINE_CONNECTIONS = 16;

export function benchEthereum(effort: EthereumEffort): Promise<Report> {
  return withScratch(async (directory) => {
    compileChildren();
    const binaries = postgresBinaries();
    const postgres = binaries === undefined ? undefined : await startPostgres(binaries);
    const rig = await startRig(directory, effort, postgres);
    try {
      const found: Round[] = [];
      for (let turn = -effort.warmUps; turn < effort.rounds; turn += 1) {
        const one = await round(rig, effort);
        if (turn >= 0) found.push(one);
      }
      return reportOf(found, effort);
    } finally {
      for (const child of rig.children) await child.stop();
      await postgres?.dispose();
    }
  });
}

interface Rig {
  readonly client: DutyClient;
  readonly votes: Votes;
  readonly raw: Child;
  readonly contenders: readonly Contender[];
  readonly baseline: Baseline | undefined;
  /** To be stopped. */
  readonly children: readonly Pick<Child, 'stop'>[];
}

/** A signer that is asked by HTTP, and how. */
interface Contender {
  readonly name: string;
  readonly port: number;
  readonly child: Pick<Child, 'usage'>;
  readonly calls: (votes: Votes) => readonly Call[];
  readonly connections: number;
}

async function startRig(
  directory: string,
  { validators: count, epochs, connections, batch }: EthereumEffort,
  postgres: PostgresServer | undefined,
): Promise<Rig> {
  const validators = createValidators(count);
  const votes = createVotes(validators);
  const home = (name: string): string => {
    const path = join(directory, name);
    mkdirSync(path);
    return path;
  };
  const client = await startDutyClient(home('client'));
  const raw = startChild({
    file: compiledChild('raw-blst'),
    environment: { SECRET: validators[0]?.secret ?? '' },
    directory: home('raw'),
  });
  await raw.heard();
  const daemon = await startSignerDaemon(home('sqlite'), validators);
  await checkAnswer(daemon, votes);
  const singles = (times: number) => (of: Votes) => Array.from({ length: times }, of.epoch).flat();
  const batches = (of: Votes) => Array.from({ length: epochs }, () => of.batches(batch)).flat();
  const contenders: Contender[] = [
    { ...daemon, name: 'daemon', calls: singles(epochs), connections },
    { ...daemon, name: 'its batches', calls: batches, connections: 2 },
  ];
  const children: Pick<Child, 'stop'>[] = [client, raw, daemon.child];
  if (postgres === undefined) {
    return { client, votes, raw, contenders, baseline: undefined, children };
  }
  const shared = await startSignerDaemon(home('postgres'), validators, {
    DATABASE_URL: (await postgres.createDatabase()).replace('@/', '@localhost/'),
  });
  const baseline = await startBaseline(
    home('baseline'),
    await postgres.createDatabase(),
    validators,
  );
  const asked = { calls: singles(1), connections: BASELINE_CONNECTIONS };
  contenders.push(
    { ...shared, name: 'on PostgreSQL', ...asked },
    { ...baseline, name: 'baseline', ...asked },
  );
  children.push(shared.child, baseline.child);
  return { client, votes, raw, contenders, baseline, children };
}

/** What one contender did in one round. */
interface Turn {
  readonly name: string;
  /** Signatures per second of CPU time of its process, and of the clock. */
  readonly byWork: number;
  readonly byClock: number;
  /** Microseconds of CPU time that the caller took for each signature. */
  readonly caller: number;
  /** Milliseconds of its calls, in ascending order. */
  readonly times: readonly number[];
}

interface Round {
  readonly turns: readonly Turn[];
  /** All validators at once: milliseconds of each call, and until the last answer. */
  readonly burst: Pick<Turn, 'times'> & { readonly took: number };
  /** Checks a second of the baseline's database, over one connection and over sixteen. */
  readonly checks: readonly [one: number, sixteen: number] | undefined;
}

async function round(rig: Rig, { validators, epochs }: EthereumEffort): Promise<Round> {
  const { client, contenders, votes, raw, baseline } = rig;
  const turns: Turn[] = [await signAlone(raw, validators * epochs)];
  for (const contender of contenders) turns.push(await call(contender, rig));
  const [daemon] = contenders;
  if (daemon === undefined) throw new Error('there is no daemon');
  const { took, milliseconds } = await client.run({
    port: daemon.port,
    connections: validators,
    calls: votes.slot(),
  });
  const checks =
    baseline &&
    ([
      await baseline.checks({ connections: 1, count: validators / 2 }),
      await baseline.checks({ connections: BASELINE_CONNECTIONS, count: validators }),
    ] as const);
  return { turns, burst: { took, times: ascending(milliseconds) }, checks };
}

async function signAlone(raw: Child, count: number): Promise<Turn> {
  const before = await raw.usage();
  raw.tell(count);
  const took = Number(await raw.heard());
  const used = spent(before, await raw.usage());
  const byWork = (1000 * count) / used;
  return { name: 'raw', byWork, byClock: (1000 * count) / took, caller: 0, times: [] };
}

async function call(
  { name, port, child, calls: make, connections }: Contender,
  { client, votes }: Rig,
): Promise<Turn> {
  const calls = make(votes);
  const count = calls.reduce((sum, { signatures }) => sum + signatures, 0);
  const [before, callerBefore] = [await child.usage(), await client.usage()];
  const { took, milliseconds } = await client.run({ port, connections, calls });
  await sleep(TIDY);
  const used = spent(before, await child.usage());
  return {
    name,
    byWork: (1000 * count) / used,
    byClock: (1000 * count) / took,
    caller: (1000 * spent(callerBefore, await client.usage())) / count,
    times: ascending(milliseconds),
  };
}

function spent(before: Usage, after: Usage): number {
  return after.cpuMilliseconds - before.cpuMilliseconds;
}

function ascending(values: readonly number[]): readonly number[] {
  return [...values].sort((left, right) => left - right);
}

function reportOf(found: readonly Round[], effort: EthereumEffort): Report {
  const names = found[0]?.turns.map(({ name }) => name) ?? [];
  const of = (name: string, value: (turn: Turn) => number): Rounds =>
    found.flatMap(({ turns }) => turns.filter((turn) => turn.name === name).map(value));
  const row = (
    what: string,
    unit: Unit,
    among: readonly string[],
    value: (turn: Turn) => number,
  ): Row => ({
    what,
    unit,
    cells: among.map((contender) => ({ contender, rounds: of(contender, value) })),
  });
  const burst = (what: string, value: (burst: Round['burst']) => number): Row => ({
    what: `all ${String(effort.validators)} validators in one slot, ${what}`,
    unit: 'ms',
    cells: [{ contender: 'daemon', rounds: found.map((one) => value(one.burst)) }],
  });
  const served = names.filter((name) => name !== 'raw');
  const alone = ['raw', 'daemon', 'its batches'];
  const checks = found.flatMap((one) => (one.checks === undefined ? [] : [one.checks]));
  const databaseRow = (what: string, place: 0 | 1): Row => ({
    what: `database alone, ${what}`,
    unit: '/s',
    cells: [{ contender: 'baseline', rounds: checks.map((rates) => rates[place]) }],
  });
  const rows: Row[] = [
    row('attestations by clock', '/s', names, ({ byClock }) => byClock),
    row('by CPU time of the signer', '/s', alone, ({ byWork }) => byWork),
    row('CPU time of the caller for one', 'µs', served, ({ caller }) => caller),
    row('p50 of a call', 'ms', served, ({ times }) => quantile(times, 0.5)),
    row('p99 of a call', 'ms', served, ({ times }) => quantile(times, 0.99)),
    burst('the last answer', ({ took }) => took),
    burst('p50', ({ times }) => quantile(times, 0.5)),
    burst('p99', ({ times }) => quantile(times, 0.99)),
    ...(checks.length === 0
      ? []
      : [databaseRow('1 connection', 0), databaseRow('16 connections', 1)]),
  ];
  return {
    subject: 'ethereum',
    about:
      `attestations of ${String(effort.validators)} validators over HTTP, each on record before it is signed; ` +
      (checks.length === 0
        ? 'PostgreSQL is not installed here, so the baseline did not run'
        : 'the baseline signs with the same library and asks PostgreSQL eleven times'),
    rows,
    budgets: budgetsOf(of, checks),
  };
}

function budgetsOf(
  of: (name: string, value: (turn: Turn) => number) => Rounds,
  checks: readonly (readonly [number, number])[],
): readonly Budget[] {
  const byWork = (name: string) => of(name, (turn) => turn.byWork);
  const byClock = (name: string) => of(name, (turn) => turn.byClock);
  const atLeast = (what: string, limit: number, rounds: Rounds): Budget => ({
    what,
    unit: '×',
    must: 'at least',
    limit,
    rounds,
  });
  const always = [
    atLeast('daemon / raw, by CPU time', 0.6, ratios(byWork('daemon'), byWork('raw'))),
    atLeast('daemon / raw, by clock', 0.35, ratios(byClock('daemon'), byClock('raw'))),
    atLeast('batches / raw, by CPU time', 0.8, ratios(byWork('its batches'), byWork('raw'))),
  ];
  if (checks.length === 0) return always;
  const known = [850, 1_594] as const;
  return [
    ...always,
    atLeast('daemon / baseline, by clock', 2, ratios(byClock('daemon'), byClock('baseline'))),
    ...known.map((rate, place) =>
      atLeast(
        `baseline’s database as near to ${String(rate)} a second, as once measured, as half or double`,
        0.5,
        checks.map((rates) => nearness(rates[place] ?? NaN, rate)),
      ),
    ),
  ];
}

/** 1 where both are the same, a half where one is twice the other. */
function nearness(one: number, other: number): number {
  return Math.min(one / other, other / one);
}

/**
 * deliver — from a durable outbox, each promise on its own: a message that cannot be delivered
 * delays no other. Rows wait in the store, never only in memory.
 */
import { createGate, type Gate } from './gate.ts';
import { failureOf, usefulUntil, wordsOf } from './outbox.ts';
import type { Outcome, Reason } from './outcome.ts';
import type {
  Clock,
  JobChange,
  JobRecord,
  KeyRing,
  Observer,
  OutboxRecord,
  Random,
  Receipt,
  RouteState,
  Store,
  Transport,
} from './ports.ts';
import type { Probe } from './probe.ts';
import type { Job, Message } from './protocol.ts';
import { brokenReason } from './report.ts';
import { ended, retryDelay, settle, type Settlement } from './retry.ts';
import { frozenKeyOf } from './frozen.ts';

/** Attempts under way at once, over all routes. */
const IN_FLIGHT = 64;
/** Messages kept in memory behind them; what comes later is made again from the store. */
const KEPT = 256;
/** A frozen key's answers that are to be made anew are looked at again after this many milliseconds. */
const FROZEN_WAIT = 30_000;
/** The same while keys are being loaded. */
const UNREADY_WAIT = 500;

export interface CourierDeps {
  readonly store: Store;
  readonly transport: Transport;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
  /** Reads a stored job again, for attempts after a restart. */
  readonly open: (record: JobRecord) => Job | undefined;
  /** Whether the keys of a source are there. */
  readonly isReady: (source: string) => boolean;
  /** Milliseconds after which an undelivered row is parked. */
  readonly lifetime: number;
  readonly probe?: Probe;
}

export interface Ready {
  readonly row: OutboxRecord;
  readonly record: JobRecord;
  readonly job: Job;
  readonly message: Message;
}

export interface Courier {
  /** Tries a row at once, its words at hand, unless too much is under way; the store has it anyway. */
  readonly offer: (ready: Ready) => void;
  /** Looks for due rows now, and whenever the next one is due. */
  readonly wake: () => void;
  /** Starts nothing more and waits for what is under way. */
  readonly stop: () => Promise<void>;
  readonly routes: () => ReadonlyMap<string, RouteState>;
}

export function createCourier(deps: CourierDeps): Courier {
  const { store, transport, keys, clock, random, observer, probe } = deps;
  const bornAt = clock.now();
  const underWay = new Map<string, Promise<void>>();
  const kept = new Map<string, Ready>();
  const gates = new Map<string, Gate>();
  const states = new Map<string, RouteState>();
  /** Jobs whose answers were set aside, each told once. */
  const unreadable = new Set<string>();
  let stopped = false;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let cancelTimer = (): void => undefined;

  function gateOf(route: string): Gate {
    const known = gates.get(route);
    if (known !== undefined) return known;
    const gate = createGate();
    gates.set(route, gate);
    return gate;
  }

  function offer(ready: Ready): void {
    if (stopped) return;
    // A secret is not kept: its key may be frozen before its turn comes.
    const canBeKept = kept.size < KEPT && ready.job.answers !== 'secret';
    if (isTaken(ready.row)) setTimer(FIRST_LOOK);
    else if (underWay.size < IN_FLIGHT) start(ready.row, () => attempt(ready));
    else if (canBeKept) kept.set(keyOf(ready.row), ready);
    else setTimer(FIRST_LOOK);
  }

  function startKept(): void {
    for (const [key, ready] of kept) {
      if (stopped || underWay.size >= IN_FLIGHT) return;
      kept.delete(key);
      start(ready.row, () => attempt(ready));
    }
  }

  /** Begins an attempt if the row's route admits one, else lets the row wait. */
  function start(row: OutboxRecord, work: () => Promise<void>): void {
    const gate = gateOf(row.route);
    const wait = gate.admit(clock.now());
    const done = (wait === 0 ? work().finally(gate.release) : postpone(row, wait))
      .catch((error: unknown) => {
        reportBroken(error, row.job);
        return postpone(row, LONGEST_LOOK);
      })
      .catch((error: unknown) => {
        reportBroken(error, row.job);
      })
      .finally(() => {
        underWay.delete(keyOf(row));
        if (lookAgain) wake();
        startKept();
      });
    underWay.set(keyOf(row), done);
  }

  async function attempt({ row, record, job, message }: Ready): Promise<void> {
    const startedAt = clock.elapsed();
    const end = usefulUntil(row, record, job);
    const failure = failureInstead({ row, record, job }, end);
    probe?.('deliver.before-send');
    const receipt = await transport.send(failure ?? message);
    probe?.('deliver.after-send');
    const now = clock.now();
    noteRoute(row.route, gateOf(row.route).report(receipt, now), receipt);
    const until = Math.min(row.createdAt + deps.lifetime, failure === undefined ? end : Infinity);
    const tried = settle(row, receipt, { now, until, unit: random.unit() });
    const settled = failure === undefined ? tried : afterFailure(tried);
    await commit(settled, now);
    observer.stage({
      stage: 'deliver',
      source: record.source,
      job: row.job,
      ...outcomeOf(settled.row, record),
      ...(receipt.kind === 'delivered' ? {} : { reason: receipt.reason }),
      milliseconds: clock.elapsed() - startedAt,
    });
    if (settled.alarm !== undefined) observer.alarm(settled.alarm, row.job);
    if (settled.row.state === 'pending') setTimer(settled.row.nextAt - now);
  }

  /**
   * What is said of an answer that was of use when it was promised and is so no more since `end`. One
   * that is asked for again after that is sent, late as it is.
   */
  function failureInstead(
    { row, record, job }: Omit<Ready, 'message'>,
    end: number,
  ): Message | undefined {
    const isLapsed = row.part === 'answer' && row.createdAt < end && clock.now() >= end;
    return isLapsed ? failureOf(record, job, LAPSED) : undefined;
  }

  async function commit({ row, alarm }: Settlement, now: number): Promise<void> {
    await store.transact([`job/${row.job}`], (tx) => {
      tx.putOutbox(row);
      if (row.state !== 'pending') tx.changeJob(row.job, now, jobChange(row, alarm));
      probe?.('deliver.before-commit');
      return Promise.resolve();
    });
    probe?.('deliver.after-commit');
  }

  /** A row that may not be tried now waits in the store until its route may be tried again. */
  async function postpone(row: OutboxRecord, wait: number): Promise<void> {
    const delay = wait + retryDelay(0, random.unit());
    await store.transact([`job/${row.job}`], (tx) => {
      tx.putOutbox({ ...row, nextAt: clock.now() + delay });
      return Promise.resolve();
    });
    setTimer(delay);
  }

  function noteRoute(route: string, state: RouteState, receipt: Receipt): void {
    if (states.get(route) === state) return;
    const before = states.get(route);
    states.set(route, state);
    observer.route(route, state);
    if (state !== 'closed' && receipt.kind !== 'delivered') {
      observer.alarm({
        code: `deliver.route_${state}`,
        message: `${route}: ${receipt.reason.message}`,
      });
    } else if (before !== undefined) wake();
  }

  async function prepare(found: OutboxRecord): Promise<void> {
    // A row older than this process may have been under way when the last one ended.
    const row = found.createdAt < bornAt ? { ...found, unknown: true } : found;
    const record = await store.job(row.job);
    if (record === undefined) throw new Error('an outbox row has no job');
    const job = deps.open(record);
    if (job === undefined) return setAside(row);
    const failure = failureInstead({ row, record, job }, usefulUntil(row, record, job));
    if (failure !== undefined) return attempt({ row, record, job, message: failure });
    const isMadeAnew = row.part === 'answer' && record.answer === undefined;
    if (isMadeAnew && !deps.isReady(record.source)) return postpone(row, UNREADY_WAIT);
    if (isMadeAnew && frozenKeyOf(keys, job, record) !== undefined) {
      return postpone(row, FROZEN_WAIT);
    }
    const message = await wordsOf(row, record, job);
    if (message === undefined) throw new Error('an outbox row has no words');
    return attempt({ row, record, job, message });
  }

  /** Its words are not to be had now; they may be under another configuration. */
  async function setAside(row: OutboxRecord): Promise<void> {
    const now = clock.now();
    if (now >= row.createdAt + deps.lifetime) {
      await commit(ended(row, 'parked', UNREADABLE), now);
    } else await postpone(row, LONGEST_LOOK);
    if (!unreadable.has(row.job)) observer.alarm(UNREADABLE, row.job);
    unreadable.add(row.job);
  }

  function wake(): void {
    if (stopped) return;
    if (looking !== undefined || underWay.size >= IN_FLIGHT) {
      lookAgain = true;
      return;
    }
    lookAgain = false;
    looking = look()
      .catch((error: unknown) => {
        reportBroken(error);
        setTimer(LONGEST_LOOK);
      })
      .finally(() => {
        looking = undefined;
        if (lookAgain) wake();
      });
  }

  async function look(): Promise<void> {
    await startDue(clock.now());
    const next = await store.nextDue();
    if (next === undefined) return;
    const wait = next - clock.now();
    if (wait > LONGEST_WAIT) await startDue(next);
    else setTimer(wait);
  }

  async function startDue(at: number): Promise<void> {
    // Rows under way are still due, so there may be fewer new ones than asked for.
    const due = await store.dueOutbox(at, IN_FLIGHT);
    for (const row of due) if (!isTaken(row)) start(row, () => prepare(row));
  }

  function isTaken(row: OutboxRecord): boolean {
    return underWay.has(keyOf(row)) || kept.has(keyOf(row));
  }

  let timerAt = Infinity;
  function setTimer(delay: number): void {
    const at = clock.now() + Math.min(Math.max(delay, FIRST_LOOK), LONGEST_LOOK);
    if (stopped || at >= timerAt) return;
    cancelTimer();
    timerAt = at;
    cancelTimer = clock.after(at - clock.now(), () => {
      timerAt = Infinity;
      wake();
    });
  }

  function reportBroken(error: unknown, job?: string): void {
    observer.failure(error, job);
    observer.alarm(brokenReason('deliver', error), job);
  }

  async function stop(): Promise<void> {
    stopped = true;
    cancelTimer();
    await looking;
    await Promise.all(underWay.values());
  }

  return Object.freeze({ offer, wake, stop, routes: () => states });
}

/** Milliseconds between two looks at the outbox, at the least and at the most. */
const FIRST_LOOK = 20;
const LONGEST_LOOK = 60_000;
/** No row is made to wait for as long as this; one that seems to be is older than a clock set back. */
const LONGEST_WAIT = 3_600_000;

const UNREADABLE: Reason = Object.freeze({
  code: 'deliver.unreadable',
  message:
    'an answer waits whose request is not ours by this configuration: its world is off, or set up for another seed or network',
});

const LAPSED: Reason = Object.freeze({
  code: 'deliver.lapsed',
  message: 'no answer left while it was of use; ask again, under an id of its own',
});

/** How the end of a row shows on its job; the reason of a refusal stays what it was. */
function jobChange(
  row: OutboxRecord,
  alarm: Reason | undefined,
): JobChange & { readonly stage: 'deliver' } {
  if (row.part === 'decline' || alarm === undefined) return { stage: 'deliver' };
  return row.state === 'unconfirmed'
    ? { stage: 'deliver', reason: alarm }
    : { stage: 'deliver', outcome: 'failed', reason: alarm };
}

/** A failure that was told is no answer: the job has failed. */
function afterFailure({ row, alarm }: Settlement): Settlement {
  if (row.state !== 'delivered') return { row, ...(alarm && { alarm }) };
  return { row: { ...row, error: LAPSED }, alarm: LAPSED };
}

function keyOf(row: OutboxRecord): string {
  return `${row.job}/${row.part}`;
}

function outcomeOf(row: OutboxRecord, record: JobRecord): { readonly outcome?: Outcome } {
  if (row.state === 'rejected' || row.state === 'parked') return { outcome: 'failed' };
  return record.outcome === undefined ? {} : { outcome: record.outcome };
}

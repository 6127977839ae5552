/**
 * verify → claim → dispatch → decide → sign → deliver.
 *
 * `intake` verifies and claims; here a claimed job is taken through the other four. Each stage ends
 * with a commit, so a crash at any instruction is continued from the last one: a job is decided
 * once, signed from what the decision stored, and delivered from the outbox.
 */
import { err, type Result } from '../base/result.ts';
import { readEnvelope } from './claim.ts';
import { createDecider, type Decided } from './decide.ts';
import { createCourier, type Courier } from './deliver.ts';
import type { DeskSource } from './desk.ts';
import type { Dispatch } from './dispatch.ts';
import { frozenKeyOf } from './frozen.ts';
import { wordsOf } from './outbox.ts';
import type { Outcome, Reason, Stage } from './outcome.ts';
import {
  type Clock,
  CommitUnknown,
  type JobRecord,
  type KeyRing,
  type Observer,
  type PolicyBook,
  type Random,
  type Store,
  type Transport,
} from './ports.ts';
import type { Probe } from './probe.ts';
import type { Envelope, Job, Message, NotOurs } from './protocol.ts';
import { brokenReason, startStage } from './report.ts';
import { createRunner } from './runner.ts';
import { createSignStage } from './sign.ts';
import type { Scheme } from './verify.ts';

/** Where events of one kind come from. */
export interface Source {
  readonly name: string;
  readonly verify: Scheme;
  readonly dispatch: Dispatch;
  /** Whether its keys are there; until then its events are asked to come again. Absent: always. */
  readonly isReady?: () => boolean;
  /** Why a request must not even be remembered, because it carries a secret. */
  readonly screen?: (envelope: Envelope) => Reason | undefined;
  /**
   * `accepted`: the sender hears 2xx as soon as its request is durable, the answer follows.
   * `inline`: the answer is the HTTP response.
   */
  readonly acknowledge: 'accepted' | 'inline';
  /** Milliseconds within which the sender must hear something. */
  readonly patience: number;
}

/** How one run of a job ended; `undefined` when another run of it was faster or the daemon stops. */
export type Ended =
  | { readonly kind: 'signed'; readonly message: Message }
  | { readonly kind: Exclude<Outcome, 'signed'>; readonly reason: Reason }
  | undefined;

/** A stored request, read: a job, or why there is none. */
export type Opened = Result<Job, NotOurs>;

/** A job that is decided; what was asked for is known where it was decided in this run. */
type DecidedNow = Pick<Decided, 'record' | 'row' | 'action'>;

export interface PipelineDeps {
  readonly store: Store;
  readonly policy: PolicyBook;
  readonly keys: KeyRing;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
  readonly sources: readonly Source[];
  /** Of requests that are answered in line and never run here; their records are only read. */
  readonly desks: readonly DeskSource[];
  /** Milliseconds by which the clock has jumped; absent where nobody watches it. */
  readonly clockStep?: () => number;
  /** Milliseconds after which an undelivered answer is parked. */
  readonly outboxLifetime: number;
  readonly probe?: Probe;
}

export interface Pipeline {
  /** Runs a claimed job from its last complete stage; `opened` spares reading it again. */
  readonly run: (record: JobRecord, opened?: Opened) => Promise<Ended>;
  /**
   * Decides a withheld job again, or one that was not ours to sign when it came; one that was only
   * frozen is signed from what was decided.
   */
  readonly rearm: (record: JobRecord) => Promise<Ended>;
  /** Sends what a finished job said once more: the identical answer. */
  readonly resend: (record: JobRecord) => Promise<void>;
  /** What a finished job answers; `undefined` where it has no answer. */
  readonly answerOf: (record: JobRecord) => Promise<Message | undefined>;
  /** Takes up everything that was unfinished when the last process ended, of sources that are ready. */
  readonly recover: () => Promise<number>;
  /** `undefined` where a record is of no request that can be read, or its world is off. */
  readonly open: (record: JobRecord) => Job | undefined;
  readonly courier: Courier;
  /** Jobs waiting for their turn. */
  readonly waiting: () => number;
  /** Starts nothing more; what is under way is finished or left durable. */
  readonly stop: () => Promise<void>;
}

/** Outcomes under which nothing was signed or said. */
const REARMED: ReadonlySet<Outcome> = new Set(['withheld', 'ignored', 'malformed']);

/** Jobs read at a time while recovering. */
const PAGE = 500;

export function createPipeline(deps: PipelineDeps): Pipeline {
  const { store, clock, observer } = deps;
  const sources = new Map(deps.sources.map((source) => [source.name, source]));
  const desks = new Map(deps.desks.map((desk) => [desk.name, desk]));
  const decider = createDecider(deps);
  const signing = createSignStage(deps);
  const courier = createCourier({ ...deps, open, isReady, lifetime: deps.outboxLifetime });
  const runner = createRunner<Ended, Opened>({
    reload: store.job,
    work: guarded,
    stopped: undefined,
  });

  async function work(record: JobRecord, opened?: Opened): Promise<Ended> {
    const job = opened ?? dispatch(record);
    if (!job.ok) return end(record, 'dispatch', job.error);
    const decided = await decide(record, job.value);
    if (decided === undefined || 'kind' in decided) return decided;
    return decided.record.outcome === 'signed'
      ? signDecided(decided, job.value)
      : signAndDeliver(decided.record, job.value);
  }

  function dispatch(record: JobRecord): Opened {
    const envelope = readEnvelope(
      { source: record.source, body: record.body, headers: {} },
      { secret: record.caller, id: record.id },
    );
    if (!envelope.ok) return err({ kind: 'malformed', reason: envelope.error.reason });
    return (desks.get(record.source) ?? sourceOf(record)).dispatch(envelope.value);
  }

  /** What was decided, or how the job ended. A job that was decided before is not decided again. */
  async function decide(record: JobRecord, job: Job): Promise<DecidedNow | Ended> {
    if (record.stage !== 'claim') return { record };
    const timed = startStage(deps, record.source);
    const inline = isInline(record);
    const decided = await decider.decide(record, job, inline);
    if (decided === undefined) return undefined;
    const { verdict, rules, action, alarms, events: parts } = decided;
    if (decided.refuses) courier.wake();
    for (const alarm of alarms) observer.alarm(alarm, record.job);
    const about = action === undefined ? {} : { action };
    const stage = { stage: 'decide', world: job.world, rules, parts, ...about } as const;
    if (verdict.outcome === 'signed') {
      timed.end(stage, record.job);
      return decided;
    }
    timed.end({ ...stage, ...verdict }, record.job);
    return { kind: verdict.outcome, reason: verdict.reason };
  }

  async function signAndDeliver(record: JobRecord, job: Job): Promise<Ended> {
    const timed = startStage(deps, record.source);
    const inline = isInline(record);
    const signed = await signing.sign(record, job, inline);
    if (signed === undefined) return undefined;
    const stage = { stage: 'sign', world: job.world, outcome: signed.kind } as const;
    if (signed.kind === 'withheld') {
      timed.end({ ...stage, reason: signed.reason }, record.job);
      return signed;
    }
    timed.end(stage, record.job);
    const { row, message } = signed;
    if (row !== undefined) courier.offer({ row, record: signed.record, job, message });
    return { kind: 'signed', message };
  }

  /** Signs what may leave on the decision's account; if that breaks, the outbox has the promise. */
  async function signDecided({ record, row, action }: DecidedNow, job: Job): Promise<Ended> {
    const about = action === undefined ? {} : { action };
    const timed = startStage(deps, record.source);
    const frozen = frozenKeyOf(deps.keys, job, record);
    if (frozen !== undefined) {
      timed.end(
        { stage: 'sign', world: job.world, outcome: 'withheld', reason: frozen },
        record.job,
      );
      courier.wake();
      return { kind: 'withheld', reason: frozen };
    }
    try {
      deps.probe?.('sign.before');
      const message = await wordsOf({ part: 'answer' }, record, job);
      deps.probe?.('sign.after');
      if (message === undefined) throw new Error('a decided job has no inputs to sign');
      timed.end({ stage: 'sign', world: job.world, outcome: 'signed', ...about }, record.job);
      if (row !== undefined) courier.offer({ row, record, job, message });
      return { kind: 'signed', message };
    } catch (error) {
      observer.failure(error, record.job);
      observer.alarm(brokenReason('sign', error), record.job);
      courier.wake();
      return undefined;
    }
  }

  /**
   * Where machinery breaks the job is withheld under the error's name, to be decided again. After a
   * commit of unknown outcome its row is not touched: the next start reads what was committed.
   */
  async function guarded(record: JobRecord, opened?: Opened): Promise<Ended> {
    try {
      return await work(record, opened);
    } catch (error) {
      observer.failure(error, record.job);
      const reason = brokenReason(record.stage, error);
      if (error instanceof CommitUnknown) {
        observer.alarm(reason, record.job);
        return { kind: 'withheld', reason };
      }
      return end(record, record.stage, { kind: 'withheld', reason });
    }
  }

  async function end(
    record: JobRecord,
    stage: Stage,
    {
      kind: outcome,
      reason,
    }: { readonly kind: Exclude<Outcome, 'signed'>; readonly reason: Reason },
  ): Promise<Ended> {
    const timed = startStage(deps, record.source);
    try {
      await change(record, { stage, outcome, reason });
    } catch (error) {
      observer.failure(error, record.job);
      observer.alarm(brokenReason(stage, error), record.job);
    }
    timed.end({ stage, outcome, reason }, record.job);
    return { kind: outcome, reason };
  }

  function change(
    record: JobRecord,
    to: { readonly stage: Stage; readonly outcome: Outcome | null; readonly reason: Reason | null },
  ): Promise<void> {
    return store.transact([`job/${record.job}`], (tx) => {
      tx.changeJob(record.job, clock.now(), to);
      return Promise.resolve();
    });
  }

  async function rearm(record: JobRecord): Promise<Ended> {
    const rearmed = await store.transact([`job/${record.job}`], async (tx) => {
      const current = await tx.job(record.job);
      if (current?.outcome === undefined || !REARMED.has(current.outcome)) return undefined;
      const isDecided = current.outcome === 'withheld' && current.inputs !== undefined;
      const stage = isDecided ? 'decide' : 'claim';
      tx.changeJob(record.job, clock.now(), { stage, outcome: null, reason: null });
      return tx.job(record.job);
    });
    return rearmed === undefined ? undefined : runner.run(rearmed);
  }

  async function resend(record: JobRecord): Promise<void> {
    await store.transact([`job/${record.job}`], async (tx) => {
      const now = clock.now();
      const ended = (await tx.outboxOf(record.job)).filter(({ state }) => state !== 'pending');
      for (const row of ended) {
        tx.putOutbox({ ...row, state: 'pending', createdAt: now, nextAt: now });
      }
      if (ended.length > 0 && record.outcome === 'failed') {
        tx.changeJob(record.job, now, { stage: 'sign', outcome: 'signed', reason: null });
      }
    });
    courier.wake();
  }

  async function answerOf(record: JobRecord): Promise<Message | undefined> {
    const job = open(record);
    if (job === undefined) return undefined;
    const isFrozen =
      record.answer === undefined && frozenKeyOf(deps.keys, job, record) !== undefined;
    return isFrozen ? undefined : wordsOf({ part: 'answer' }, record, job);
  }

  async function recover(): Promise<number> {
    let recovered = 0;
    for (const source of [...sources.keys(), ...desks.keys()].filter(isReady)) {
      recovered += await recoverSource(source);
    }
    courier.wake();
    return recovered;
  }

  async function recoverSource(source: string): Promise<number> {
    let recovered = 0;
    for (;;) {
      const page = await store.jobs({ unfinished: true, source, limit: PAGE });
      const endings = await Promise.all(page.map((record) => runner.run(record)));
      recovered += endings.filter((ending) => ending !== undefined).length;
      // Jobs that cannot end now (the store broke, the daemon stops) would be found for ever.
      if (page.length < PAGE || endings.every((ending) => ending === undefined)) break;
    }
    return recovered;
  }

  function isReady(source: string): boolean {
    return sources.get(source)?.isReady?.() ?? true;
  }

  function open(record: JobRecord): Job | undefined {
    if (!desks.has(record.source) && !sources.has(record.source)) return undefined;
    const job = dispatch(record);
    return job.ok ? job.value : undefined;
  }

  /** Nobody waits any more for what a desk left unfinished; who asks again finds it done. */
  function isInline(record: JobRecord): boolean {
    return desks.has(record.source) || sourceOf(record).acknowledge === 'inline';
  }

  function sourceOf(record: JobRecord): Source {
    const source = sources.get(record.source);
    if (source === undefined) {
      throw new Error(`no source \`${record.source}\`: the world of this job is off`);
    }
    return source;
  }

  async function stop(): Promise<void> {
    await runner.stop();
    await courier.stop();
  }

  return Object.freeze({
    run: runner.run,
    rearm,
    resend,
    answerOf,
    recover,
    open,
    courier,
    waiting: runner.waiting,
    stop,
  });
}

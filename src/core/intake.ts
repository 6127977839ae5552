/**
 * verify and claim: from bytes on a wire to a durable row, and what the sender hears.
 *
 * A sender is answered as soon as its request is safe, not when it is served. The same request again
 * gets the same answer and never a second effect.
 */
import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { unreachable } from '../base/unreachable.ts';
import { type Claim, claim, digestOf, readEnvelope } from './claim.ts';
import type { Reason } from './outcome.ts';
import type { Ended, Opened, Pipeline, PipelineDeps, Source } from './pipeline.ts';
import type { JobRecord, NewJob } from './ports.ts';
import type { Envelope, Message } from './protocol.ts';
import { brokenReason, startStage } from './report.ts';
import type { Delivery, Verified } from './verify.ts';

/** What the sender hears. */
export interface Acknowledgement {
  readonly status: number;
  readonly body?: JsonObject;
  readonly job?: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

export interface Intake {
  readonly accept: (delivery: Delivery) => Promise<Acknowledgement>;
  /** From now on every sender is asked to come again. */
  readonly close: () => void;
}

/** A delivered answer is not sent again more often than this, in milliseconds. */
const RESEND_INTERVAL = 10_000;

type Read = ReturnType<typeof readEnvelope>;

/** What was asked, as far as it can be read. */
interface Asked {
  readonly read: Read;
  /** Absent where there is no envelope, or where reading what is in it broke. */
  readonly opened: Opened | undefined;
}

export function createIntake(deps: PipelineDeps, pipeline: Pipeline): Intake {
  const { store, clock, random, observer, probe } = deps;
  const sources = new Map(deps.sources.map((source) => [source.name, source]));
  let closed = false;

  async function accept(delivery: Delivery): Promise<Acknowledgement> {
    const source = sources.get(delivery.source);
    if (source === undefined) {
      return { status: 404, body: { code: 'intake.off', message: 'this world is not configured' } };
    }
    if (closed) return busy('the daemon is stopping; send it again');
    if (source.isReady?.() === false) return busy('keys are being loaded; send it again');

    const verified = verify(source, delivery);
    if (!verified.ok) return problem(401, verified.error);
    const read = readEnvelope(delivery, verified.value);
    const unfit = read.ok ? source.screen?.(read.value) : undefined;
    if (unfit !== undefined) {
      observer.alarm(unfit);
      return problem(400, unfit);
    }
    // Reading the request takes no time, so a sender of nonsense hears of it at once.
    const asked = { read, opened: read.ok ? open(source, read.value) : undefined };
    return remember(source, newJob(delivery, verified.value, asked), asked);
  }

  async function remember(source: Source, job: NewJob, asked: Asked): Promise<Acknowledgement> {
    const claimed = await claimOnce(job, asked);
    if (!claimed.ok) return claimed.error;
    const { record } = claimed.value;
    if (claimed.value.kind === 'conflict') return problem(409, CONFLICT, record);
    if (record.outcome !== undefined) return acceptAgain(source, record, asked);

    const running = pipeline.run(record, asked.opened);
    if (asked.opened?.ok === false) return afterEnd(record, await running);
    return source.acknowledge === 'inline' ? answer(source, record, running) : accepted(record);
  }

  function open(source: Source, envelope: Envelope): Opened | undefined {
    try {
      return source.dispatch(envelope);
    } catch {
      // It breaks again once the request is durable, and is then on its record.
      return undefined;
    }
  }

  function verify(source: Source, delivery: Delivery): Result<Verified, Reason> {
    const timed = startStage(deps, source.name);
    const verified = source.verify(delivery, timed.startedAt);
    timed.end({
      stage: 'verify',
      ...(verified.ok ? {} : { outcome: 'unverified', reason: verified.error }),
    });
    return verified;
  }

  async function claimOnce(
    job: NewJob,
    { read, opened }: Asked,
  ): Promise<Result<Claim, Acknowledgement>> {
    const timed = startStage(deps, job.source);
    try {
      const claimed = await claim(store, job, probe);
      const late = lateness(read, timed.startedAt);
      timed.end({ stage: 'claim', ...endingOf(claimed, read), ...late }, claimed.record.job);
      if (claimed.kind === 'new' && opened?.ok === false) {
        const { kind: outcome, reason } = opened.error;
        timed.end({ stage: 'dispatch', outcome, reason }, job.job);
      }
      return ok(claimed);
    } catch (error) {
      observer.failure(error);
      observer.alarm(brokenReason('claim', error));
      return err(busy('the request could not be remembered; send it again'));
    }
  }

  /** The same request once more, after it ended. */
  async function acceptAgain(
    source: Source,
    record: JobRecord,
    { opened }: Asked,
  ): Promise<Acknowledgement> {
    const inline = source.acknowledge === 'inline';
    const { outcome } = record;
    // What was not ours to sign may be so since: the configuration changed, or this program did.
    const isPassedBy = outcome === 'malformed' || outcome === 'ignored';
    if (isPassedBy && !isOurs(opened)) {
      return outcome === 'malformed'
        ? problem(400, record.reason ?? MALFORMED, record)
        : accepted(record);
    }
    if (isPassedBy || outcome === 'withheld') {
      const running = pipeline.rearm(record);
      return inline ? answer(source, record, running) : accepted(record);
    }
    if (inline && outcome !== 'declined') return answerAgain(record);
    if (isResendDue(record)) await pipeline.resend(record);
    return accepted(record);
  }

  /** A burst of redeliveries must not become a burst of mutations. */
  function isResendDue(record: JobRecord): boolean {
    return record.outcome === 'failed' || clock.now() - record.updatedAt >= RESEND_INTERVAL;
  }

  async function answer(
    source: Source,
    record: JobRecord,
    running: Promise<Ended>,
  ): Promise<Acknowledgement> {
    const ended = await within(source.patience, running);
    return ended?.kind === 'signed' ? answered(record, ended.message) : afterEnd(record, ended);
  }

  async function answerAgain(record: JobRecord): Promise<Acknowledgement> {
    const message = await pipeline.answerOf(record);
    return message === undefined ? accepted(record) : answered(record, message);
  }

  function answered(record: JobRecord, message: Message): Acknowledgement {
    if (probe !== undefined) {
      probe('answer.before');
      // A timer waits for its turn, and the response is written in this one.
      clock.after(0, () => {
        probe('answer.after');
      });
    }
    return { status: 200, body: bodyOf(message), job: record.job };
  }

  /** `undefined` if patience ends first; the job goes on. */
  function within(patience: number, running: Promise<Ended>): Promise<Ended> {
    return new Promise((settle) => {
      const cancel = clock.after(patience, () => {
        settle(undefined);
      });
      void running.then((ended) => {
        cancel();
        settle(ended);
      });
    });
  }

  /** What is not to be signed has its ending from the start. */
  function newJob(delivery: Delivery, verified: Verified, { read, opened }: Asked): NewJob {
    const common = {
      job: random.id(),
      source: delivery.source,
      body: delivery.body,
      caller: `${delivery.source}/${verified.secret}`,
      receivedAt: clock.now(),
      stage: 'claim',
    } as const;
    if (read.ok) {
      const { id, eventType, entityId } = read.value;
      const job = { ...common, id, eventType, entityId, digest: digestOf(read.value) };
      if (opened?.ok !== false) return job;
      const { kind: outcome, reason } = opened.error;
      return { ...job, stage: 'dispatch', outcome, reason };
    }
    const { id, digest, reason } = read.error;
    return { ...common, id, digest, eventType: '', entityId: '', outcome: 'malformed', reason };
  }

  return Object.freeze({
    accept,
    close(): void {
      closed = true;
    },
  });
}

const CONFLICT: Reason = {
  code: 'claim.conflict',
  message: 'the same event id came before with other data; the first one stands',
};
const MALFORMED: Reason = { code: 'claim.malformed', message: 'the request cannot be read' };

/** Whether a request is one that we sign, rather than another signer beside us or nobody. */
function isOurs(opened: Opened | undefined): boolean {
  return opened?.ok === true && !opened.value.observes;
}

function endingOf(
  claimed: Claim,
  read: Read,
): { readonly outcome?: 'repeated' | 'conflict' | 'malformed'; readonly reason?: Reason } {
  switch (claimed.kind) {
    case 'conflict':
      return { outcome: 'conflict', reason: CONFLICT };
    case 'same':
      return { outcome: 'repeated' };
    case 'new':
      return read.ok ? {} : { outcome: 'malformed', reason: read.error.reason };
    default:
      return unreachable(claimed);
  }
}

function lateness(read: Read, now: number): { readonly latenessMilliseconds?: number } {
  const sentAt = read.ok ? Date.parse(read.value.timestamp) : NaN;
  return Number.isNaN(sentAt) ? {} : { latenessMilliseconds: Math.max(0, now - sentAt) };
}

/** What a sender hears whose request ended without an answer for it. */
function afterEnd(record: JobRecord, ended: Ended): Acknowledgement {
  switch (ended?.kind) {
    case undefined:
      return { ...busy('not answered yet; send it again'), job: record.job };
    case 'malformed':
      return problem(400, ended.reason, record);
    case 'withheld':
    case 'failed':
      return { ...problem(503, ended.reason, record), retryAfter: 60 };
    case 'signed':
    case 'declined':
    case 'ignored':
      return accepted(record);
    default:
      return unreachable(ended);
  }
}

function bodyOf(message: Message): JsonObject {
  switch (message.kind) {
    case 'graphql':
      return message.variables;
    case 'callback':
      return message.body;
    default:
      return unreachable(message);
  }
}

function accepted(record: JobRecord): Acknowledgement {
  return { status: 204, job: record.job };
}

function busy(message: string): Acknowledgement {
  return { status: 503, body: { code: 'busy', message }, retryAfter: 1 };
}

function problem(status: number, reason: Reason, record?: JobRecord): Acknowledgement {
  return {
    status,
    body: { code: reason.code, message: reason.message },
    ...(record === undefined ? {} : { job: record.job }),
  };
}

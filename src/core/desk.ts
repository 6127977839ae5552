/**
 * Requests that are answered in line: verified by who calls, claimed and decided in one transaction,
 * signed, and answered by the return value. Nothing is promised before that transaction is committed,
 * so there is nothing to take up after a crash.
 */
import { utf8 } from '../base/bytes.ts';
import { toHex } from '../base/hex.ts';
import { type JsonObject, stringifyJson } from '../base/json.ts';
import { sha256 } from '../base/sha256.ts';
import { digestOf } from './claim.ts';
import { createDecider, type DecideDeps } from './decide.ts';
import { readAnswers, refusedParts } from './decided.ts';
import type { Dispatch } from './dispatch.ts';
import type { Outcome, Reason } from './outcome.ts';
import { type JobRecord, type NewJob, type Observer, Overload } from './ports.ts';
import type { Envelope, Job, SignedPart } from './protocol.ts';
import { brokenReason, startStage } from './report.ts';
import { createSignStage } from './sign.ts';
import { signParts } from './sign-parts.ts';

/** Where calls of one kind come from. */
export interface DeskSource {
  readonly name: string;
  readonly dispatch: Dispatch;
}

export interface Ask {
  readonly source: string;
  /** The caller's own id of this request, under which a repeat gets the same answer. */
  readonly id?: string;
  /** Who was authenticated. */
  readonly caller: string;
  readonly eventType: string;
  readonly entityId: string;
  readonly data: JsonObject;
}

/** How one part of a request ended. */
export type PartEnding =
  | { readonly id: string; readonly outcome: 'signed'; readonly answer: JsonObject }
  | {
      readonly id: string;
      readonly outcome: Exclude<Outcome, 'signed'>;
      readonly reason: Reason;
      readonly rules: readonly string[];
    };

export type Told =
  | { readonly kind: 'decided'; readonly job: string; readonly parts: readonly PartEnding[] }
  /** Not a request that this world can read or serves. */
  | { readonly kind: 'malformed' | 'ignored'; readonly reason: Reason }
  /** The id was used before for something else. */
  | { readonly kind: 'conflict'; readonly reason: Reason; readonly job: string }
  /** Nothing was signed; asking again later may help. */
  | { readonly kind: 'unavailable'; readonly reason: Reason; readonly retryAfter: number };

export interface DeskDeps extends DecideDeps {
  readonly observer: Observer;
  readonly desks: readonly DeskSource[];
}

export interface Desk {
  readonly ask: (ask: Ask) => Promise<Told>;
  /** From now on every caller is asked to come again. */
  readonly close: () => void;
}

/** Requests under way at once; what comes on top would wait longer than any caller does. */
const AT_ONCE = 4_096;

export function createDesk(deps: DeskDeps): Desk {
  const { clock, random, observer, probe } = deps;
  const sources = new Map(deps.desks.map((source) => [source.name, source]));
  const decider = createDecider(deps);
  const signing = createSignStage(deps);
  let underWay = 0;
  let closed = false;

  async function ask(asked: Ask): Promise<Told> {
    const source = sources.get(asked.source);
    if (source === undefined) {
      const message = `\`${asked.source}\` is not configured; the log of the start says why`;
      return unavailable('desk.off', message);
    }
    if (closed) return unavailable('busy', 'the daemon is stopping; send it again');
    if (underWay >= AT_ONCE) return unavailable('busy', 'too many requests wait; send it again');
    const envelope = envelopeOf(asked, asked.id ?? random.id());
    const opened = source.dispatch(envelope);
    if (!opened.ok) {
      const { kind, reason } = opened.error;
      observer.stage({
        stage: 'dispatch',
        source: source.name,
        outcome: kind,
        reason,
        milliseconds: 0,
      });
      return { kind, reason };
    }
    underWay += 1;
    try {
      return await serve(asked, envelope, opened.value);
    } catch (error) {
      if (error instanceof Overload) return unavailable('busy', error.message);
      observer.failure(error);
      const reason = brokenReason('decide', error);
      observer.alarm(reason);
      return { kind: 'unavailable', reason, retryAfter: 1 };
    } finally {
      underWay -= 1;
    }
  }

  async function serve(asked: Ask, envelope: Envelope, job: Job): Promise<Told> {
    const timed = startStage(deps, asked.source);
    const claim = newJob(asked, envelope);
    const decided = await decider.decideAtOnce(claim, job, asked.id !== undefined);
    if ('known' in decided) return tellAgain(decided.known, claim, job);
    const { record, rules, action, verdict, alarms, events } = decided;
    for (const alarm of alarms) observer.alarm(alarm, record.job);
    const ending = verdict.outcome === 'signed' ? ({ isRoutine: true } as const) : verdict;
    const about = action === undefined ? {} : { action };
    const stage = { stage: 'decide', world: job.world, rules, parts: events } as const;
    timed.end({ ...stage, ...about, ...ending }, record.job);
    return tell(record, job, about);
  }

  /** The same request once more: the same answer, made from the same inputs. */
  async function tellAgain(known: JobRecord, claim: NewJob, job: Job): Promise<Told> {
    const isSame = known.digest === claim.digest;
    observer.stage({
      stage: 'claim',
      source: known.source,
      job: known.job,
      outcome: isSame ? 'repeated' : 'conflict',
      milliseconds: 0,
    });
    if (isSame) return tell(known, job);
    const message = 'the same id came before with another request; the first one stands';
    return { kind: 'conflict', reason: { code: 'claim.conflict', message }, job: known.job };
  }

  async function tell(
    decided: JobRecord,
    job: Job,
    about: { readonly action?: string } = {},
  ): Promise<Told> {
    const record = decided.outcome === undefined ? await signFirst(decided, job) : decided;
    const timed = startStage(deps, record.source);
    const outcome = record.outcome ?? 'withheld';
    const endings = new Map<string, PartEnding>();
    for (const refused of refusedParts(job, record)) {
      endings.set(refused.id, { ...refused, outcome: outcome === 'signed' ? 'declined' : outcome });
    }
    if (outcome === 'signed' && record.inputs !== undefined) {
      probe?.('sign.before');
      for (const { id, answer } of await answersOf(record.inputs, record, job)) {
        endings.set(id, { id, outcome: 'signed', answer });
      }
      probe?.('sign.after');
      const signed = { stage: 'sign', outcome: 'signed', isRoutine: true } as const;
      timed.end({ ...signed, world: job.world, ...about }, record.job);
    }
    const parts = job.parts.flatMap(({ id }) => endings.get(id) ?? []);
    return { kind: 'decided', job: record.job, parts };
  }

  /** An answer that is another each time is stored before it is told. */
  async function signFirst(record: JobRecord, job: Job): Promise<JobRecord> {
    const signed = await signing.sign(record, job, true);
    if (signed?.kind === 'signed') return signed.record;
    return (await deps.store.job(record.job)) ?? record;
  }

  function envelopeOf({ source, eventType, entityId, data }: Ask, id: string): Envelope {
    return { source, id, eventType, entityId, data, timestamp: '' };
  }

  function newJob({ source, caller, id }: Ask, envelope: Envelope): NewJob {
    const { eventType, entityId } = envelope;
    const body = utf8(
      stringifyJson({
        event_type: eventType,
        event_id: envelope.id,
        entity_id: entityId,
        data: envelope.data,
      }),
    );
    return {
      job: random.id(),
      source,
      id: envelope.id,
      // Only a request that can be repeated under its id is ever compared.
      digest: id === undefined ? toHex(sha256(body)) : digestOf(envelope),
      eventType,
      entityId,
      body,
      caller,
      receivedAt: clock.now(),
      stage: 'claim',
    };
  }

  return Object.freeze({
    ask,
    close(): void {
      closed = true;
    },
  });
}

function answersOf(
  inputs: JsonObject,
  { answer }: JobRecord,
  job: Job,
): Promise<readonly SignedPart[]> | readonly SignedPart[] {
  return answer === undefined ? signParts(job, inputs) : readAnswers(answer);
}

function unavailable(code: string, message: string): Told {
  return { kind: 'unavailable', reason: { code, message }, retryAfter: 1 };
}

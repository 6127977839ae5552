/**
 * The shape of a room: what a protocol must be able to say so that the pipeline can serve it.
 *
 * A room declares, the core does. Everything here is pure; effects are ports (ports.ts).
 */
import type { JsonObject } from '../base/json.ts';
import { ok, type Result } from '../base/result.ts';
import type { Actions, FactValue } from '../policy/facts.ts';
import type { Reason } from './outcome.ts';

/** The part of an event that is read at claim, before its kind is known. */
export interface Envelope {
  /** Who sent it: the name of a webhook source or of the REST surface. */
  readonly source: string;
  /** The sender's identifier of this request; one row per (source, id). */
  readonly id: string;
  readonly eventType: string;
  readonly entityId: string;
  /** As sent; lateness is measured from it and never decides. */
  readonly timestamp: string;
  readonly data: JsonObject;
  readonly callbackUrl?: string;
}

/** Why an authentic event yields no job. */
export interface NotOurs {
  readonly kind: 'malformed' | 'ignored';
  readonly reason: Reason;
}

/** A document of a room's ratchet state, addressed by a canonical key. */
export type StateView = ReadonlyMap<string, JsonObject>;

/** What the guard may know besides request and state. */
export interface JudgeContext {
  /** Trusted time, epoch milliseconds. */
  readonly now: number;
  /** Rises by one whenever an older database was found; documents of an older generation are stale. */
  readonly generation: bigint;
}

/** One thing to be signed, judged. A request without a batch has exactly one. */
export interface Finding {
  /** The sender's payload id, or the request's own id. */
  readonly id: string;
  readonly action: string;
  readonly facts: Readonly<Record<string, FactValue>>;
  /** Proofs that an invariant would be broken. Any one refuses the item, whatever policy says. */
  readonly violations: readonly Reason[];
  /** What could not be established. Any one withholds the item, whatever policy says. */
  readonly doubts: readonly Reason[];
}

export interface Judgement {
  readonly findings: readonly Finding[];
  /** State to be written in the deciding transaction if the request is allowed. */
  readonly changes: ReadonlyMap<string, JsonObject>;
  /** State to be written whatever the verdict: baselines, proofs learnt, discarded beliefs. */
  readonly knowledge: ReadonlyMap<string, JsonObject>;
  /** Everything the signer needs besides the key; stored with the decision, never recomputed. */
  readonly inputs: JsonObject;
  /** Noteworthy but not refusing; each is logged and counted. */
  readonly alarms: readonly Reason[];
}

/** What is said to the outside; building it is pure, sending it is the transport's. */
export type Message =
  | {
      readonly kind: 'graphql';
      readonly operation: string;
      readonly document: string;
      readonly variables: JsonObject;
    }
  | {
      readonly kind: 'callback';
      /** Where the request asked it to be sent; absent: where the world is configured to. */
      readonly url?: string;
      readonly eventId: string;
      readonly ending: CallbackEnding;
      readonly body: JsonObject;
    };

/** How the things to be signed that one callback speaks of have ended. */
export type CallbackEnding = 'completed' | 'declined' | 'failed';

/**
 * How a refusal is spoken in this world. In a `loud` world every refusal is declined at once; in a
 * `careful` one only proof, a forbid rule or an operator declines, and all else is withheld.
 */
export type RefusalStyle = 'loud' | 'careful';

/** Something an operator may do to a room's state by name; audited like any job. */
export interface Operation {
  readonly about: string;
  /** Lanes and documents it needs, from its arguments; `err` when the arguments are not usable. */
  readonly plan: (
    args: JsonObject,
  ) => Result<{ readonly lanes: readonly string[]; readonly reads: readonly string[] }, Reason>;
  readonly apply: (
    args: JsonObject,
    state: StateView,
    context: JudgeContext,
  ) => Result<{ readonly message: string; readonly changes: StateView }, Reason>;
}

export type Operations = Readonly<Record<string, Operation>>;

/** What a room says about one kind of work; `Request` and `Answer` are the room's own. */
export interface Room<Request, Answer extends JsonObject> {
  readonly name: string;
  /** The webhook event type this room answers. */
  readonly eventType: string;
  readonly refusal: RefusalStyle;
  readonly actions: Actions;
  readonly operations: Operations;
  /** Another signer answers: decide and record, but never sign or send. */
  readonly observes: boolean;
  readonly parse: (envelope: Envelope) => Result<Request, NotOurs>;
  /** The key ring entries this request would use: a freeze of any stops it. */
  readonly keyIds: (request: Request) => readonly string[];
  /** Names of what must be decided one after another; transactions sharing a lane never overlap. */
  readonly lanes: (request: Request) => readonly string[];
  /** State documents the guard needs. */
  readonly reads: (request: Request) => readonly string[];
  /**
   * Facts, violations, doubts and state changes; runs inside the deciding transaction. Without any
   * finding the request only informs us: its changes are kept and nothing is signed.
   */
  readonly judge: (request: Request, state: StateView, context: JudgeContext) => Judgement;
  /** Pure function of the stored inputs and the key. */
  readonly sign: (request: Request, inputs: JsonObject) => Promise<Answer>;
  /** Whether the answer is itself a secret: it is then never stored, but signed anew for each attempt. */
  readonly answerIsSecret: (request: Request) => boolean;
  readonly deliver: (request: Request, answer: Answer) => Message;
  /** `undefined`: the world has no words for this refusal. */
  readonly decline: (request: Request, reasons: readonly Reason[]) => Message | undefined;
}

/** One parsed request with its room closed over; the pipeline needs no generics. */
export interface Job {
  readonly world: string;
  readonly refusal: RefusalStyle;
  readonly observes: boolean;
  readonly keyIds: readonly string[];
  readonly lanes: readonly string[];
  readonly reads: readonly string[];
  readonly answerIsSecret: boolean;
  readonly judge: (state: StateView, context: JudgeContext) => Judgement;
  readonly sign: (inputs: JsonObject) => Promise<JsonObject>;
  readonly deliver: (answer: JsonObject) => Message;
  readonly decline: (reasons: readonly Reason[]) => Message | undefined;
}

export interface Protocol {
  readonly name: string;
  readonly eventType: string;
  readonly actions: Actions;
  readonly operations: Operations;
  readonly open: (envelope: Envelope) => Result<Job, NotOurs>;
}

export function defineProtocol<Request, Answer extends JsonObject>(
  room: Room<Request, Answer>,
): Protocol {
  return Object.freeze({
    name: room.name,
    eventType: room.eventType,
    actions: room.actions,
    operations: room.operations,
    open(envelope: Envelope): Result<Job, NotOurs> {
      const parsed = room.parse(envelope);
      if (!parsed.ok) return parsed;
      const request = parsed.value;
      return ok({
        world: room.name,
        refusal: room.refusal,
        observes: room.observes,
        keyIds: room.keyIds(request),
        lanes: room.lanes(request).map((lane) => `${room.name}/${lane}`),
        reads: room.reads(request),
        answerIsSecret: room.answerIsSecret(request),
        judge: (state, context) => room.judge(request, state, context),
        sign: (inputs) => room.sign(request, inputs),
        // SAFETY: an answer reaches `deliver` only from this room's own `sign`, directly or stored.
        // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
        deliver: (answer) => room.deliver(request, answer as Answer),
        decline: (reasons) => room.decline(request, reasons),
      });
    },
  });
}

/**
 * The shape of a room: what a protocol must be able to say so that the pipeline can serve it.
 *
 * A room declares, the core does. Everything here is pure; effects are ports (ports.ts).
 */
import type { Hex } from '../base/hex.ts';
import type { JsonObject } from '../base/json.ts';
import { ok, type Result } from '../base/result.ts';
import type { Actions, FactValue } from '../policy/facts.ts';
import type { Reason } from './outcome.ts';
import type { SlashableDuty } from './slashing.ts';

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
  /** Who asks: the authenticated caller, or the webhook secret that matched. */
  readonly caller: string;
  /** Milliseconds by which the clock has jumped against one that nobody sets; absent: nobody watches. */
  readonly clockStep?: number;
  /** 64 fresh random bytes, for inputs of a hedged signature; not the same twice. */
  readonly entropy: () => Uint8Array;
}

/** One thing to be signed, judged. A part that is not a batch in itself has exactly one. */
export interface Finding {
  /** The sender's payload id, or the request's own id. */
  readonly id: string;
  readonly action: string;
  readonly facts: Readonly<Record<string, FactValue>>;
  /** Proofs that an invariant would be broken. Any one refuses the item, whatever policy says. */
  readonly violations: readonly Reason[];
  /** What could not be established. Any one withholds the item, whatever policy says. */
  readonly doubts: readonly Reason[];
  /** What must be recorded for slashing protection if the finding is allowed; may still refuse it. */
  readonly duty?: { readonly duty: SlashableDuty; readonly genesisRoot: Hex };
}

/** Findings of one part stand or fall together. */
export interface Judgement {
  readonly findings: readonly Finding[];
  /** State to be written in the deciding transaction if the part is allowed. */
  readonly changes: ReadonlyMap<string, JsonObject>;
  /** State to be written whatever the verdict: baselines, proofs learnt, discarded beliefs. */
  readonly knowledge: ReadonlyMap<string, JsonObject>;
  /** Everything the signer needs besides the key; stored with the decision, never recomputed. */
  readonly inputs: JsonObject;
  /** Noteworthy but not refusing; each is logged and counted. */
  readonly alarms: readonly Reason[];
}

/** What is said to the outside; building it is pure, sending it is the transport's. */
export type Words =
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

/** Words, and the world that says them. */
export type Message = Words & { readonly world: string };

/** How the things to be signed that one callback speaks of have ended. */
export type CallbackEnding = 'completed' | 'declined' | 'failed';

/**
 * How a refusal is spoken in this world. In a `loud` world every refusal is declined at once; in a
 * `careful` one only proof, a forbid rule or an operator declines, and all else is withheld.
 */
export type RefusalStyle = 'loud' | 'careful';

export interface OperationResult {
  /** What was done, in words; stands in the record. */
  readonly message: string;
  /** The same for programs, where there is something to read off. */
  readonly details?: JsonObject;
  readonly changes: StateView;
}

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
  ) => Result<OperationResult, Reason>;
}

export type Operations = Readonly<Record<string, Operation>>;

/**
 * What becomes of an answer once it is made.
 *
 * - `stored` before it is sent
 * - `secret`: never stored, but made anew for each attempt
 * - `repeatable`: a function of the stored inputs and the key that gives the same bytes each time, so
 *   that it may leave as soon as the decision is committed
 */
export type AnswerKind = 'stored' | 'secret' | 'repeatable';

/** What is decided and signed on its own; a request that is no batch has one. */
export interface IdentifiedPart<Part> {
  /** The sender's id of it; the request's own where it has no parts. */
  readonly id: string;
  readonly part: Part;
}

export interface SignedPart<Answer extends JsonObject = JsonObject> {
  readonly id: string;
  readonly answer: Answer;
}

export interface RefusedPart {
  readonly id: string;
  readonly reason: Reason;
  /** Ids of the policy rules that decided. */
  readonly rules: readonly string[];
}

/** What a room says about one kind of work; `Request`, `Part` and `Answer` are the room's own. */
export interface Room<Request, Part, Answer extends JsonObject> {
  readonly name: string;
  /** The webhook event type this room answers. */
  readonly eventType: string;
  readonly refusal: RefusalStyle;
  readonly actions: Actions;
  readonly operations: Operations;
  /** Another signer answers: decide and record, but never sign or send. */
  readonly observes: boolean;
  readonly parse: (envelope: Envelope) => Result<Request, NotOurs>;
  /** At least one. */
  readonly parts: (request: Request) => readonly IdentifiedPart<Part>[];
  /** The key ring entries this part would use: a freeze of any stops it. */
  readonly keyIds: (part: Part) => readonly string[];
  /** Names of what must be decided one after another; transactions sharing a lane never overlap. */
  readonly lanes: (part: Part) => readonly string[];
  /** State documents the guard needs. */
  readonly reads: (part: Part) => readonly string[];
  /**
   * Facts, violations, doubts and state changes; runs inside the deciding transaction, after the
   * parts before it, and sees their changes. Without any finding the request only informs us: its
   * changes are kept and nothing is signed.
   */
  readonly judge: (part: Part, state: StateView, context: JudgeContext) => Judgement;
  /** Pure function of the stored inputs and the key. */
  readonly sign: (part: Part, inputs: JsonObject) => Promise<Answer>;
  readonly answers: (request: Request) => AnswerKind;
  /** Where it is sent must not depend on what is signed. */
  readonly deliver: (request: Request, signed: readonly SignedPart<Answer>[]) => Words;
  /** `undefined`: the world has no words for this refusal. */
  readonly decline: (request: Request, refused: readonly RefusedPart[]) => Words | undefined;
  /**
   * Epoch milliseconds from which an answer is of no use, by the request and by the stored inputs of
   * what was allowed of it. Absent or `undefined`: it stays of use.
   */
  readonly usefulUntil?: (request: Request, inputs: readonly JsonObject[]) => number | undefined;
  /** What is said where no answer left while it was of use; absent: nothing. */
  readonly fail?: (request: Request, failed: readonly RefusedPart[]) => Words;
}

/** One parsed request with its room closed over; the pipeline needs no generics. */
export interface Job {
  readonly world: string;
  readonly refusal: RefusalStyle;
  readonly observes: boolean;
  readonly lanes: readonly string[];
  readonly reads: readonly string[];
  readonly answers: AnswerKind;
  readonly parts: readonly Part[];
  readonly deliver: (signed: readonly SignedPart[]) => Message;
  readonly decline: (refused: readonly RefusedPart[]) => Message | undefined;
  /** Epoch milliseconds; `Infinity` where an answer stays of use. */
  readonly usefulUntil: (inputs: readonly JsonObject[]) => number;
  readonly fail: (failed: readonly RefusedPart[]) => Message | undefined;
}

export interface Part {
  readonly id: string;
  readonly keyIds: readonly string[];
  readonly judge: (state: StateView, context: JudgeContext) => Judgement;
  readonly sign: (inputs: JsonObject) => Promise<JsonObject>;
}

export interface Protocol {
  readonly name: string;
  readonly eventType: string;
  readonly actions: Actions;
  readonly operations: Operations;
  readonly open: (envelope: Envelope) => Result<Job, NotOurs>;
}

export function defineProtocol<Request, Part, Answer extends JsonObject>(
  room: Room<Request, Part, Answer>,
): Protocol {
  const { name: world } = room;

  function open(envelope: Envelope): Result<Job, NotOurs> {
    const parsed = room.parse(envelope);
    if (!parsed.ok) return parsed;
    const request = parsed.value;
    const parts = room.parts(request);
    return ok({
      world,
      refusal: room.refusal,
      observes: room.observes,
      // Worked out for a decision alone: a room may have to look deep into the request for these.
      get lanes() {
        const lanes = distinct(parts.flatMap(({ part }) => room.lanes(part)));
        return lanes.map((lane) => `${world}/${lane}`);
      },
      get reads() {
        return distinct(parts.flatMap(({ part }) => room.reads(part)));
      },
      answers: room.answers(request),
      parts: parts.map(({ id, part }) => ({
        id,
        keyIds: room.keyIds(part),
        judge: (state, context) => room.judge(part, state, context),
        sign: (inputs) => room.sign(part, inputs),
      })),
      deliver: (signed) => ({
        // SAFETY: answers reach `deliver` only from this room's own `sign`, directly or stored.
        // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
        ...room.deliver(request, signed as readonly SignedPart<Answer>[]),
        world,
      }),
      decline(refused) {
        const words = room.decline(request, refused);
        return words && { ...words, world };
      },
      usefulUntil: (inputs) => room.usefulUntil?.(request, inputs) ?? Infinity,
      fail(failed) {
        const words = room.fail?.(request, failed);
        return words && { ...words, world };
      },
    });
  }

  const { name, eventType, actions, operations } = room;
  return Object.freeze({ name, eventType, actions, operations, open });
}

function distinct(texts: readonly string[]): readonly string[] {
  return texts.length < 2 ? texts : [...new Set(texts)];
}

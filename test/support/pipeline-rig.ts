/**
 * The real pipeline on a real store, with a room, a policy and a transport that do as a test says.
 *
 * The room of the rig signs by doubling a number. Its requests carry their own behavior, so that a
 * test reads as: send this, expect that.
 */
import { createHmac } from 'node:crypto';

import { utf8 } from '../../src/base/bytes.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  stringifyJson,
} from '../../src/base/json.ts';
import { err, ok } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import { createDesk, type Told } from '../../src/core/desk.ts';
import { createDispatch } from '../../src/core/dispatch.ts';
import { type Acknowledgement, createIntake, type Intake } from '../../src/core/intake.ts';
import type { Reason } from '../../src/core/outcome.ts';
import { createPipeline, type Pipeline, type Source } from '../../src/core/pipeline.ts';
import type {
  JobRecord,
  Observer,
  PolicyBook,
  Receipt,
  StageEvent,
  Store,
  Transport,
} from '../../src/core/ports.ts';
import type { Probe } from '../../src/core/probe.ts';
import {
  defineProtocol,
  type IdentifiedPart,
  type Message,
  type NotOurs,
  type RefusalStyle,
  type Words,
} from '../../src/core/protocol.ts';
import { hexHmacScheme } from '../../src/core/verify.ts';
import type { Cause } from '../../src/policy/decision.ts';
import { type Activity, createSimulatedClock, type SimulatedClock } from './simulated-clock.ts';

export interface Ask extends JsonObject {
  readonly value: bigint;
  /** `signed` unless said otherwise. */
  readonly finds?: 'violation' | 'doubt' | 'nothing' | 'throws';
  readonly policy?: Cause;
  readonly key?: string;
  readonly secret?: boolean;
  readonly breaks?: boolean;
  readonly unheard?: boolean;
  /** Code of an alarm that the room raises besides. */
  readonly alarm?: string;
  /** Epoch milliseconds from which its answer is of no use. */
  readonly usefulUntil?: bigint;
}

/** Several asks in one request, each decided on its own. */
export interface Batch {
  readonly jobs: readonly (Ask & { readonly id: string })[];
}

export interface RigOptions {
  readonly store: Store;
  readonly clock?: SimulatedClock;
  readonly refusal?: RefusalStyle;
  readonly observes?: boolean;
  /** Every request is none for the room. */
  readonly passesBy?: NotOurs['kind'];
  readonly acknowledge?: Source['acknowledge'];
  /** The same answer each time it is made. */
  readonly repeatable?: boolean;
  readonly probe?: Probe;
  /** Answers each attempt; delivered unless said otherwise. */
  readonly receive?: (message: Message, attempt: number) => Receipt | Promise<Receipt>;
}

export interface Rig {
  readonly clock: SimulatedClock;
  readonly intake: Intake;
  readonly pipeline: Pipeline;
  /** Everything that left, in order. */
  readonly sent: JsonObject[];
  readonly stages: StageEvent[];
  readonly alarms: Reason[];
  readonly frozen: Set<string>;
  /** How often the signer was called. */
  readonly signatures: () => number;
  readonly send: (id: string, ask: Ask | Batch, extra?: JsonObject) => Promise<Acknowledgement>;
  /** Asks in line, under an id of the caller's own where one is given. */
  readonly ask: (ask: Ask | Batch, id?: string) => Promise<Told>;
  readonly sendBody: (body: string, signature?: string) => Promise<Acknowledgement>;
  readonly job: (id: string) => Promise<JobRecord>;
  /** Lets everything that can happen now happen. */
  readonly rest: () => Promise<void>;
}

const RIG_SECRET = 'rig-webhook-secret';

export function createRig(options: RigOptions): Rig {
  const { store, activity } = watched(options.store);
  const clock = options.clock ?? createSimulatedClock(activity);
  const sent: JsonObject[] = [];
  const stages: StageEvent[] = [];
  const alarms: Reason[] = [];
  const frozen = new Set<string>();
  let signatures = 0;
  let ids = 0;

  const room = defineProtocol<readonly IdentifiedPart<Ask>[], Ask, JsonObject>({
    name: 'rig',
    eventType: 'RIG',
    refusal: options.refusal ?? 'careful',
    observes: options.observes ?? false,
    actions: {},
    operations: {},
    parse({ id, data }) {
      if (data['breaksReading'] === true) throw new Error('canary of reading');
      const { value, jobs } = data;
      const { passesBy: kind } = options;
      if (kind !== undefined) return err({ kind, reason: { code: 'rig.other', message: 'no' } });
      if (typeof value === 'bigint') return ok([{ id, part: { ...data, value } }]);
      if (Array.isArray(jobs) && jobs.length > 0) return ok(jobs.flatMap(asked));
      return err({
        kind: 'malformed',
        reason: { code: 'rig.value', message: '`value` is missing' },
      });
    },
    parts: (parts) => parts,
    keyIds: ({ key }) => [key === undefined ? 'rig/key' : `rig/${key}`],
    lanes: ({ key }) => [`key/${key ?? 'a'}`],
    reads: ({ key }) => [`key/${key ?? 'a'}`],
    judge(ask, state) {
      if (ask.finds === 'throws') throw new Error(`canary ${String(ask.value)}`);
      const count = state.get(`key/${ask.key ?? 'a'}`)?.['count'];
      const next = (typeof count === 'bigint' ? count : 0n) + 1n;
      const reason = (code: string): Reason => ({ code, message: code });
      return {
        findings:
          ask.finds === 'nothing'
            ? []
            : [
                {
                  id: String(ask.value),
                  action: 'double',
                  facts: { policy: ask.policy ?? 'permit', value: ask.value },
                  violations: ask.finds === 'violation' ? [reason('rig.violation')] : [],
                  doubts: ask.finds === 'doubt' ? [reason('rig.doubt')] : [],
                },
              ],
        changes: new Map([[`key/${ask.key ?? 'a'}`, { count: next }]]),
        knowledge: new Map([[`seen/${String(ask.value)}`, { seen: true }]]),
        inputs: { value: ask.value, count: next },
        alarms: ask.alarm === undefined ? [] : [reason(ask.alarm)],
      };
    },
    sign(ask, inputs) {
      signatures += 1;
      if (ask.breaks === true) throw new Error(`canary ${String(ask.value)}`);
      const { value, count } = inputs;
      return Promise.resolve({
        doubled: typeof value === 'bigint' ? 2n * value : 0n,
        count: count ?? 0n,
      });
    },
    answers(parts) {
      if (options.repeatable === true) return 'repeatable';
      return parts.some(({ part }) => part.secret === true) ? 'secret' : 'stored';
    },
    deliver(parts, signed) {
      const [first] = signed;
      if (parts.length === 1) return message('Answer', first?.answer ?? {});
      return message('Answer', Object.fromEntries(signed.map(({ id, answer }) => [id, answer])));
    },
    decline(parts, refused) {
      if (parts.some(({ part }) => part.unheard === true)) return undefined;
      const reasons = refused.map(({ reason }) => reason.code);
      if (parts.length === 1) return message('Decline', { reasons });
      return message('Decline', { reasons, ids: refused.map(({ id }) => id) });
    },
    usefulUntil(parts) {
      const end = parts[0]?.part.usefulUntil;
      return end === undefined ? undefined : Number(end);
    },
    fail: (_parts, failed) =>
      message('Failure', { reasons: failed.map(({ reason }) => reason.code) }),
  });

  const policy: PolicyBook = {
    hash: () => 'rig-policy',
    text: () => 'the policy of the rig',
    evaluate({ values }) {
      const wanted = values['policy'];
      const cause: Cause =
        wanted === 'forbid' || wanted === 'no-rule' || wanted === 'error' ? wanted : 'permit';
      return {
        verdict: cause === 'permit' ? 'allow' : 'deny',
        cause,
        rules: cause === 'no-rule' ? [] : [`rig-${cause}`],
        errors: cause === 'error' ? [{ rule: 'rig-error', message: 'no such thing' }] : [],
        policyHash: 'rig-policy',
      };
    },
  };
  let attempts = 0;
  const transport: Transport = {
    route: () => 'rig:host',
    async send(message) {
      if (message.kind === 'graphql') {
        sent.push({ operation: message.operation, ...message.variables });
      }
      attempts += 1;
      return (await options.receive?.(message, attempts)) ?? { kind: 'delivered' };
    },
  };
  const observer: Observer = {
    stage: (event) => stages.push(event),
    alarm: (reason) => alarms.push(reason),
    failure: () => undefined,
    route: () => undefined,
  };
  const source: Source = {
    name: 'rig',
    verify: hexHmacScheme('rig-signature', [new Secret(utf8(RIG_SECRET))]),
    dispatch: createDispatch([room]),
    acknowledge: options.acknowledge ?? 'accepted',
    patience: 9_000,
  };
  const deps = {
    store,
    policy,
    transport,
    observer,
    clock,
    keys: { list: () => [], isFrozen: (id: string) => frozen.has(id) },
    random: {
      unit: () => 0.5,
      id: () => `job-${String((ids += 1)).padStart(6, '0')}`,
      entropy: () => new Uint8Array(64),
    },
    sources: [source],
    desks: [{ name: 'rig-api', dispatch: createDispatch([room]) }],
    outboxLifetime: 7 * 24 * 3_600_000,
    ...(options.probe === undefined ? {} : { probe: options.probe }),
  };
  const pipeline = createPipeline(deps);
  const intake = createIntake(deps, pipeline);
  const desk = createDesk(deps);

  function sendBody(body: string, signature = signRigBody(body)): Promise<Acknowledgement> {
    return intake.accept({
      source: 'rig',
      body: utf8(body),
      headers: { 'rig-signature': signature },
    });
  }

  return {
    clock,
    intake,
    pipeline,
    sent,
    stages,
    alarms,
    frozen,
    signatures: () => signatures,
    sendBody,
    send: (id, ask, extra = {}) =>
      sendBody(stringifyJson({ event_type: 'RIG', event_id: id, data: dataOf(ask), ...extra })),
    ask: (ask, id) =>
      desk.ask({
        source: 'rig-api',
        ...(id === undefined ? {} : { id }),
        caller: 'somebody',
        eventType: 'RIG',
        entityId: '',
        data: dataOf(ask),
      }),
    async job(id) {
      const found = await store.transact([], (tx) => tx.findJob('rig', id));
      if (found === undefined) throw new Error(`no job \`${id}\``);
      return found;
    },
    rest: () => clock.advance(0),
  };
}

/** The store, counting its transactions. */
function watched(store: Store): { readonly store: Store; readonly activity: Activity } {
  let underWay = 0;
  let done = 0;
  return {
    activity: { underWay: () => underWay, done: () => done },
    store: {
      ...store,
      transact: (lanes, work) => {
        underWay += 1;
        return store.transact(lanes, work).finally(() => {
          underWay -= 1;
          done += 1;
        });
      },
    },
  };
}

export function signRigBody(body: string): string {
  return createHmac('sha256', RIG_SECRET).update(body).digest('hex');
}

function dataOf(ask: Ask | Batch): JsonObject {
  return 'jobs' in ask ? { jobs: ask.jobs } : ask;
}

function asked(job: JsonValue): readonly IdentifiedPart<Ask>[] {
  if (!isJsonObject(job)) return [];
  const { id, value } = job;
  if (typeof id !== 'string' || typeof value !== 'bigint') return [];
  return [{ id, part: { ...job, value } }];
}

function message(operation: string, variables: JsonObject): Words {
  return { kind: 'graphql', operation, document: '', variables };
}

/** What an operator may do by name. Everything here is written into the history of the job. */
import { utf8 } from '../base/bytes.ts';
import { type JsonObject, stringifyJson } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { sha256Hex } from '../base/sha256.ts';
import { refusedParts } from './decided.ts';
import { newOutboxRow } from './outbox.ts';
import type { Reason } from './outcome.ts';
import type { Pipeline } from './pipeline.ts';
import type { Clock, JobRecord, Random, Store, Transport } from './ports.ts';
import type { Protocol } from './protocol.ts';

export interface OperatorDeps {
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly protocols: readonly Protocol[];
  readonly transport: Pick<Transport, 'route'>;
  readonly clock: Clock;
  readonly random: Random;
}

export interface OperatorOrder {
  readonly world: string;
  readonly operation: string;
  readonly args: JsonObject;
  /** Who gave it; stands in the record. */
  readonly by: string;
}

export interface Operator {
  /** Decides a withheld job again, by the policy and the keys of now; or one that is ours only now. */
  readonly redecide: (job: string) => Promise<Result<JobRecord, Reason>>;
  /** Declines a withheld job, loudly where its world can hear it; `by` is the name of who decided so. */
  readonly decline: (job: string, by: string) => Promise<Result<JobRecord, Reason>>;
  /** Sends the identical answer of a finished job once more. */
  readonly replay: (job: string) => Promise<Result<JobRecord, Reason>>;
  /**
   * Decides withheld jobs again that can still be of use, and once more while that helps, because one may have waited for
   * another; says how many are withheld no longer.
   */
  readonly redecideWithheld: () => Promise<number>;
  /** Runs one of a room's named operations on its state; resolves to its `message` and its details. */
  readonly operate: (order: OperatorOrder) => Promise<Result<JsonObject, Reason>>;
}

const PAGE = 200;

export function createOperator(deps: OperatorDeps): Operator {
  const { store, pipeline, transport, clock, random } = deps;
  const protocols = new Map(deps.protocols.map((protocol) => [protocol.name, protocol]));

  async function find(job: string): Promise<Result<JobRecord, Reason>> {
    const record = await store.job(job);
    return record === undefined ? refuse('operator.unknown_job', `no job \`${job}\``) : ok(record);
  }

  async function redecide(job: string): Promise<Result<JobRecord, Reason>> {
    const found = await find(job);
    if (!found.ok) return found;
    const { outcome } = found.value;
    const opened = outcome === 'ignored' ? pipeline.open(found.value) : undefined;
    const isOursNow = opened?.observes === false;
    if (outcome !== 'withheld' && !isOursNow) return refuseFor(found.value, 'withheld');
    await pipeline.rearm(found.value);
    return find(job);
  }

  async function decline(job: string, by: string): Promise<Result<JobRecord, Reason>> {
    const found = await find(job);
    if (!found.ok) return found;
    const opened = pipeline.open(found.value);
    if (opened === undefined) return refuse('operator.unreadable', 'the job cannot be read');
    const reason = { code: 'operator.declined', message: `declined by \`${by}\`` };
    const declined = await store.transact([`job/${job}`], async (tx) => {
      const current = await tx.job(job);
      if (current?.outcome !== 'withheld') return false;
      const now = clock.now();
      tx.changeJob(job, now, { stage: 'decide', outcome: 'declined', reason, inputs: null });
      const words = opened.decline(refusedParts(opened, { reason }));
      if (words !== undefined) {
        tx.putOutbox(newOutboxRow(job, 'decline', transport.route(words), now));
      }
      return true;
    });
    if (!declined) return refuseFor(found.value, 'withheld');
    pipeline.courier.wake();
    return find(job);
  }

  async function replay(job: string): Promise<Result<JobRecord, Reason>> {
    const found = await find(job);
    if (!found.ok) return found;
    const { outcome } = found.value;
    if (outcome !== 'signed' && outcome !== 'declined' && outcome !== 'failed') {
      return refuseFor(found.value, 'signed, declined or failed');
    }
    await pipeline.resend(found.value);
    return find(job);
  }

  async function redecideWithheld(): Promise<number> {
    let settled = 0;
    for (;;) {
      const settledNow = await redecideEach();
      if (settledNow === 0) return settled;
      settled += settledNow;
    }
  }

  async function redecideEach(): Promise<number> {
    let settled = 0;
    let before: string | undefined;
    for (;;) {
      const page = await store.jobs({
        outcome: 'withheld',
        limit: PAGE,
        ...(before === undefined ? {} : { before }),
      });
      const endings = await Promise.all(page.filter(isOfUseLate).map(pipeline.rearm));
      settled += endings.filter(
        (ending) => ending !== undefined && ending.kind !== 'withheld',
      ).length;
      before = page.at(-1)?.job;
      if (before === undefined) return settled;
    }
  }

  /**
   * In a loud world whoever asked has given up or asked again: what is still undecided there may be
   * unwanted by now. What was decided carries its own end.
   */
  function isOfUseLate(record: JobRecord): boolean {
    const job = pipeline.open(record);
    return job !== undefined && (job.refusal === 'careful' || record.inputs !== undefined);
  }

  async function operate(order: OperatorOrder): Promise<Result<JsonObject, Reason>> {
    const { world, operation: name, args, by } = order;
    const operation = protocols.get(world)?.operations[name];
    if (operation === undefined) {
      return refuse('operator.unknown_operation', `\`${world}\` has no operation \`${name}\``);
    }
    const plan = operation.plan(args);
    if (!plan.ok) return plan;
    const lanes = plan.value.lanes.map((lane) => `${world}/${lane}`);
    return store.transact(lanes, async (tx) => {
      const now = clock.now();
      const state = await tx.state(world, plan.value.reads);
      const applied = operation.apply(args, state, {
        now,
        generation: store.generation,
        caller: by,
        entropy: random.entropy,
      });
      if (!applied.ok) return applied;
      const { message, details, changes } = applied.value;
      tx.putState(world, changes);
      const body = utf8(stringifyJson(args));
      const job = random.id();
      tx.insertJob({
        job,
        source: 'operator',
        id: job,
        digest: sha256Hex(body),
        eventType: `${world}.${name}`,
        entityId: '',
        body,
        caller: by,
        receivedAt: now,
        stage: 'decide',
        outcome: 'ignored',
        reason: { code: `operator.${name}`, message },
      });
      return ok({ message, ...details });
    });
  }

  return Object.freeze({ redecide, decline, replay, redecideWithheld, operate });
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code, message });
}

function refuseFor(record: JobRecord, wanted: string): Result<never, Reason> {
  const is = record.outcome ?? `unfinished at ${record.stage}`;
  return refuse('operator.wrong_outcome', `the job is ${is}; this is only for ${wanted} jobs`);
}

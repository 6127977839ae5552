/**
 * sign — a pure function of the stored inputs and the key. The answer is stored before it is sent,
 * except where it is itself a secret: then only its inputs are, and it is made anew when needed. An
 * answer that is the same each time needs no such stage of its own; its decision says all.
 */
import type { JsonObject } from '../base/json.ts';
import { writeAnswers } from './decided.ts';
import { frozenKeyOf } from './frozen.ts';
import { newOutboxRow } from './outbox.ts';
import type { Reason } from './outcome.ts';
import type { Clock, JobRecord, KeyRing, OutboxRecord, Store, Transport } from './ports.ts';
import type { Probe } from './probe.ts';
import type { Job, Message } from './protocol.ts';
import { signParts } from './sign-parts.ts';

export type Signed =
  | {
      readonly kind: 'signed';
      readonly record: JobRecord;
      readonly message: Message;
      /** The promise to deliver it, unless the requester waits for it in line. */
      readonly row?: OutboxRecord;
    }
  | { readonly kind: 'withheld'; readonly reason: Reason };

export interface SignDeps {
  readonly store: Store;
  readonly keys: KeyRing;
  readonly transport: Pick<Transport, 'route'>;
  readonly clock: Clock;
  readonly probe?: Probe;
}

export interface SignStage {
  /** Signs a decided job; `undefined` if another run of it was faster. */
  readonly sign: (record: JobRecord, job: Job, inline: boolean) => Promise<Signed | undefined>;
}

export function createSignStage(deps: SignDeps): SignStage {
  const { store, keys, transport, clock, probe } = deps;

  async function sign(record: JobRecord, job: Job, inline: boolean): Promise<Signed | undefined> {
    const frozen = frozenKeyOf(keys, job, record);
    if (frozen !== undefined) return withhold(record, frozen);
    if (record.inputs === undefined) throw new Error('a decided job has no inputs to sign');

    probe?.('sign.before');
    const signed = await signParts(job, record.inputs);
    probe?.('sign.after');
    const message = job.deliver(signed);
    return commit(record, job, { answer: writeAnswers(signed), message, inline });
  }

  async function commit(
    record: JobRecord,
    job: Job,
    made: { readonly answer: JsonObject; readonly message: Message; readonly inline: boolean },
  ): Promise<Signed | undefined> {
    const signed = await store.transact<Signed | undefined>([lane(record)], async (tx) => {
      const current = await tx.job(record.job);
      if (current?.stage !== 'decide' || current.outcome !== undefined) return undefined;
      const now = clock.now();
      const kept = job.answers === 'secret' ? {} : { answer: made.answer };
      const change = { stage: 'sign', outcome: 'signed', ...kept } as const;
      tx.changeJob(record.job, now, change);
      const row = newOutboxRow(record.job, 'answer', transport.route(made.message), now);
      if (!made.inline) tx.putOutbox(row);
      probe?.('sign.before-commit');
      return {
        kind: 'signed',
        record: { ...current, ...change, updatedAt: now },
        message: made.message,
        ...(made.inline ? {} : { row }),
      };
    });
    probe?.('sign.after-commit');
    return signed;
  }

  async function withhold(record: JobRecord, reason: Reason): Promise<Signed> {
    await store.transact([lane(record)], (tx) => {
      tx.changeJob(record.job, clock.now(), { stage: 'decide', outcome: 'withheld', reason });
      return Promise.resolve();
    });
    return { kind: 'withheld', reason };
  }

  return Object.freeze({ sign });
}

function lane(record: JobRecord): string {
  return `job/${record.job}`;
}

/** A transaction under construction: writes wait in memory, reads see them laid over what is committed. */
import type { JsonObject } from '../../base/json.ts';
import type { JobChange, JobRecord, OutboxRecord, Transaction } from '../../core/ports.ts';
import type { StateView } from '../../core/protocol.ts';
import type { SlashingLedger } from '../../core/slashing.ts';
import type { Reader } from './reader.ts';
import { slotOf } from './recently-committed.ts';
import { type LedgerChanges, openLedger } from './slashing-ledger.ts';
import type { SlashingTables } from './slashing-tables.ts';
import type { SqlValue } from './sqlite-driver.ts';
import * as write from './writes.ts';

export interface OpenTransaction {
  readonly transaction: Transaction;
  /** What it wrote so far, in order. */
  readonly writes: readonly write.Write[];
  /** The jobs it wrote, as they are once it is committed; `undefined` where it forgot one. */
  readonly jobs: ReadonlyMap<string, JobRecord | undefined>;
  /** The rows of the outbox that it wrote, by `slotOf` job and part. */
  readonly outbox: ReadonlyMap<string, OutboxRecord>;
  /** The state documents it wrote, by `slotOf` world and key. */
  readonly documents: ReadonlyMap<string, JsonObject>;
  /** What it changed of slashing protection besides records; `undefined` where it did not look at it. */
  readonly changes: () => LedgerChanges | undefined;
  /** Ends it; any later use of it throws. */
  readonly finish: () => void;
}

export interface TransactionDeps {
  readonly committed: Omit<Reader, 'slashing'>;
  readonly slashing: SlashingTables;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface OpenSlashing {
  readonly port: SlashingLedger;
  readonly changes: LedgerChanges;
}

export function openTransaction({ committed, slashing, now }: TransactionDeps): OpenTransaction {
  const batch: write.Write[] = [];
  const jobs = new Map<string, JobRecord | undefined>();
  const outbox = new Map<string, OutboxRecord>();
  const documents = new Map<string, JsonObject>();
  let opened: OpenSlashing | undefined;
  let finished = false;

  const transaction: Transaction = {
    findJob: (source, id) =>
      reading(() => {
        const own = [...jobs.values()].find((job) => job?.source === source && job.id === id);
        return own ?? committed.findJob(source, id);
      }),
    job: (job) => reading(() => currentJob(job)),
    outboxOf: (job) =>
      reading(() => {
        const byPart = new Map(committed.outboxOf(job).map((record) => [record.part, record]));
        for (const record of outbox.values()) {
          if (record.job === job) byPart.set(record.part, record);
        }
        return [...byPart.values()].sort((a, b) => (a.part < b.part ? -1 : 1));
      }),
    state: (world, keys) =>
      reading((): StateView => {
        if (documents.size === 0) return committed.state(world, keys);
        const own = new Map<string, JsonObject>();
        for (const key of keys) {
          const document = documents.get(slotOf(world, key));
          if (document !== undefined) own.set(key, document);
        }
        const others = keys.filter((key) => !own.has(key));
        return new Map([...committed.state(world, others), ...own]);
      }),

    insertJob(job) {
      add(...write.insertJob(job));
      jobs.set(job.job, { ...job, updatedAt: job.receivedAt });
    },
    changeJob(job, at, change) {
      const current = currentJob(job);
      if (current === undefined) throw new Error(`cannot change unknown job \`${job}\``);
      add(...write.changeJob(job, at, change));
      jobs.set(job, changedJob(current, at, change));
    },
    forgetJobs(ended, time) {
      add(...write.forgetJobs(ended, time));
      for (const job of ended) jobs.set(job, undefined);
    },
    putState(world, changes) {
      for (const [key, document] of changes) {
        add(write.putState(world, key, document));
        documents.set(slotOf(world, key), document);
      }
    },
    addDecision(record) {
      add(write.addDecision(record));
    },
    putOutbox(record) {
      add(write.putOutbox(record));
      outbox.set(slotOf(record.job, record.part), record);
    },
    rememberPolicy(hash, text, at) {
      add(write.rememberPolicy(hash, text, at));
    },

    get slashing() {
      return openSlashing().port;
    },
  };

  return {
    transaction: Object.freeze(transaction),
    writes: batch,
    jobs,
    outbox,
    documents,
    changes: () => opened?.changes,
    finish() {
      finished = true;
    },
  };

  /** Once, and only where it is asked for: of most transactions slashing protection is no part. */
  function openSlashing(): OpenSlashing {
    if (opened !== undefined) return opened;
    const { ledger, changes } = openLedger({ committed: slashing, add, now });
    const later =
      <A extends readonly unknown[], R>(ask: (...values: A) => R) =>
      (...values: A): Promise<R> =>
        reading(() => ask(...values));
    const port = Object.freeze({
      record: later(ledger.record),
      begin: later(ledger.begin),
      raise: later(ledger.raise),
      setEnabled: later(ledger.setEnabled),
      merge: later(ledger.merge),
      prune: later(ledger.prune),
      pinGenesis: later(ledger.pinGenesis),
      setHighWatermark: later(ledger.setHighWatermark),
    } satisfies SlashingLedger);
    opened = { port, changes };
    return opened;
  }

  function currentJob(job: string): JobRecord | undefined {
    return jobs.has(job) ? jobs.get(job) : committed.job(job);
  }

  function add(...added: readonly write.Write[]): void {
    refuseIfFinished();
    if (added.some((values) => values.some(isUnkeepable))) {
      throw new Error('a text holds a NUL or half a surrogate pair; no database keeps it as it is');
    }
    batch.push(...added);
  }

  function refuseIfFinished(): void {
    if (!finished) return;
    throw new Error('this transaction is over; await all of its work inside `transact`');
  }

  function reading<T>(read: () => T): Promise<T> {
    return new Promise((resolve) => {
      refuseIfFinished();
      resolve(read());
    });
  }
}

/** `undefined` leaves a member, `null` removes it. */
function changedJob(
  job: JobRecord,
  at: number,
  change: JobChange & Pick<JobRecord, 'stage'>,
): JobRecord {
  const { outcome = job.outcome, reason = job.reason } = change;
  const { inputs = job.inputs, answer = job.answer } = change;
  return {
    job: job.job,
    source: job.source,
    id: job.id,
    digest: job.digest,
    eventType: job.eventType,
    entityId: job.entityId,
    body: job.body,
    caller: job.caller,
    receivedAt: job.receivedAt,
    stage: change.stage,
    ...(outcome && { outcome }),
    ...(reason && { reason }),
    ...(inputs && { inputs }),
    ...(answer && { answer }),
    updatedAt: at,
  };
}

function isUnkeepable(value: SqlValue): boolean {
  return typeof value === 'string' && (value.includes('\0') || !value.isWellFormed());
}

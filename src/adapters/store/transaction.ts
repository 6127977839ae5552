/** A transaction under construction: writes wait in memory, reads see them laid over what is committed. */
import type { JsonObject } from '../../base/json.ts';
import type { JobChange, JobRecord, OutboxRecord, Transaction } from '../../core/ports.ts';
import type { StateView } from '../../core/protocol.ts';
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
  /** The state documents it wrote, by `slotOf` world and key. */
  readonly documents: ReadonlyMap<string, JsonObject>;
  /** What it changed of slashing protection besides records. */
  readonly changes: LedgerChanges;
  /** Ends it; any later use of it throws. */
  readonly finish: () => void;
}

export interface TransactionDeps {
  readonly committed: Omit<Reader, 'slashing'>;
  readonly slashing: SlashingTables;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function openTransaction({ committed, slashing, now }: TransactionDeps): OpenTransaction {
  const batch: write.Write[] = [];
  const jobs = new Map<string, JobRecord | undefined>();
  const outbox = new Map<string, OutboxRecord>();
  const documents = new Map<string, JsonObject>();
  const { ledger, changes } = openLedger({ committed: slashing, add, now });
  let finished = false;

  const transaction: Transaction = {
    findJob: reading((source: string, id: string) => {
      const own = [...jobs.values()].find((job) => job?.source === source && job.id === id);
      return own ?? committed.findJob(source, id);
    }),
    job: reading(currentJob),
    outboxOf: reading((job: string) => {
      const byPart = new Map(committed.outboxOf(job).map((record) => [record.part, record]));
      for (const record of outbox.values()) if (record.job === job) byPart.set(record.part, record);
      return [...byPart.values()].sort((a, b) => (a.part < b.part ? -1 : 1));
    }),
    state: reading((world: string, keys: readonly string[]): StateView => {
      const own = new Map<string, JsonObject>();
      for (const key of keys) {
        const document = documents.get(slotOf(world, key));
        if (document !== undefined) own.set(key, document);
      }
      const others = keys.filter((key) => !own.has(key));
      const found = committed.state(world, others);
      return own.size === 0 ? found : new Map([...found, ...own]);
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

    slashing: Object.freeze({
      record: reading(ledger.record),
      begin: reading(ledger.begin),
      raise: reading(ledger.raise),
      setEnabled: reading(ledger.setEnabled),
      merge: reading(ledger.merge),
      prune: reading(ledger.prune),
      pinGenesis: reading(ledger.pinGenesis),
      setHighWatermark: reading(ledger.setHighWatermark),
    }),
  };

  return Object.freeze({
    transaction: Object.freeze(transaction),
    writes: batch,
    jobs,
    documents,
    changes,
    finish() {
      finished = true;
    },
  });

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

  function reading<A extends readonly unknown[], R>(
    read: (...values: A) => R,
  ): (...values: A) => Promise<R> {
    return (...values) =>
      new Promise((resolve) => {
        refuseIfFinished();
        resolve(read(...values));
      });
  }
}

function changedJob(
  job: JobRecord,
  at: number,
  change: JobChange & Pick<JobRecord, 'stage'>,
): JobRecord {
  const { outcome, reason, inputs, answer, ...rest } = job;
  return {
    ...rest,
    stage: change.stage,
    updatedAt: at,
    ...column('outcome', outcome, change.outcome),
    ...column('reason', reason, change.reason),
    ...column('inputs', inputs, change.inputs),
    ...column('answer', answer, change.answer),
  };
}

/** One optional member after a change: `undefined` leaves it, `null` removes it. */
function column<Name extends string, T>(
  name: Name,
  current: T | undefined,
  change: T | null | undefined,
): Readonly<Partial<Record<Name, T>>> {
  const value = change === undefined ? current : (change ?? undefined);
  // SAFETY: an object with the one computed key `name` is what the type says.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, T>>;
}

function isUnkeepable(value: SqlValue): boolean {
  return typeof value === 'string' && (value.includes('\0') || !value.isWellFormed());
}

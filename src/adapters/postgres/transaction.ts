/**
 * One transaction on a lent connection, which several works share. Each has a view of its own; what one
 * writes its later reads see, and nobody outside.
 */
import type { Transaction } from '../../core/ports.ts';
import type { SlashingLedger } from '../../core/slashing.ts';
import { messageOf } from '../store/error-message.ts';
import { toJob } from '../store/rows.ts';
import type { SqlValue } from '../store/sqlite-driver.ts';
import * as write from '../store/writes.ts';
import { type Connection, type Parameter, type Query, type Row, sqlState } from './pg-driver.ts';
import { createReader, readStates, type StateQuestion } from './reader.ts';
import type { Statement } from './statements.ts';
import { together } from './together.ts';

export interface SharedTransaction {
  /** Lets `work` have a view of its own, which ends with it. */
  readonly use: (work: (tx: Transaction) => Promise<unknown>) => Promise<unknown>;
  /** Sends the writes that nobody has read yet. */
  readonly flush: () => void;
  /** From now on nothing is asked: the connection is about to serve others. */
  readonly close: () => void;
  /** Rejects with what the database said of the first statement that it refused. */
  readonly settled: () => Promise<void>;
}

/** The database refused what was asked; certainly nothing of it is applied. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export interface SharedTransactionOptions {
  /** Of all that share it. */
  readonly lanes: readonly string[];
  /** Milliseconds to wait for each lane; absent: as long as the connection does. */
  readonly patience: number | undefined;
  /** The token of the daemon whose transaction it is. */
  readonly owner: number;
  readonly statementsOf: (writes: readonly write.Write[]) => readonly Statement[];
  readonly ledger: (query: Query) => SlashingLedger;
}

/** Begins it; what is asked first travels right behind, and fails where the beginning does. */
export function openSharedTransaction(
  { query, command }: Connection,
  { lanes, patience, owner, statementsOf, ledger: ledgerOn }: SharedTransactionOptions,
): SharedTransaction {
  let failure: Error | undefined;
  /** Under way; each keeps its failure for `settled`, so that none goes unheard. */
  const underWay = new Set<Promise<unknown>>();
  let unsent: write.Write[] = [];
  let isClosed = false;
  const reader = createReader(ask, owner);
  const ledger = ledgerOn(ask);
  const askState = together((asked: readonly StateQuestion[]) => readStates(ask, asked));
  void track(command('BEGIN'));
  void track(query('SELECT enter_lanes($1, $2, $3)', lanes, owner, patience ?? null));

  /** Whatever the first statement says that fails is why all later ones do. */
  function track<T>(asked: Promise<T>): Promise<T> {
    const heard = asked.catch((error: unknown) => {
      failure ??= refusalOf(error);
      throw failure;
    });
    const over = heard.then(forget, forget);
    underWay.add(over);
    return heard;

    function forget(): void {
      underWay.delete(over);
    }
  }

  async function ask(sql: string, ...values: readonly Parameter[]): Promise<readonly Row[]> {
    if (isClosed) throw new Error(OVER);
    return track(query(sql, ...values));
  }

  function flush(): void {
    const writes = unsent;
    unsent = [];
    for (const { sql, values, job } of statementsOf(writes)) {
      const written = query(sql, ...values).then((rows) => {
        // Its line of history cannot be written either, so nothing is committed.
        if (job !== undefined && rows.length !== 1) {
          throw new Refused(`cannot change unknown job \`${job}\``);
        }
      });
      // Its failure is kept for `settled`.
      track(written).catch(() => undefined);
    }
  }

  function view(): { readonly transaction: Transaction; readonly finish: () => void } {
    let isOver = false;

    function refuseIfOver(): void {
      if (isOver) throw new Error(OVER);
    }

    function add(...writes: readonly write.Write[]): void {
      refuseIfOver();
      if (writes.some((values) => values.some(isUnkeepable))) {
        throw new Error(
          'a text holds a NUL or half a surrogate pair; no database keeps it as it is',
        );
      }
      unsent.push(...writes);
    }

    const asking =
      <A extends readonly unknown[], R>(answer: (...values: A) => Promise<R>) =>
      async (...values: A): Promise<R> => {
        refuseIfOver();
        return answer(...values);
      };
    /** Sees what was written before. */
    const reading = <A extends readonly unknown[], R>(read: (...values: A) => Promise<R>) =>
      asking((...values: A) => {
        flush();
        return read(...values);
      });

    const transaction: Transaction = {
      findJob: reading(async (source, id) => {
        const [row] = await ask('SELECT * FROM jobs WHERE source = $1 AND id = $2', source, id);
        return row && toJob(row);
      }),
      job: reading(reader.job),
      outboxOf: reading(reader.outboxOf),
      state: reading((world, keys) => askState({ world, keys })),
      insertJob(job) {
        add(...write.insertJob(job));
      },
      changeJob(job, at, change) {
        add(...write.changeJob(job, at, change));
      },
      forgetJobs(ended, time) {
        add(...write.forgetJobs(ended, time));
      },
      putState(world, changes) {
        for (const [key, document] of changes) add(write.putState(world, key, document));
      },
      addDecision(record) {
        add(write.addDecision(record));
      },
      putOutbox(record) {
        add(write.putOutbox(record));
      },
      rememberPolicy(hash, text, at) {
        add(write.rememberPolicy(hash, text, at));
      },
      slashing: Object.freeze({
        record: asking(ledger.record),
        begin: asking(ledger.begin),
        raise: asking(ledger.raise),
        setEnabled: asking(ledger.setEnabled),
        merge: asking(ledger.merge),
        prune: asking(ledger.prune),
        pinGenesis: asking(ledger.pinGenesis),
        setHighWatermark: asking(ledger.setHighWatermark),
      }),
    };
    return {
      transaction: Object.freeze(transaction),
      finish() {
        isOver = true;
      },
    };
  }

  return Object.freeze({
    async use(work: (tx: Transaction) => Promise<unknown>) {
      const { transaction, finish } = view();
      return work(transaction).finally(finish);
    },
    flush,
    close() {
      isClosed = true;
    },
    async settled() {
      await Promise.all(underWay);
      if (failure !== undefined) throw failure;
    },
  });
}

const OVER = 'this transaction is over; await all of its work inside `transact`';

/** SQLSTATE of a daemon that was fenced (see 0001-store.sql), and of a lock that was not free in time. */
const FENCED = 'CS001';
const LATE = '55P03';

export function isFenced(error: unknown): boolean {
  return error instanceof Refused && sqlState(error.cause) === FENCED;
}

export function isLate(error: Refused): boolean {
  return sqlState(error.cause) === LATE;
}

/** Classes of SQLSTATE that tell a refused value or a lock, not a database in trouble. */
const REFUSALS = new Set(['22', '23', '40', '55', 'P0', 'CS']);

function refusalOf(error: unknown): Error {
  if (error instanceof Refused) return error;
  const state = sqlState(error);
  const message = messageOf(error);
  return state === undefined || !REFUSALS.has(state.slice(0, 2))
    ? new Error(message, { cause: error })
    : new Refused(`the store refused a transaction: ${message}`, { cause: error });
}

function isUnkeepable(value: SqlValue): boolean {
  return typeof value === 'string' && /[\0\p{Surrogate}]/u.test(value);
}

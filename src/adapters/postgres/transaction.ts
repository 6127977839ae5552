/** One transaction on a lent connection: what it writes its later reads see, and nobody else. */
import type { Transaction } from '../../core/ports.ts';
import type { SlashingLedger } from '../../core/slashing.ts';
import { messageOf } from '../store/error-message.ts';
import { toJob } from '../store/rows.ts';
import type { SqlValue } from '../store/sqlite-driver.ts';
import * as write from '../store/writes.ts';
import { type Parameter, type Query, type Row, sqlState } from './pg-driver.ts';
import { createReader } from './reader.ts';
import { isJobWrite, STATEMENTS } from './statements.ts';

export interface OpenTransaction {
  readonly transaction: Transaction;
  /** Ends it; any later use of it throws. */
  readonly finish: () => void;
  /** Rejects with what the database said of the first write that it refused. */
  readonly settled: () => Promise<void>;
}

/** The database refused what was asked; certainly nothing of it is applied. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

export interface TransactionDeps {
  readonly query: Query;
  readonly owner: number;
  readonly ledger: (query: Query) => SlashingLedger;
}

export function openTransaction({ query, owner, ledger }: TransactionDeps): OpenTransaction {
  let finished = false;
  let failure: Error | undefined;
  /** Under way; each keeps its failure for `settled`, so that none goes unheard. */
  const underWay = new Set<Promise<unknown>>();

  /** Whatever the first query says that fails is why all later ones do. */
  function send(
    sql: string,
    values: readonly Parameter[],
    check: (rows: readonly Row[]) => void = () => undefined,
  ): Promise<readonly Row[]> {
    refuseIfFinished();
    const asked = query(sql, ...values).then(
      (rows) => {
        check(rows);
        return rows;
      },
      (error: unknown) => {
        failure ??= refusalOf(error);
        throw failure;
      },
    );
    const over = asked.then(forget, forget);
    underWay.add(over);
    return asked;

    function forget(): void {
      underWay.delete(over);
    }
  }
  const ask: Query = (sql, ...values) => send(sql, values);
  const reader = createReader(ask, owner);

  function add(...writes: readonly write.Write[]): void {
    refuseIfFinished();
    for (const [name, ...values] of writes) {
      if (values.some(isUnkeepable)) {
        throw new Error(
          'a text holds a NUL or half a surrogate pair; no database keeps it as it is',
        );
      }
      if (!isJobWrite(name)) throw new Error(`\`${name}\` is not written by a transaction`);
      const written = send(STATEMENTS[name].replace('OWNER', String(owner)), values, (rows) => {
        // Its line of history cannot be written either, so nothing is committed.
        if (name !== 'changeJob' || rows.length === 1) return;
        failure ??= new Error(`cannot change unknown job \`${String(values.at(-1))}\``);
      });
      // Its failure is kept for `settled`.
      written.catch(() => undefined);
    }
  }

  const transaction: Transaction = {
    async findJob(source, id) {
      const [row] = await ask('SELECT * FROM jobs WHERE source = $1 AND id = $2', source, id);
      return row && toJob(row);
    },
    job: reader.job,
    outboxOf: reader.outboxOf,
    state: reader.state,
    insertJob(job) {
      add(...write.insertJob(job));
    },
    changeJob(job, at, change) {
      add(...write.changeJob(job, at, change));
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
    slashing: ledger(ask),
  };

  return Object.freeze({
    transaction: Object.freeze(transaction),
    finish() {
      finished = true;
    },
    async settled() {
      await Promise.all(underWay);
      if (failure !== undefined) throw failure;
    },
  });

  function refuseIfFinished(): void {
    if (!finished) return;
    throw new Error('this transaction is over; await all of its work inside `transact`');
  }
}

/** Classes of SQLSTATE that tell a refused value, not a database in trouble. */
const REFUSALS = new Set(['22', '23', '40', 'P0', 'CS']);

function refusalOf(error: unknown): Error {
  const state = sqlState(error);
  const message = messageOf(error);
  return state === undefined || !REFUSALS.has(state.slice(0, 2))
    ? new Error(message, { cause: error })
    : new Refused(`the store refused a transaction: ${message}`, { cause: error });
}

function isUnkeepable(value: SqlValue): boolean {
  return typeof value === 'string' && /[\0\p{Surrogate}]/u.test(value);
}

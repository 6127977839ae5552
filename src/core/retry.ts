/** When a delivery is tried again, and when it ends: pure functions of the row and the receipt. */
import { unreachable } from '../base/unreachable.ts';
import type { Reason } from './outcome.ts';
import type { OutboxRecord, Receipt } from './ports.ts';

/** Milliseconds; the first retry waits for less than a second, no retry for more than a minute. */
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 60_000;

/** Full jitter: uniform between nothing and a ceiling that doubles with each attempt. */
export function retryDelay(attempts: number, unit: number, retryAfter = 0): number {
  const ceiling = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(attempts, 16));
  return Math.max(retryAfter, Math.ceil(unit * ceiling));
}

/** What an attempt made of a row. */
export interface Settlement {
  readonly row: OutboxRecord;
  /** Set when the row has ended otherwise than by being delivered. */
  readonly alarm?: Reason;
}

export interface SettleContext {
  readonly now: number;
  /** Epoch milliseconds after which an undelivered row is parked. */
  readonly until: number;
  /** Uniform in [0, 1). */
  readonly unit: number;
}

/** The row after one attempt. An attempt of unknown outcome marks it for ever. */
export function settle(row: OutboxRecord, receipt: Receipt, context: SettleContext): Settlement {
  const tried = { ...row, attempts: row.attempts + 1 };
  switch (receipt.kind) {
    case 'delivered':
      return { row: { ...tried, state: 'delivered' } };
    case 'rejected':
      // After an attempt of unknown outcome the refusal may only say "done already".
      return row.unknown
        ? ended(tried, 'unconfirmed', {
            code: 'deliver.settled_unconfirmed',
            message: `refused after an attempt of unknown outcome: ${receipt.reason.message}`,
          })
        : ended(tried, 'rejected', receipt.reason);
    case 'retry':
    case 'unknown':
    case 'unauthorized': {
      const unknown = row.unknown || receipt.kind === 'unknown';
      if (context.now >= context.until) {
        return ended({ ...tried, unknown }, 'parked', {
          code: 'deliver.parked',
          message: `not delivered in time, last: ${receipt.reason.message}; replay the job to try again`,
        });
      }
      const retryAfter = receipt.kind === 'retry' ? receipt.retryAfter : undefined;
      const nextAt = context.now + retryDelay(row.attempts, context.unit, retryAfter);
      return { row: { ...tried, unknown, nextAt, error: receipt.reason } };
    }
    default:
      return unreachable(receipt);
  }
}

/** A row that is told no more, and why. */
export function ended(row: OutboxRecord, state: OutboxRecord['state'], alarm: Reason): Settlement {
  return { row: { ...row, state, error: alarm }, alarm };
}

/** Why a transaction is refused before anything is hashed. */

/** Permanent names; each has a test of its own. */
export const TRANSACTION_PROBLEM_CODES = [
  'lighter.chain-id',
  'lighter.range',
  'lighter.bytes',
  'lighter.base-amount',
  'lighter.reduce-only',
  'lighter.order-market',
  'lighter.time-in-force',
  'lighter.order-expiry',
  'lighter.trigger-price',
  'lighter.group-size',
  'lighter.group-market',
  'lighter.group-client-order-index',
  'lighter.group-order-type',
  'lighter.group-side',
  'lighter.group-base-amount',
  'lighter.group-reduce-only',
  'lighter.group-expiry',
  'lighter.cancel-all-time',
  'lighter.cancel-all-market',
  'lighter.approval-expiry',
  'lighter.attribute-unknown',
  'lighter.attribute-count',
  'lighter.integrator-missing',
  'lighter.self-trade-fees',
  'lighter.self-trade-reduce',
] as const;
export type TransactionProblemCode = (typeof TRANSACTION_PROBLEM_CODES)[number];

export interface TransactionProblem {
  readonly code: TransactionProblemCode;
  /** As in `tx_info`: `Price`, `Orders[1].Price`, `L2TxAttributes.SkipNonce`. */
  readonly field: string;
  /** What the field holds and what it may hold. */
  readonly message: string;
}

/** A problem whose message is the field's name followed by `complaint`. */
export function problem(
  code: TransactionProblemCode,
  field: string,
  complaint: string,
): TransactionProblem {
  return { code, field, message: `\`${field}\` ${complaint}` };
}

/** A type of transaction, made of the fields that it has in `tx_info`. */
import type { Attributes } from './attributes.ts';
import { type Field, type Fields, notHashed, record, signature, type Values } from './field.ts';
import { nonce, timestamp } from './field-kinds.ts';
import type { LighterKernel } from './lighter-kernel.ts';
import type { TransactionProblem } from './transaction-problem.ts';

/** What follows the fields of each type in `tx_info`; the hash has time and nonce at its head. */
export const frame = {
  ExpiredAt: notHashed(timestamp),
  Nonce: notHashed(nonce),
  Sig: signature,
};

/** Fields of a transaction, among them the frame and the attributes. */
type TransactionFields = Fields & typeof frame & { readonly L2TxAttributes: Field<Attributes> };

/** The values of a transaction that is still to be signed. */
type Unsigned<F extends Fields> = Values<Omit<F, 'Sig'>>;

export interface TransactionType<Transaction> {
  /** The number by which the exchange knows it. */
  readonly txType: number;
  readonly problem: (transaction: Transaction) => TransactionProblem | undefined;
  /** The elements behind the head of the hash. */
  readonly elements: (transaction: Transaction, hash: LighterKernel['hash']) => readonly bigint[];
  readonly txInfo: (transaction: Transaction, signature: Uint8Array) => string;
  /** The text that the L1 wallet signs, for the types that have one. */
  readonly l1Text?: (transaction: Transaction, chainId: bigint) => string;
}

interface Particulars<Transaction> {
  /** What is wrong with fields that are in range each for itself, if anything. */
  readonly rule?: (transaction: Transaction) => TransactionProblem | undefined;
  readonly l1Text?: (transaction: Transaction, chainId: bigint) => string;
}

/** Fields stand in the order of `tx_info`, which is the order of the hash as well. */
export function transactionType<F extends TransactionFields>(
  txType: number,
  fields: F,
  { rule, l1Text }: Particulars<Unsigned<F>> = {},
): TransactionType<Unsigned<F>> {
  const whole = record<F>(fields);
  const signed = (transaction: Unsigned<F>, sig: Uint8Array): Values<F> =>
    // SAFETY: `Unsigned` lacks `Sig` and nothing else.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    ({ ...transaction, Sig: sig }) as unknown as Values<F>;
  const unsigned = (transaction: Unsigned<F>): Values<F> => signed(transaction, new Uint8Array());
  return {
    txType,
    problem: (transaction) => whole.problem(unsigned(transaction), '') ?? rule?.(transaction),
    elements: (transaction, hash) => whole.elements(unsigned(transaction), hash),
    txInfo: (transaction, sig) => whole.json(signed(transaction, sig)),
    ...(l1Text === undefined ? {} : { l1Text }),
  };
}

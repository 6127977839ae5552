/** A part of a request as the transaction that is hashed and signed. */
import { toHex } from '../../base/hex.ts';
import {
  hashTransaction,
  type LighterKernel,
  type Order,
  type SigningRequest,
} from '../../../signers/lighter/index.ts';
import { withOrderExpiry } from './order-expiry.ts';
import type { LighterPart, TransactionPart } from './request.ts';

/** What the decision adds to a part. */
export interface Filling {
  readonly nonce: bigint;
  /** Whether the exchange is told to jump to the nonce. */
  readonly skip: boolean;
  /** When it was decided, epoch milliseconds; open expiries of orders count from here. */
  readonly at: bigint;
  /** `ExpiredAt`, epoch milliseconds. */
  readonly expiredAt: bigint;
}

/** The transaction as it is signed. */
export function filledTransaction(part: TransactionPart, filling: Filling): SigningRequest {
  const settled = withOrderExpiry(part, Number(filling.at));
  return unsettledTransaction(settled, filling);
}

/**
 * Equal for transactions on one nonce that differ in nothing but when they expire. The memo has no
 * place in the hash, but in what the wallet signs.
 */
export function contentOf(
  kernel: LighterKernel,
  part: TransactionPart,
  { nonce, skip }: Pick<Filling, 'nonce' | 'skip'>,
): string {
  const timeless = unsettledTransaction(part, { nonce, skip, expiredAt: 0n });
  const memo = part.name === 'Transfer' ? toHex(part.fields.Memo) : '';
  return toHex(hashTransaction(kernel, timeless)) + memo;
}

function unsettledTransaction(
  { name, client, fields }: TransactionPart,
  { nonce: Nonce, skip, expiredAt: ExpiredAt }: Omit<Filling, 'at'>,
): SigningRequest {
  const L2TxAttributes = { ...fields.L2TxAttributes, ...(skip ? { SkipNonce: 1n } : {}) };
  return {
    name,
    chainId: client.chainId,
    transaction: { ...fields, Nonce, ExpiredAt, L2TxAttributes },
  };
}

/** Whether it takes risk away: it closes orders, at once. */
export function isCancel(part: TransactionPart): boolean {
  return (
    part.name === 'CancelOrder' ||
    (part.name === 'CancelAllOrders' && part.fields.TimeInForce === 0n)
  );
}

/** Whether it can only make what is at stake smaller. */
export function isRelief(part: LighterPart): boolean {
  if (part.kind !== 'transaction') return false;
  if (part.name === 'CreateOrder') return isReducing(part.fields);
  if (part.name === 'CreateGroupedOrders') return part.fields.Orders.every(isReducing);
  return isCancel(part);
}

function isReducing({ ReduceOnly }: Order): boolean {
  return ReduceOnly === 1n;
}

/** Whether the L1 wallet has a text of its own to sign beside the transaction. */
export function hasL1Text({ name }: TransactionPart): boolean {
  return name === 'ChangePubKey' || name === 'Transfer' || name === 'ApproveIntegrator';
}

/** The orders that the benchmark has signed, and by which account. */
import { base64 } from '@scure/base';

import {
  formatTxInfo,
  hashTransaction,
  type LighterKernel,
  type SigningRequest,
} from '../../signers/lighter/index.ts';
import { fromHex } from '../../src/base/hex.ts';
import { goodRequests } from '../../test/support/good-lighter-requests.ts';
import { keyVector, requestOfTxInfo } from '../../test/support/lighter-vectors.ts';

export type OrderRequest = SigningRequest<'CreateOrder'>;
/** Gives `tx_info`. */
export type OrderSigner = (request: OrderRequest) => string | Promise<string>;

const order = goodRequests.CreateOrder;
const { privateKey, publicKey } = keyVector(0);

/** Whose orders they are. */
export const TRADER = {
  privateKey,
  chainId: Number(order.chainId),
  accountIndex: Number(order.transaction.AccountIndex),
  apiKeyIndex: Number(order.transaction.ApiKeyIndex),
} as const;

const NO_SIGNATURE = new Uint8Array();

/** The same order under a nonce of its own. */
export function orderOf(turn: number): OrderRequest {
  return { ...order, transaction: { ...order.transaction, Nonce: BigInt(turn) } };
}

/** Signs one order after another, and none twice. */
export function createTurns(sign: OrderSigner): (operations: number) => Promise<void> {
  let turn = 0;
  return async (operations) => {
    for (const end = turn + operations; turn < end; turn += 1) {
      const txInfo = sign(orderOf(turn));
      if (typeof txInfo !== 'string') await txInfo;
    }
  };
}

/** Whether a `tx_info` is the order 0, signed: a faster answer to another question is not worth timing. */
export function isOurOrder(kernel: LighterKernel, txInfo: string): boolean {
  const signed = requestOfTxInfo(order.name, TRADER.chainId, txInfo);
  const sig = /"Sig":"(?<base64>[^"]+)"/.exec(txInfo)?.groups?.['base64'];
  const expected = orderOf(0);
  const { ExpiredAt } = signed.transaction;
  return (
    formatTxInfo(
      { ...expected, transaction: { ...expected.transaction, ExpiredAt } },
      NO_SIGNATURE,
    ) === formatTxInfo(signed, NO_SIGNATURE) &&
    kernel.verify(base64.decode(sig ?? ''), hashTransaction(kernel, signed), fromHex(publicKey))
  );
}

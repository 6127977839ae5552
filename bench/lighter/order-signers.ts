/** Who signs orders in the benchmark: one function each, from an order to its `tx_info`. */
import { randomFillSync } from 'node:crypto';

import { base64 } from '@scure/base';

import {
  createLighterKernel,
  ENTROPY_SIZE,
  formatTxInfo,
  hashTransaction,
  type LighterKernel,
  type SigningRequest,
  signTransaction,
} from '../../signers/lighter/index.ts';
import { fromHex } from '../../src/base/hex.ts';
import { Secret } from '../../src/base/secret.ts';
import { goodRequests } from '../../test/support/good-lighter-requests.ts';
import { createGoSigner } from '../../test/support/lighter-go-wasm.ts';
import { keyVector, requestOfTxInfo } from '../../test/support/lighter-vectors.ts';

export type OrderRequest = SigningRequest<'CreateOrder'>;
/** Gives `tx_info`. */
export type OrderSigner = (request: OrderRequest) => string | Promise<string>;

const order = goodRequests.CreateOrder;
const { privateKey, publicKey } = keyVector(0);
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
  const signed = requestOfTxInfo(order.name, Number(order.chainId), txInfo);
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

/** Each call starts a signer with memory of its own. */
export const ORDER_SIGNERS = {
  'lighter-ts-sdk': () =>
    createGoSigner({
      privateKey,
      accountIndex: Number(order.transaction.AccountIndex),
      apiKeyIndex: Number(order.transaction.ApiKeyIndex),
      chainId: Number(order.chainId),
    }),
  kernel: () => Promise.resolve(createKernelSigner()),
} satisfies Readonly<Record<string, () => Promise<OrderSigner>>>;

export type OrderSignerName = keyof typeof ORDER_SIGNERS;

export function isOrderSignerName(name: unknown): name is OrderSignerName {
  return typeof name === 'string' && name in ORDER_SIGNERS;
}

/** As the product signs: limits checked, the nonce hedged with fresh randomness. */
function createKernelSigner(): OrderSigner {
  const kernel = createLighterKernel();
  const key = new Secret(fromHex(privateKey));
  const entropy = new Uint8Array(ENTROPY_SIZE);
  return (request) => {
    const signed = signTransaction(kernel, request, key, randomFillSync(entropy));
    if (!signed.ok) throw new Error(signed.error.message);
    return signed.value.txInfo;
  };
}

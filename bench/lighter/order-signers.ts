/** Who signs orders in the benchmark, in whichever thread. */
import { randomFillSync } from 'node:crypto';

import { createLighterKernel, ENTROPY_SIZE, signTransaction } from '../../signers/lighter/index.ts';
import { fromHex } from '../../src/base/hex.ts';
import { Secret } from '../../src/base/secret.ts';
import { createGoSigner } from '../../test/support/lighter-go-wasm.ts';
import { type OrderSigner, TRADER } from './orders.ts';

/** Each call starts a signer with memory of its own. */
export const ORDER_SIGNERS = {
  'lighter-ts-sdk': () => createGoSigner(TRADER),
  kernel: () => Promise.resolve(createKernelSigner()),
} satisfies Readonly<Record<string, () => Promise<OrderSigner>>>;

export type OrderSignerName = keyof typeof ORDER_SIGNERS;

export function isOrderSignerName(name: unknown): name is OrderSignerName {
  return typeof name === 'string' && name in ORDER_SIGNERS;
}

/** As the product signs: limits checked, the nonce hedged with fresh randomness. */
function createKernelSigner(): OrderSigner {
  const kernel = createLighterKernel();
  const key = new Secret(fromHex(TRADER.privateKey));
  const entropy = new Uint8Array(ENTROPY_SIZE);
  return (request) => {
    const signed = signTransaction(kernel, request, key, randomFillSync(entropy));
    if (!signed.ok) throw new Error(signed.error.message);
    return signed.value.txInfo;
  };
}

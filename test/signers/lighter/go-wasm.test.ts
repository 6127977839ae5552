/** The signer beside Lighter's own Go code, as npm `lighter-ts-sdk` carries it. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { base64 } from '@scure/base';
import fc from 'fast-check';

import {
  createLighterKernel,
  hashTransaction,
  transactionProblem,
} from '../../../signers/lighter/index.ts';
import { fromHex } from '../../../src/base/hex.ts';
import { check, SLOW_CASES } from '../../support/lighter-cases.ts';
import { createGoSigner, type GoRequest, type GoSigner } from '../../support/lighter-go-wasm.ts';
import { keyVector, requestOfTxInfo } from '../../support/lighter-vectors.ts';

const chainId = 304;
const { privateKey, publicKey } = keyVector(0);
const kernel = createLighterKernel();

let goSigner: GoSigner;
beforeAll(async () => {
  goSigner = await createGoSigner({ privateKey, accountIndex: 123, apiKeyIndex: 5, chainId });
}, 30_000);

const upTo = (max: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(fc.bigInt({ min: 0n, max }), fc.constantFrom(0n, 1n, max));
const market = upTo(254n);
const flag = upTo(1n);
const UP_TO_2_48 = upTo(2n ** 48n - 1n);
/** Its integers are exact to here, though fields hold more. */
const UP_TO_2_53 = upTo(2n ** 53n - 1n);

const owner = { AccountIndex: fc.constant(123n), ApiKeyIndex: fc.constant(5n) };
const frame = {
  ExpiredAt: fc.constant(0n),
  Nonce: UP_TO_2_48,
  L2TxAttributes: fc.constant({}),
};

/** Requests in range, whose fields need not fit each other. */
const requests: Readonly<Record<GoRequest['name'], fc.Arbitrary<GoRequest>>> = {
  CreateOrder: requestsOf('CreateOrder', {
    MarketIndex: market,
    ClientOrderIndex: UP_TO_2_48,
    BaseAmount: UP_TO_2_48,
    Price: upTo(2n ** 32n - 1n),
    IsAsk: flag,
    Type: upTo(6n),
    TimeInForce: upTo(2n),
    ReduceOnly: flag,
    TriggerPrice: upTo(2n ** 32n - 1n),
    OrderExpiry: UP_TO_2_53,
  }),
  CancelOrder: requestsOf('CancelOrder', { MarketIndex: market, Index: UP_TO_2_53 }),
  CancelAllOrders: requestsOf('CancelAllOrders', { TimeInForce: upTo(2n), Time: UP_TO_2_53 }),
  UpdateLeverage: requestsOf('UpdateLeverage', {
    MarketIndex: market,
    InitialMarginFraction: upTo(10_000n),
    MarginMode: fc.constant(0n),
  }),
};

function requestsOf(
  name: GoRequest['name'],
  fields: Readonly<Record<string, fc.Arbitrary<bigint>>>,
): fc.Arbitrary<GoRequest> {
  return fc.record({ ...owner, ...fields, ...frame }).map((transaction) => {
    const request = { name, chainId: BigInt(chainId), transaction };
    // SAFETY: the fields above are those of the type of that name.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    return request as unknown as GoRequest;
  });
}

/** `undefined` where Go refuses. */
function signedByGo(request: GoRequest): string | undefined {
  try {
    return goSigner(request);
  } catch {
    return undefined;
  }
}

function signatureIn(txInfo: string): Uint8Array {
  const sig = /"Sig":"(?<base64>[^"]+)"/.exec(txInfo)?.groups?.['base64'];
  return base64.decode(sig ?? '');
}

describe('Lighter’s Go code', () => {
  test.each(Object.entries(requests))(
    'takes and refuses the same requests of %s, and signs what we hash',
    (name, arbitrary) => {
      let signed = 0;
      const property = fc.property(arbitrary, (request) => {
        const txInfo = signedByGo(request);
        expect(txInfo === undefined).toBe(transactionProblem(request) !== undefined);
        if (txInfo === undefined) return;
        signed += 1;
        const theirs = requestOfTxInfo(request.name, chainId, txInfo);
        const { ExpiredAt } = theirs.transaction;
        expect(theirs.transaction).toEqual({ ...request.transaction, ExpiredAt });
        const message = hashTransaction(kernel, theirs);
        expect(kernel.verify(signatureIn(txInfo), message, fromHex(publicKey))).toBe(true);
      });
      // Of random orders it is one in eight that makes sense.
      check(property, name === 'CreateOrder' ? 8 * SLOW_CASES : SLOW_CASES);
      expect(signed).toBeGreaterThan(0);
    },
  );
});

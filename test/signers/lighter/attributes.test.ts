/** Attributes: which transactions take which, within which limits, and how they are written. */
import { describe, expect, test } from '@jest/globals';

import {
  type AttributeName,
  createLighterKernel,
  formatTxInfo,
  hashTransaction,
  type SigningRequest,
  type TransactionName,
  transactionProblem,
} from '../../../signers/lighter/index.ts';
import { limbsOf } from '../../../signers/lighter/limbs.ts';
import { goodRequests, spoilt } from '../../support/good-lighter-requests.ts';

const kernel = createLighterKernel();

/** The key in `tx_info`, the limits, and the value that says nothing. */
const table: Readonly<Record<AttributeName, readonly [number, bigint, bigint, bigint]>> = {
  IntegratorAccountIndex: [1, 0n, 2n ** 48n - 2n, 0n],
  IntegratorTakerFee: [2, 0n, 1_000_000n, 0n],
  IntegratorMakerFee: [3, 0n, 1_000_000n, 0n],
  SkipNonce: [4, 0n, 1n, 0n],
  CancelAllMarketIndex: [5, 0n, 255n, 255n],
  SelfTradeBehavior: [6, 0n, 3n, 0n],
  SelfTradeEquality: [7, 0n, 1n, 0n],
  OrderVersion: [8, 0n, 2n ** 48n - 1n, 0n],
};
const rows = Object.entries(table).map(([name, [key, min, max, nil]]) => ({
  // SAFETY: the keys of the table.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  name: name as AttributeName,
  key,
  min,
  max,
  nil,
}));

const trading: readonly AttributeName[] = [
  'IntegratorAccountIndex',
  'IntegratorTakerFee',
  'IntegratorMakerFee',
  'SelfTradeBehavior',
  'SelfTradeEquality',
];
const takers: Readonly<Partial<Record<TransactionName, readonly AttributeName[]>>> = {
  CreateOrder: trading,
  CreateGroupedOrders: trading,
  ModifyOrder: [...trading, 'OrderVersion'],
  CancelAllOrders: ['CancelAllMarketIndex'],
};

function withAttributes(
  request: SigningRequest,
  attributes: Readonly<Partial<Record<AttributeName, bigint>>>,
): SigningRequest {
  return { ...request, transaction: { ...request.transaction, L2TxAttributes: attributes } };
}

/** A transaction that takes the attribute, and what must stand beside it. */
function taking(name: AttributeName, value: bigint): SigningRequest {
  const isFee = name === 'IntegratorTakerFee' || name === 'IntegratorMakerFee';
  const request =
    name === 'CancelAllMarketIndex' ? goodRequests.CancelAllOrders : goodRequests.ModifyOrder;
  return withAttributes(request, {
    ...(isFee && { IntegratorAccountIndex: 1n }),
    [name]: value,
  });
}

describe.each(rows)('$name', ({ name, key, min, max, nil }) => {
  test('is accepted at its limits, and refused outside', () => {
    for (const value of [min, max]) {
      expect(transactionProblem(taking(name, value))).toBeUndefined();
    }
    for (const value of [min - 1n, max + 1n, min + 2n ** 64n, -(2n ** 63n)]) {
      expect(transactionProblem(taking(name, value))).toMatchObject({
        code: 'lighter.range',
        field: `L2TxAttributes.${name}`,
      });
    }
  });

  test('stands in tx_info under its number, and not at all where it says nothing', () => {
    const written = (value: bigint): string =>
      formatTxInfo(withAttributes(goodRequests.ModifyOrder, { [name]: value }), new Uint8Array());
    const other = nil === max ? min : max;
    expect(written(other)).toContain(`"L2TxAttributes":{"${String(key)}":${String(other)}}`);
    expect(written(nil)).toContain('"L2TxAttributes":null');
  });

  test('is taken by the transactions to which it belongs, and by no other', () => {
    const accepted = Object.values(goodRequests).filter((request: SigningRequest) => {
      const problem = transactionProblem(withAttributes(request, { [name]: nil }));
      expect([undefined, 'lighter.attribute-unknown']).toContain(problem?.code);
      return problem === undefined;
    });
    const expected = Object.values(goodRequests).filter(
      (request) => name === 'SkipNonce' || takers[request.name]?.includes(name) === true,
    );
    expect(accepted.map((request) => request.name)).toEqual(expected.map(({ name }) => name));
  });
});

test('four attributes are written and hashed in ascending order, however they are given', () => {
  const given = { SkipNonce: 1n, IntegratorMakerFee: 50n, OrderVersion: 5n };
  const four = { ...given, IntegratorAccountIndex: 12_345n };
  const { ModifyOrder } = goodRequests;
  const request = spoilt('ModifyOrder', { L2TxAttributes: four });
  expect(formatTxInfo(request, new Uint8Array())).toContain(
    '"L2TxAttributes":{"1":12345,"3":50,"4":1,"8":5}}',
  );
  const body = limbsOf(hashTransaction(kernel, ModifyOrder));
  const attributes = limbsOf(kernel.hash([1n, 12_345n, 3n, 50n, 4n, 1n, 8n, 5n]));
  expect(hashTransaction(kernel, request)).toEqual(kernel.hash([...body, ...attributes]));
});

test('fewer attributes are hashed as if pairs of zeros followed', () => {
  const request = spoilt('CancelOrder', { L2TxAttributes: { SkipNonce: 1n } });
  const body = limbsOf(hashTransaction(kernel, goodRequests.CancelOrder));
  const attributes = limbsOf(kernel.hash([4n, 1n, 0n, 0n, 0n, 0n, 0n, 0n]));
  expect(hashTransaction(kernel, request)).toEqual(kernel.hash([...body, ...attributes]));
});

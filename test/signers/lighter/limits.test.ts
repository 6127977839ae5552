/** The limits of every field, written down once more and tried from both sides. */
import { describe, expect, test } from '@jest/globals';

import {
  type Order,
  type SigningRequest,
  type TransactionName,
  transactionProblem,
} from '../../../signers/lighter/index.ts';
import { goodRequests, spoilt } from '../../support/good-lighter-requests.ts';

type Limits = readonly (readonly [min: bigint, max: bigint])[];

const to = (min: bigint, max: bigint): Limits => [[min, max]];
const account = to(0n, 2n ** 48n - 2n);
const master = to(0n, 2n ** 47n - 1n);
const pool = to(2n ** 47n, 2n ** 48n - 2n);
const apiKey = to(0n, 254n);
const flag = to(0n, 1n);
const fee = to(0n, 1_000_000n);
const index48 = to(0n, 2n ** 48n - 1n);
const amount = to(1n, 2n ** 60n - 1n);
const perps = to(0n, 254n);
const market: Limits = [
  [0n, 254n],
  [2048n, 4094n],
];
const price = to(1n, 2n ** 32n - 1n);
const triggerPrice = to(0n, 2n ** 32n - 1n);
const time = to(0n, 2n ** 63n - 1n);
const asset = to(1n, 62n);

const owner = { AccountIndex: account, ApiKeyIndex: apiKey };
const sender = { FromAccountIndex: account, ApiKeyIndex: apiKey };
const shares = { ShareAmount: amount };
const order = {
  MarketIndex: market,
  ClientOrderIndex: index48,
  BaseAmount: index48,
  Price: price,
  IsAsk: flag,
  Type: to(0n, 6n),
  TimeInForce: to(0n, 2n),
  ReduceOnly: flag,
  TriggerPrice: triggerPrice,
  OrderExpiry: time,
};

const limits: Readonly<Record<TransactionName, Readonly<Record<string, Limits>>>> = {
  ChangePubKey: owner,
  CreateSubAccount: { AccountIndex: master, ApiKeyIndex: apiKey },
  CreatePublicPool: {
    AccountIndex: master,
    ApiKeyIndex: apiKey,
    OperatorFee: fee,
    InitialTotalShares: to(1n, 1_000_000_000_000n),
    MinOperatorShareRate: to(0n, 10_000n),
  },
  UpdatePublicPool: {
    ...owner,
    PublicPoolIndex: account,
    Status: flag,
    OperatorFee: fee,
    MinOperatorShareRate: to(0n, 10_000n),
  },
  Transfer: {
    ...sender,
    ToAccountIndex: account,
    AssetIndex: asset,
    FromRouteType: flag,
    ToRouteType: flag,
    Amount: amount,
    USDCFee: to(0n, 2n ** 60n - 1n),
  },
  Withdraw: { ...sender, AssetIndex: asset, RouteType: flag, Amount: amount },
  CreateOrder: { ...owner, ...order },
  CancelOrder: { ...owner, MarketIndex: market, Index: amount },
  CancelAllOrders: {
    AccountIndex: account,
    ApiKeyIndex: to(0n, 255n),
    TimeInForce: to(0n, 2n),
    Time: time,
  },
  ModifyOrder: {
    ...owner,
    MarketIndex: market,
    Index: amount,
    BaseAmount: index48,
    Price: price,
    TriggerPrice: triggerPrice,
  },
  MintShares: { ...owner, PublicPoolIndex: pool, ...shares },
  BurnShares: { ...owner, PublicPoolIndex: pool, ...shares },
  UpdateLeverage: {
    ...owner,
    MarketIndex: perps,
    InitialMarginFraction: to(1n, 10_000n),
    MarginMode: flag,
  },
  CreateGroupedOrders: { ...owner, GroupingType: to(1n, 3n) },
  UpdateMargin: { ...owner, MarketIndex: perps, USDCAmount: amount, Direction: flag },
  StakeAssets: { ...owner, StakingPoolIndex: pool, ...shares },
  UnstakeAssets: { ...owner, StakingPoolIndex: pool, ...shares },
  UpdateAccountConfig: { ...owner, AccountTradingMode: flag },
  UpdateAccountAssetConfig: { ...owner, AssetIndex: asset, AssetMarginMode: flag },
  ApproveIntegrator: {
    ...owner,
    IntegratorAccountIndex: account,
    MaxPerpsTakerFee: fee,
    MaxPerpsMakerFee: fee,
    MaxSpotTakerFee: fee,
    MaxSpotMakerFee: fee,
    ApprovalExpiry: index48,
  },
};

const frame = { ExpiredAt: index48, Nonce: index48 };

const rows = Object.values(goodRequests).flatMap((request: SigningRequest) =>
  Object.entries({ ...limits[request.name], ...frame }).map(([field, ranges]) => ({
    title: `${request.name}.${field}`,
    request,
    field,
    ranges,
  })),
);

/** The first value on the wrong side of every bound, far ones, and what C and Go would cut off. */
function outside(ranges: Limits): readonly bigint[] {
  const near = ranges.flatMap(([min, max]) => [min - 1n, max + 1n]);
  const far = [-1n, -(2n ** 63n), 2n ** 64n - 1n, 2n ** 64n, 2n ** 65n];
  const inRange = (value: bigint): boolean =>
    ranges.some(([min, max]) => min <= value && value <= max);
  const narrowed = ranges.flatMap(([min]) => [8n, 16n, 32n, 64n].map((bits) => min + 2n ** bits));
  return [...near, ...far, ...narrowed].filter((value) => !inRange(value));
}

test('every good request is accepted', () => {
  for (const request of Object.values(goodRequests)) {
    expect(transactionProblem(request)).toBeUndefined();
  }
});

test('every integer of every transaction is in the table above', () => {
  for (const { name, transaction } of Object.values(goodRequests)) {
    const integers = Object.entries(transaction).filter(([, value]) => typeof value === 'bigint');
    expect(Object.keys({ ...limits[name], ...frame }).sort()).toEqual(
      integers.map(([field]) => field).sort(),
    );
  }
});

test.each(rows)('$title is refused outside its range, with its name and the range', (row) => {
  for (const value of outside(row.ranges)) {
    const found = problemOf(row.request, row.field, value);
    expect(found).toMatchObject({ code: 'lighter.range', field: row.field });
    expect(found?.message).toContain(`\`${row.field}\` is \`${String(value)}\`; give `);
    for (const bound of row.ranges.flat()) expect(found?.message).toContain(String(bound));
  }
});

test.each(rows)('$title is in range at each bound', (row) => {
  for (const bound of row.ranges.flat()) {
    expect(problemOf(row.request, row.field, bound)?.code).not.toBe('lighter.range');
  }
});

function problemOf(
  request: SigningRequest,
  field: string,
  value: bigint,
): ReturnType<typeof transactionProblem> {
  return transactionProblem({
    ...request,
    transaction: { ...request.transaction, [field]: value },
  });
}

describe('the orders of a group', () => {
  const inPerps = { ...order, MarketIndex: perps };
  const { Orders } = goodRequests.CreateGroupedOrders.transaction;

  test.each(Object.entries(inPerps))('have the same limit of %s each', (field, ranges) => {
    for (const [index, member] of Orders.entries()) {
      for (const value of outside(ranges)) {
        const changed: Order = { ...member, [field]: value };
        const request = spoilt('CreateGroupedOrders', { Orders: Orders.with(index, changed) });
        expect(transactionProblem(request)).toMatchObject({
          code: 'lighter.range',
          field: `Orders[${String(index)}].${field}`,
        });
      }
    }
  });
});

/** What is refused beyond ranges: one good request per rule, spoilt in one place. */
import { describe, expect, test } from '@jest/globals';

import {
  createLighterKernel,
  type Order,
  type SigningRequest,
  signTransaction,
  TRANSACTION_PROBLEM_CODES,
  transactionProblem,
  type TransactionProblemCode,
  type Transactions,
} from '../../../signers/lighter/index.ts';
import { Secret } from '../../../src/base/secret.ts';
import {
  goodOrder,
  goodRequests,
  goodStopLoss,
  goodTakeProfit,
  spoilt,
} from '../../support/good-lighter-requests.ts';

const order = (changes: Partial<Order>): SigningRequest => spoilt('CreateOrder', changes);
const attributes = (
  L2TxAttributes: Transactions['ModifyOrder']['L2TxAttributes'],
): SigningRequest => spoilt('ModifyOrder', { L2TxAttributes });
const group = (GroupingType: bigint, ...Orders: readonly Order[]): SigningRequest =>
  spoilt('CreateGroupedOrders', { GroupingType, Orders });

const [OTO, OCO, OTOCO] = [1n, 2n, 3n] as const;
const market = { Type: 1n, TimeInForce: 0n, OrderExpiry: 0n };
const stopLoss = { Type: 2n, TimeInForce: 0n, TriggerPrice: 49_000n };
const spot = { MarketIndex: 2048n };
const [parent, takeProfit, halfStop] = [goodOrder, goodTakeProfit, goodStopLoss];
const pair = [
  { ...takeProfit, BaseAmount: 77n },
  { ...halfStop, BaseAmount: 77n },
] as const;

/** Those of CancelAllOrders. */
const foreignAttributes = { SkipNonce: 1n, CancelAllMarketIndex: 1n };

interface Refusal {
  readonly name: string;
  readonly code: TransactionProblemCode;
  readonly field: string;
  readonly request: SigningRequest;
}

const refusal = (
  name: string,
  [code, field]: readonly [TransactionProblemCode, string],
  request: SigningRequest,
): Refusal => ({ name, code, field, request });

const refusals: readonly Refusal[] = [
  refusal('a chain 0', ['lighter.chain-id', 'chainId'], {
    ...goodRequests.CancelOrder,
    chainId: 0n,
  }),
  refusal('a chain beyond 32 bits', ['lighter.chain-id', 'chainId'], {
    ...goodRequests.CancelOrder,
    chainId: 2n ** 32n + 304n,
  }),
  ...[0, 39, 41].map((size) =>
    refusal(
      `a public key of ${String(size)} bytes`,
      ['lighter.bytes', 'PubKey'],
      spoilt('ChangePubKey', { PubKey: new Uint8Array(size) }),
    ),
  ),
  refusal(
    'a public key with a limb beyond p',
    ['lighter.bytes', 'PubKey'],
    spoilt('ChangePubKey', { PubKey: new Uint8Array(40).fill(0xff) }),
  ),
  ...[0, 20, 31, 33].map((size) =>
    refusal(
      `a memo of ${String(size)} bytes`,
      ['lighter.bytes', 'Memo'],
      spoilt('Transfer', { Memo: new Uint8Array(size) }),
    ),
  ),
  refusal(
    'a wallet signature that is no hex',
    ['lighter.bytes', 'L1Sig'],
    spoilt('Transfer', { L1Sig: '0x"}' }),
  ),
  refusal(
    'a wallet signature of 66 bytes',
    ['lighter.bytes', 'L1Sig'],
    spoilt('Transfer', { L1Sig: `0x${'ab'.repeat(66)}` }),
  ),

  refusal('an order of nothing', ['lighter.base-amount', 'BaseAmount'], order({ BaseAmount: 0n })),
  refusal(
    'reduce-only in a spot market',
    ['lighter.reduce-only', 'ReduceOnly'],
    order({ ...spot, ReduceOnly: 1n }),
  ),
  refusal(
    'a stop-loss in a spot market',
    ['lighter.order-market', 'MarketIndex'],
    order({ ...spot, ...stopLoss }),
  ),
  refusal(
    'a market order that rests',
    ['lighter.time-in-force', 'TimeInForce'],
    order({ ...market, TimeInForce: 1n }),
  ),
  refusal(
    'a stop-loss that rests',
    ['lighter.time-in-force', 'TimeInForce'],
    order({ ...stopLoss, TimeInForce: 1n }),
  ),
  refusal(
    'a TWAP that is immediate',
    ['lighter.time-in-force', 'TimeInForce'],
    order({ Type: 6n, TimeInForce: 0n }),
  ),
  refusal(
    'a TWAP that is post-only',
    ['lighter.time-in-force', 'TimeInForce'],
    order({ Type: 6n, TimeInForce: 2n }),
  ),
  refusal(
    'an immediate limit order with an expiry',
    ['lighter.order-expiry', 'OrderExpiry'],
    order({ TimeInForce: 0n }),
  ),
  refusal(
    'a resting limit order without an expiry',
    ['lighter.order-expiry', 'OrderExpiry'],
    order({ OrderExpiry: 0n }),
  ),
  refusal(
    'a market order with an expiry',
    ['lighter.order-expiry', 'OrderExpiry'],
    order({ ...market, OrderExpiry: 1n }),
  ),
  refusal(
    'a stop-loss without an expiry',
    ['lighter.order-expiry', 'OrderExpiry'],
    order({ ...stopLoss, OrderExpiry: 0n }),
  ),
  refusal(
    'a TWAP without an expiry',
    ['lighter.order-expiry', 'OrderExpiry'],
    order({ Type: 6n, OrderExpiry: 0n }),
  ),
  refusal(
    'a limit order with a trigger',
    ['lighter.trigger-price', 'TriggerPrice'],
    order({ TriggerPrice: 1n }),
  ),
  refusal(
    'a market order with a trigger',
    ['lighter.trigger-price', 'TriggerPrice'],
    order({ ...market, TriggerPrice: 1n }),
  ),
  refusal(
    'a TWAP with a trigger',
    ['lighter.trigger-price', 'TriggerPrice'],
    order({ Type: 6n, TriggerPrice: 1n }),
  ),
  ...[2n, 3n, 4n, 5n].map((Type) =>
    refusal(
      `an order of type ${String(Type)} without a trigger`,
      ['lighter.trigger-price', 'TriggerPrice'],
      order({ ...stopLoss, Type, TriggerPrice: 0n }),
    ),
  ),

  refusal('an OTO of three', ['lighter.group-size', 'Orders'], group(OTO, parent, ...pair)),
  refusal('an OCO of one', ['lighter.group-size', 'Orders'], group(OCO, pair[0])),
  refusal('an OTOCO of two', ['lighter.group-size', 'Orders'], group(OTOCO, parent, halfStop)),
  refusal('a group of none', ['lighter.group-size', 'Orders'], group(OCO)),
  refusal(
    'a group with two markets',
    ['lighter.group-market', 'Orders[1].MarketIndex'],
    group(OTO, parent, { ...halfStop, MarketIndex: 4n }),
  ),
  refusal(
    'a group with one client index twice',
    ['lighter.group-client-order-index', 'Orders[2].ClientOrderIndex'],
    group(OTOCO, parent, takeProfit, { ...halfStop, ClientOrderIndex: 11n }),
  ),
  refusal(
    'a group that a stop-loss triggers',
    ['lighter.group-order-type', 'Orders[0].Type'],
    group(OTO, { ...halfStop, ClientOrderIndex: 0n, IsAsk: 0n }, halfStop),
  ),
  refusal(
    'a limit order that another triggers',
    ['lighter.group-order-type', 'Orders[1].Type'],
    group(OTO, parent, { ...takeProfit, Type: 0n, TriggerPrice: 0n }),
  ),
  refusal(
    'two stop-losses that cancel each other',
    ['lighter.group-order-type', 'Orders[0].Type'],
    group(OCO, { ...pair[1], ClientOrderIndex: 0n }, pair[1]),
  ),
  refusal(
    'two take-profits behind a parent, given as one object',
    ['lighter.group-order-type', 'Orders[1].Type'],
    group(
      OTOCO,
      parent,
      { ...takeProfit, ClientOrderIndex: 0n },
      { ...takeProfit, ClientOrderIndex: 0n },
    ),
  ),
  refusal(
    'a child on the side of its parent',
    ['lighter.group-side', 'Orders[1].IsAsk'],
    group(OTO, parent, { ...halfStop, IsAsk: 0n }),
  ),
  refusal(
    'a pair on two sides',
    ['lighter.group-side', 'Orders[0].IsAsk'],
    group(OCO, pair[0], { ...pair[1], IsAsk: 0n }),
  ),
  refusal(
    'a child with an amount',
    ['lighter.group-base-amount', 'Orders[2].BaseAmount'],
    group(OTOCO, parent, takeProfit, { ...halfStop, BaseAmount: 5000n }),
  ),
  refusal(
    'a pair with two amounts',
    ['lighter.group-base-amount', 'Orders[0].BaseAmount'],
    group(OCO, pair[0], { ...pair[1], BaseAmount: 78n }),
  ),
  refusal(
    'a pair that may open a position',
    ['lighter.group-reduce-only', 'Orders[1].ReduceOnly'],
    group(OCO, pair[0], { ...pair[1], ReduceOnly: 0n }),
  ),
  refusal(
    'a pair that expires apart',
    ['lighter.group-expiry', 'Orders[0].OrderExpiry'],
    group(OCO, pair[0], { ...pair[1], OrderExpiry: 1_767_312_000_001n }),
  ),
  refusal(
    'a child that expires apart from its parent',
    ['lighter.group-expiry', 'Orders[1].OrderExpiry'],
    group(OTO, parent, { ...halfStop, OrderExpiry: 1_767_312_000_001n }),
  ),
  refusal(
    'a group with an order that is wrong by itself',
    ['lighter.trigger-price', 'Orders[1].TriggerPrice'],
    group(OTO, parent, { ...halfStop, TriggerPrice: 0n }),
  ),

  refusal(
    'cancelling all at once, later',
    ['lighter.cancel-all-time', 'Time'],
    spoilt('CancelAllOrders', { Time: 1n }),
  ),
  refusal(
    'cancelling all later, at no time',
    ['lighter.cancel-all-time', 'Time'],
    spoilt('CancelAllOrders', { TimeInForce: 1n }),
  ),
  refusal(
    'calling an appointment off at a time',
    ['lighter.cancel-all-time', 'Time'],
    spoilt('CancelAllOrders', { TimeInForce: 2n, Time: 1n }),
  ),
  refusal(
    'cancelling one market later',
    ['lighter.cancel-all-market', 'L2TxAttributes.CancelAllMarketIndex'],
    spoilt('CancelAllOrders', {
      TimeInForce: 1n,
      Time: 1n,
      L2TxAttributes: { CancelAllMarketIndex: 0n },
    }),
  ),
  refusal(
    'an approval with fees that never was',
    ['lighter.approval-expiry', 'ApprovalExpiry'],
    spoilt('ApproveIntegrator', { ApprovalExpiry: 0n }),
  ),

  refusal(
    'five attributes',
    ['lighter.attribute-count', 'L2TxAttributes'],
    attributes({
      IntegratorAccountIndex: 1n,
      SkipNonce: 1n,
      SelfTradeBehavior: 1n,
      SelfTradeEquality: 1n,
      OrderVersion: 1n,
    }),
  ),
  refusal(
    'an attribute beyond its range',
    ['lighter.range', 'L2TxAttributes.SelfTradeBehavior'],
    attributes({ SelfTradeBehavior: 4n }),
  ),
  refusal(
    'fees for nobody',
    ['lighter.integrator-missing', 'L2TxAttributes.IntegratorAccountIndex'],
    attributes({ IntegratorMakerFee: 1n }),
  ),
  refusal(
    'a self-trade mode beside fees',
    ['lighter.self-trade-fees', 'L2TxAttributes.SelfTradeBehavior'],
    attributes({ IntegratorAccountIndex: 1n, IntegratorTakerFee: 1n, SelfTradeEquality: 1n }),
  ),
  refusal(
    'reducing against another account of the master',
    ['lighter.self-trade-reduce', 'L2TxAttributes.SelfTradeBehavior'],
    attributes({ SelfTradeBehavior: 3n, SelfTradeEquality: 1n }),
  ),
  refusal(
    'an attribute of another transaction',
    ['lighter.attribute-unknown', 'L2TxAttributes.CancelAllMarketIndex'],
    spoilt('CancelOrder', { L2TxAttributes: foreignAttributes }),
  ),
];

describe('refused before anything is signed:', () => {
  const kernel = createLighterKernel();
  const key = new Secret(new Uint8Array(40).fill(1));

  test.each(refusals)('$name', ({ code, field, request }) => {
    const signed = signTransaction(kernel, request, key, new Uint8Array(64));
    expect(signed).toMatchObject({ ok: false, error: { code, field } });
  });

  test('every permanent code but that of ranges stands above', () => {
    const seen = new Set(refusals.map(({ code }) => code));
    expect(TRANSACTION_PROBLEM_CODES.filter((code) => !seen.has(code))).toEqual([]);
  });

  test('messages begin with the field, end without a full stop and say what to give', () => {
    for (const { request, field } of refusals) {
      const message = transactionProblem(request)?.message ?? '';
      expect(message.startsWith(`\`${field}\` `)).toBe(true);
      expect(message).toMatch(/; .+[^.]$/);
    }
  });
});

describe('accepted:', () => {
  /** p − 1, five times. */
  const greatestKey = new Uint8Array(new BigUint64Array(5).fill(0xffffffff00000000n).buffer);

  test.each([
    { name: 'a market order', request: order(market) },
    { name: 'the whole position', request: order({ ...market, BaseAmount: 0n, ReduceOnly: 1n }) },
    { name: 'an immediate limit order', request: order({ TimeInForce: 0n, OrderExpiry: 0n }) },
    { name: 'a post-only order', request: order({ TimeInForce: 2n }) },
    { name: 'a stop-loss', request: order(stopLoss) },
    {
      name: 'a stop-loss limit order, post-only',
      request: order({ ...stopLoss, Type: 3n, TimeInForce: 2n }),
    },
    { name: 'a TWAP in a spot market', request: order({ ...spot, Type: 6n }) },
    { name: 'an OTO', request: group(OTO, parent, halfStop) },
    {
      name: 'an OTO behind a market order',
      request: group(OTO, { ...parent, ...market }, takeProfit),
    },
    { name: 'an OCO', request: group(OCO, ...pair) },
    { name: 'an OCO of whole positions', request: group(OCO, takeProfit, halfStop) },
    { name: 'an OTOCO', request: group(OTOCO, parent, takeProfit, halfStop) },
    {
      name: 'a group without client indices',
      request: group(
        OTO,
        { ...parent, ClientOrderIndex: 0n },
        { ...halfStop, ClientOrderIndex: 0n },
      ),
    },
    {
      name: 'integrator, both fees and a skipped nonce, four attributes',
      request: attributes({
        IntegratorAccountIndex: 12_345n,
        IntegratorTakerFee: 100n,
        IntegratorMakerFee: 50n,
        SkipNonce: 1n,
      }),
    },
    {
      name: 'many attributes of which few say anything',
      request: attributes({
        IntegratorAccountIndex: 0n,
        IntegratorTakerFee: 0n,
        SkipNonce: 1n,
        SelfTradeBehavior: 0n,
        SelfTradeEquality: 0n,
        OrderVersion: 1n,
      }),
    },
    {
      name: 'one market at once',
      request: spoilt('CancelAllOrders', { L2TxAttributes: { CancelAllMarketIndex: 7n } }),
    },
    {
      name: 'every market later',
      request: spoilt('CancelAllOrders', {
        TimeInForce: 1n,
        Time: 1n,
        L2TxAttributes: { CancelAllMarketIndex: 255n },
      }),
    },
    {
      name: 'the revocation of an approval',
      request: spoilt('ApproveIntegrator', {
        MaxPerpsTakerFee: 0n,
        MaxPerpsMakerFee: 0n,
        MaxSpotTakerFee: 0n,
        MaxSpotMakerFee: 0n,
        ApprovalExpiry: 0n,
      }),
    },
    {
      name: 'the revocation of a key',
      request: spoilt('ChangePubKey', { PubKey: new Uint8Array(40) }),
    },
    {
      name: 'a public key with limbs just below p',
      request: spoilt('ChangePubKey', { PubKey: greatestKey }),
    },
    {
      name: 'a wallet signature of 65 bytes',
      request: spoilt('Transfer', { L1Sig: `0x${'aB'.repeat(65)}` }),
    },
    {
      name: 'a cancellation for every key',
      request: spoilt('CancelAllOrders', { ApiKeyIndex: 255n }),
    },
    { name: 'account 0', request: spoilt('Withdraw', { FromAccountIndex: 0n }) },
  ] satisfies readonly { name: string; request: SigningRequest }[])('$name', ({ request }) => {
    expect(transactionProblem(request)).toBeUndefined();
  });
});

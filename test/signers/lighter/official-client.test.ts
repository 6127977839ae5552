/** Our checks beside those of Lighter's own client: nothing is looser, a few things are stricter. */
import { describe, expect, test } from '@jest/globals';

import {
  type Order,
  type SigningRequest,
  transactionProblem,
} from '../../../signers/lighter/index.ts';
import {
  goodOrder,
  goodRequests,
  goodStopLoss,
  goodTakeProfit,
  spoilt,
} from '../../support/good-lighter-requests.ts';
import { requestOf, vectors } from '../../support/lighter-vectors.ts';

/** A request, and what we say to it. */
type Answer = readonly [request: SigningRequest, message: string | undefined];

const order = (changes: Partial<Order>, message: string): Answer => [
  spoilt('CreateOrder', changes),
  message,
];

const market = { Type: 1n, TimeInForce: 0n, OrderExpiry: 0n };
const stopLoss = { Type: 2n, TimeInForce: 0n, TriggerPrice: 49_000n };
const spot = { MarketIndex: 2048n };

/** By the names that the vectors have. */
const official: Readonly<Record<string, Answer>> = {
  'market 255': order(
    { MarketIndex: 255n },
    '`MarketIndex` is `255`; give 0 to 254 or 2048 to 4094',
  ),
  'market 2047': order(
    { MarketIndex: 2047n },
    '`MarketIndex` is `2047`; give 0 to 254 or 2048 to 4094',
  ),
  'market 4095': order(
    { MarketIndex: 4095n },
    '`MarketIndex` is `4095`; give 0 to 254 or 2048 to 4094',
  ),
  'clientOrderIndex 2^48': order(
    { ClientOrderIndex: 2n ** 48n },
    '`ClientOrderIndex` is `281474976710656`; give 0 to 281474976710655',
  ),
  'base 0, not reduce-only': order(
    { BaseAmount: 0n },
    '`BaseAmount` is `0`; only a reduce-only order takes 0, the whole position',
  ),
  'base 2^48': order(
    { BaseAmount: 2n ** 48n },
    '`BaseAmount` is `281474976710656`; give 0 to 281474976710655',
  ),
  'base -1': order({ BaseAmount: -1n }, '`BaseAmount` is `-1`; give 0 to 281474976710655'),
  'price 0': order({ Price: 0n }, '`Price` is `0`; give 1 to 4294967295'),
  'tif 3': order({ TimeInForce: 3n }, '`TimeInForce` is `3`; give 0 to 2'),
  'type 7': order({ Type: 7n }, '`Type` is `7`; give 0 to 6'),
  'reduceOnly 2': order({ ReduceOnly: 2n }, '`ReduceOnly` is `2`; give 0 or 1'),
  'reduceOnly on spot': order(
    { ...spot, ReduceOnly: 1n },
    '`ReduceOnly` is `1`; an order in a spot market takes 0',
  ),
  'limit IOC with expiry': order(
    { TimeInForce: 0n },
    '`OrderExpiry` is `1767312000000`; a limit order with `TimeInForce` 0 takes 0',
  ),
  'market order with GTT': order(
    { ...market, TimeInForce: 1n },
    '`TimeInForce` is `1`; a market order takes 0',
  ),
  'market order with expiry': order(
    { ...market, OrderExpiry: 1n },
    '`OrderExpiry` is `1`; a market order with `TimeInForce` 0 takes 0',
  ),
  'market order with trigger': order(
    { ...market, TriggerPrice: 1n },
    '`TriggerPrice` is `1`; a market order takes 0',
  ),
  'stop-loss without trigger': order(
    { ...stopLoss, TriggerPrice: 0n },
    '`TriggerPrice` is `0`; a stop-loss order takes a price',
  ),
  'stop-loss GTT': order(
    { ...stopLoss, TimeInForce: 1n },
    '`TimeInForce` is `1`; a stop-loss order takes 0',
  ),
  'stop-loss spot': order(
    { ...stopLoss, ...spot },
    '`MarketIndex` is `2048`; a stop-loss order takes a perps market',
  ),
  'TWAP IOC': order({ Type: 6n, TimeInForce: 0n }, '`TimeInForce` is `0`; a TWAP order takes 1'),
  'cancel index 0': [
    spoilt('CancelOrder', { Index: 0n }),
    '`Index` is `0`; give 1 to 1152921504606846975',
  ],
  'cancel index 2^60': [
    spoilt('CancelOrder', { Index: 2n ** 60n }),
    '`Index` is `1152921504606846976`; give 1 to 1152921504606846975',
  ],
  'cancel market 255': [
    spoilt('CancelOrder', { MarketIndex: 255n }),
    '`MarketIndex` is `255`; give 0 to 254 or 2048 to 4094',
  ],
  'cancel-all immediate with time': [
    spoilt('CancelAllOrders', { Time: 1n }),
    '`Time` is `1`; give 0, as nothing is scheduled',
  ],
  'cancel-all tif 3': [
    spoilt('CancelAllOrders', { TimeInForce: 3n }),
    '`TimeInForce` is `3`; give 0 to 2',
  ],
  'cancel-all scheduled with market': [
    spoilt('CancelAllOrders', {
      TimeInForce: 1n,
      Time: 1n,
      L2TxAttributes: { CancelAllMarketIndex: 7n },
    }),
    '`L2TxAttributes.CancelAllMarketIndex` is `7`; only orders that are cancelled at once can be ' +
      'those of one market',
  ],
  'modify price 0': [spoilt('ModifyOrder', { Price: 0n }), '`Price` is `0`; give 1 to 4294967295'],
  'withdraw 0': [
    spoilt('Withdraw', { Amount: 0n }),
    '`Amount` is `0`; give 1 to 1152921504606846975',
  ],
  'withdraw asset 0': [spoilt('Withdraw', { AssetIndex: 0n }), '`AssetIndex` is `0`; give 1 to 62'],
  'withdraw asset 63': [
    spoilt('Withdraw', { AssetIndex: 63n }),
    '`AssetIndex` is `63`; give 1 to 62',
  ],
  'withdraw route 2': [spoilt('Withdraw', { RouteType: 2n }), '`RouteType` is `2`; give 0 or 1'],
  'leverage fraction 0': [
    spoilt('UpdateLeverage', { InitialMarginFraction: 0n }),
    '`InitialMarginFraction` is `0`; give 1 to 10000',
  ],
  'leverage mode 2': [
    spoilt('UpdateLeverage', { MarginMode: 2n }),
    '`MarginMode` is `2`; give 0 or 1',
  ],
  'margin amount 0': [
    spoilt('UpdateMargin', { USDCAmount: 0n }),
    '`USDCAmount` is `0`; give 1 to 1152921504606846975',
  ],
  'margin direction 2': [
    spoilt('UpdateMargin', { Direction: 2n }),
    '`Direction` is `2`; give 0 or 1',
  ],
  'margin spot market': [
    spoilt('UpdateMargin', { MarketIndex: 2048n }),
    '`MarketIndex` is `2048`; give 0 to 254',
  ],
  'pool shares 0': [
    spoilt('CreatePublicPool', { InitialTotalShares: 0n }),
    '`InitialTotalShares` is `0`; give 1 to 1000000000000',
  ],
  'pool shares 999999 (below stated minimum)': [
    spoilt('CreatePublicPool', { InitialTotalShares: 999_999n }),
    undefined,
  ],
  'pool shares 10^12+1': [
    spoilt('CreatePublicPool', { InitialTotalShares: 10n ** 12n + 1n }),
    '`InitialTotalShares` is `1000000000001`; give 1 to 1000000000000',
  ],
  'pool rate 10001': [
    spoilt('CreatePublicPool', { MinOperatorShareRate: 10_001n }),
    '`MinOperatorShareRate` is `10001`; give 0 to 10000',
  ],
  'mint 0': [
    spoilt('MintShares', { ShareAmount: 0n }),
    '`ShareAmount` is `0`; give 1 to 1152921504606846975',
  ],
  'config mode 2': [
    spoilt('UpdateAccountConfig', { AccountTradingMode: 2n }),
    '`AccountTradingMode` is `2`; give 0 or 1',
  ],
  'asset config mode 2': [
    spoilt('UpdateAccountAssetConfig', { AssetMarginMode: 2n }),
    '`AssetMarginMode` is `2`; give 0 or 1',
  ],
};

describe('what the official client was asked', () => {
  test.each(vectors.validationErrors)('$name: it says `$error`', ({ name, error }) => {
    const answer = official[name];
    if (answer === undefined) throw new Error(`no request for \`${name}\`; write it above`);
    const [request, message] = answer;
    expect(transactionProblem(request)?.message).toBe(message);
    expect(message === undefined).toBe(error === null);
  });

  test('is all that stands above', () => {
    const asked = vectors.validationErrors.map(({ name }) => name);
    expect(Object.keys(official).sort()).toEqual([...asked].sort());
  });

  test('and signed is what we sign, but for the margins below zero', () => {
    const refused = vectors.transactions.filter(
      (vector) => transactionProblem(requestOf(vector)) !== undefined,
    );
    expect(new Set(refused.map(({ tx, note }) => `${tx} ${note ?? ''}`))).toEqual(
      new Set(['UpdateMargin negative amount (accepted by the reference)']),
    );
  });
});

describe('stricter than the official client, we refuse', () => {
  const child = (changes: Partial<Order>): SigningRequest =>
    spoilt('CreateGroupedOrders', {
      Orders: [goodOrder, goodTakeProfit, { ...goodStopLoss, ...changes }],
    });

  test.each<{ what: string; request: SigningRequest; field: string }>([
    {
      what: 'a margin below zero, which would move money the other way',
      request: spoilt('UpdateMargin', { USDCAmount: -5_000_000n }),
      field: 'USDCAmount',
    },
    {
      what: 'a leverage below one',
      request: spoilt('UpdateLeverage', { InitialMarginFraction: 10_001n }),
      field: 'InitialMarginFraction',
    },
    ...[255n, 300n, 2048n, 4095n].map((MarketIndex) => ({
      what: `a leverage in the market ${String(MarketIndex)}, which is not one of perps`,
      request: spoilt('UpdateLeverage', { MarketIndex }),
      field: 'MarketIndex',
    })),
    {
      what: 'account −1, which is nobody',
      request: spoilt('Withdraw', { FromAccountIndex: -1n }),
      field: 'FromAccountIndex',
    },
    {
      what: 'a transfer to account −1',
      request: spoilt('Transfer', { ToAccountIndex: -1n }),
      field: 'ToAccountIndex',
    },
    {
      what: 'an update of pool −1',
      request: spoilt('UpdatePublicPool', { PublicPoolIndex: -1n }),
      field: 'PublicPoolIndex',
    },
    {
      what: 'a nonce beyond the 48 bits of the exchange',
      request: spoilt('CancelOrder', { Nonce: 2n ** 48n }),
      field: 'Nonce',
    },
    {
      what: 'a child order in a spot market',
      request: child(spot),
      field: 'Orders[2].MarketIndex',
    },
    {
      what: 'a new key that is no canonical element, and never verifies',
      request: spoilt('ChangePubKey', { PubKey: new Uint8Array(40).fill(0xff) }),
      field: 'PubKey',
    },
    {
      what: 'a chain of which the hash would keep 32 bits',
      request: { ...goodRequests.CancelOrder, chainId: 304n + 2n ** 32n },
      field: 'chainId',
    },
  ])('$what', ({ request, field }) => {
    expect(transactionProblem(request)).toMatchObject({ field });
  });

  test.each([8n, 16n, 32n, 64n])('an integer that is a good one when %s bits are kept', (bits) => {
    const beyond = 2n ** bits;
    const wide: readonly (readonly [field: string, request: SigningRequest])[] = [
      ['ApiKeyIndex', spoilt('CancelOrder', { ApiKeyIndex: 5n + beyond })],
      ['MarketIndex', spoilt('UpdateMargin', { MarketIndex: 2n + beyond })],
      ['TimeInForce', spoilt('CreateOrder', { TimeInForce: 1n + beyond })],
      ['AccountTradingMode', spoilt('UpdateAccountConfig', { AccountTradingMode: 1n + beyond })],
      ['Amount', spoilt('Withdraw', { Amount: 1n + 2n ** 64n })],
      ['OrderExpiry', spoilt('CreateOrder', { OrderExpiry: 1n + 2n ** 64n })],
    ];
    for (const [field, request] of wide) {
      expect(transactionProblem(request)).toMatchObject({ code: 'lighter.range', field });
    }
  });
});

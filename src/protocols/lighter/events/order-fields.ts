/** The fields of an order, alone or in a group, and those that all trading requests share. */
import { z } from 'zod';

import { flag, flagOr, integer, integerOr } from '../../../base/request-fields.ts';
import type { AttributeName, Attributes, Order } from '../../../../signers/lighter/index.ts';
import type { TransactionPart } from '../request.ts';
import { CUSTOMARY_EXPIRY } from '../order-expiry.ts';

const UP_TO_2_48 = { min: 0n, max: 2n ** 48n - 1n };
const UP_TO_2_32 = { min: 0n, max: 2n ** 32n - 1n };
const FEES = { min: 0n, max: 1_000_000n };

export const market = integer({
  about: 'The market: 0 to 254 are perpetuals, 2048 to 4094 spot.',
  min: 0n,
  max: 4094n,
  example: 0n,
});
export const baseAmount = integer({
  about: "In the market's smallest unit; 0 with `reduce_only`: the whole position.",
  ...UP_TO_2_48,
  example: 1_000_000n,
});
export const price = integer({
  about: "In the market's ticks; for a market order the worst that is accepted.",
  min: 1n,
  max: UP_TO_2_32.max,
  example: 50_000n,
});
export const triggerPrice = integerOr(0n, {
  about: 'The price that awakens a stop-loss or take-profit order; 0 for the others.',
  ...UP_TO_2_32,
});

const orderShape = {
  market_index: market,
  client_order_index: integer({
    about:
      'Your own index of the order, unique in the account, or 0 for none. The exchange refuses an index a second time, so an order that has one is never placed twice.',
    ...UP_TO_2_48,
    example: 1n,
  }),
  base_amount: baseAmount,
  price,
  is_ask: flag('1 sells, 0 buys.'),
  order_type: integer({
    about:
      '0 limit, 1 market, 2 stop-loss, 3 stop-loss limit, 4 take-profit, 5 take-profit limit, 6 TWAP.',
    min: 0n,
    max: 6n,
    example: 0n,
  }),
  time_in_force: integer({
    about: '0 immediate or cancel, 1 good till time, 2 post only.',
    min: 0n,
    max: 2n,
    example: 1n,
  }),
  reduce_only: flagOr(0n, '1: only ever makes a position smaller.'),
  trigger_price: triggerPrice,
  order_expiry: integerOr(CUSTOMARY_EXPIRY, {
    about:
      'Milliseconds since 1970. -1: 28 days from now for orders that may rest, 0 for those that cannot.',
    min: CUSTOMARY_EXPIRY,
    max: 2n ** 63n - 1n,
  }),
};

/** Attributes and claims that any request to trade may carry. */
export const tradingShape = {
  integrator_account_index: integer({
    about: 'Account of the integrator who earns the fees below.',
    min: 0n,
    max: 2n ** 48n - 2n,
  }).optional(),
  integrator_taker_fee: integer({ about: 'In millionths.', ...FEES }).optional(),
  integrator_maker_fee: integer({ about: 'In millionths.', ...FEES }).optional(),
  self_trade_behavior: integer({
    about:
      'Where your own orders meet: 0 the resting one expires, 1 the arriving one, 2 both are cancelled, 3 both are reduced.',
    min: 0n,
    max: 3n,
  }).optional(),
  self_trade_equality: flag(
    'Whose orders are your own: 0 those of the account, 1 those of all accounts under its master.',
  ).optional(),
  oracle_price: integer({
    about:
      "What you take for the fair price, in the market's ticks. Not signed; policy may compare with it.",
    min: 1n,
    max: UP_TO_2_32.max,
  }).optional(),
};

export const createOrderShape = { ...orderShape, ...tradingShape };

export const createGroupedOrdersShape = {
  grouping_type: integer({
    about: '1 one order triggers another, 2 two cancel each other, 3 one triggers two that do.',
    min: 1n,
    max: 3n,
    example: 3n,
  }),
  orders: z
    .array(z.object(orderShape, { error: 'must be an object' }), { error: 'must be a list' })
    .min(1, { error: 'must have 1 to 3 orders' })
    .max(3, { error: 'must have 1 to 3 orders' })
    .meta({ description: 'The orders of the group, in one perpetuals market.' }),
  ...tradingShape,
};

type AskedOrder = z.output<z.ZodObject<typeof orderShape>>;
type AskedTrading = z.output<z.ZodObject<typeof tradingShape>>;

const LIMIT = 0n;
const MARKET = 1n;
const IMMEDIATE_OR_CANCEL = 0n;

export function orderOf(asked: AskedOrder): Order {
  return {
    MarketIndex: asked.market_index,
    ClientOrderIndex: asked.client_order_index,
    BaseAmount: asked.base_amount,
    Price: asked.price,
    IsAsk: asked.is_ask,
    Type: asked.order_type,
    TimeInForce: asked.time_in_force,
    ReduceOnly: asked.reduce_only,
    TriggerPrice: asked.trigger_price,
    OrderExpiry:
      canRest(asked) || asked.order_expiry !== CUSTOMARY_EXPIRY ? asked.order_expiry : 0n,
  };
}

/** Triggered orders wait for their price, whatever their time in force. */
function canRest({ order_type: type, time_in_force: timeInForce }: AskedOrder): boolean {
  return type !== MARKET && !(type === LIMIT && timeInForce === IMMEDIATE_OR_CANCEL);
}

type TradingAttribute = Extract<
  AttributeName,
  `Integrator${string}` | 'SelfTradeBehavior' | 'SelfTradeEquality'
>;

export function attributesOf(asked: AskedTrading): Attributes<TradingAttribute> {
  return given({
    IntegratorAccountIndex: asked.integrator_account_index,
    IntegratorTakerFee: asked.integrator_taker_fee,
    IntegratorMakerFee: asked.integrator_maker_fee,
    SelfTradeBehavior: asked.self_trade_behavior,
    SelfTradeEquality: asked.self_trade_equality,
  });
}

export function claimsOf({ oracle_price: price }: AskedTrading): TransactionPart['claims'] {
  return price === undefined ? {} : { oraclePrice: price };
}

/** The attributes that are there. */
export function given<Name extends AttributeName>(
  attributes: Readonly<Record<Name, bigint | undefined>>,
): Attributes<Name> {
  // SAFETY: the entries left over have names and values of the record they are taken from.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== undefined),
  ) as Attributes<Name>;
}

/** Requests to place, change and cancel orders, and to set the leverage and margin of positions. */
import { flag, integer, integerOr } from '../../../base/request-fields.ts';
import {
  attributesOf,
  baseAmount,
  claimsOf,
  createGroupedOrdersShape,
  createOrderShape,
  given,
  market,
  orderOf,
  price,
  tradingShape,
  triggerPrice,
} from './order-fields.ts';
import { owner } from './owner.ts';
import { reworded, row } from './sub-event.ts';

const NO_DOUBLE =
  'An order with `client_order_index` 0 should come with an `Idempotency-Key` header. Without it, an order sent again because its answer was lost is signed a second time, and nothing tells the exchange that the two are one.';

const perpsMarket = integer({ about: 'A perpetuals market.', min: 0n, max: 254n, example: 0n });

export const createOrder = row({
  name: 'SIGN_CREATE_ORDER',
  transaction: 'CreateOrder',
  action: 'create_order',
  title: 'Sign an order',
  about: NO_DOUBLE,
  shape: createOrderShape,
  make: (asked, client) => ({
    fields: { ...owner(client), ...orderOf(asked), L2TxAttributes: attributesOf(asked) },
    claims: claimsOf(asked),
  }),
});

export const createGroupedOrders = row({
  name: 'SIGN_CREATE_GROUPED_ORDERS',
  transaction: 'CreateGroupedOrders',
  action: 'create_grouped_orders',
  title: 'Sign orders that trigger or cancel each other',
  about: NO_DOUBLE,
  shape: createGroupedOrdersShape,
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      GroupingType: asked.grouping_type,
      Orders: asked.orders.map(orderOf),
      L2TxAttributes: attributesOf(asked),
    },
    claims: claimsOf(asked),
  }),
});

const orderIndex = integer({
  about: "Your own index of the order, or the exchange's, which begins at 2^48.",
  min: 1n,
  max: 2n ** 60n - 1n,
  example: 1n,
});

export const cancelOrder = row({
  name: 'SIGN_CANCEL_ORDER',
  transaction: 'CancelOrder',
  action: 'cancel_order',
  title: 'Sign the cancellation of an order',
  about: 'Any API key of an account can cancel its orders.',
  shape: { market_index: market, order_index: orderIndex },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      MarketIndex: asked.market_index,
      Index: asked.order_index,
      L2TxAttributes: {},
    },
  }),
});

const cancellation = integer({
  about: '0 at once, 1 at a time, 2 calls such an appointment off.',
  min: 0n,
  max: 2n,
  example: 0n,
});
const appointment = integerOr(0n, {
  about: 'Milliseconds since 1970, where the time in force is 1; 0 otherwise.',
  min: 0n,
  max: 2n ** 63n - 1n,
});

export const cancelAllOrders = row({
  name: 'SIGN_CANCEL_ALL_ORDERS',
  transaction: 'CancelAllOrders',
  action: 'cancel_all_orders',
  title: 'Sign the cancellation of all orders',
  about: 'At once, at a time to come, or not after all.',
  shape: {
    time_in_force: cancellation,
    time: appointment,
    market_index: integer({
      about: 'The only market that is meant; 255, or absent, for every one.',
      min: 0n,
      max: 255n,
    }).optional(),
  },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      TimeInForce: asked.time_in_force,
      Time: asked.time,
      L2TxAttributes: given({ CancelAllMarketIndex: asked.market_index }),
    },
  }),
});

/** The same by the field names of an in-browser signer. */
export const cancelAllOrdersAt = reworded(cancelAllOrders, {
  shape: { time_in_force: cancellation, timestamp_ms: appointment },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      TimeInForce: asked.time_in_force,
      Time: asked.timestamp_ms,
      L2TxAttributes: {},
    },
  }),
});

export const modifyOrder = row({
  name: 'SIGN_MODIFY_ORDER',
  transaction: 'ModifyOrder',
  action: 'modify_order',
  title: 'Sign a change of an order',
  about: 'Amount and prices replace those of the order.',
  shape: {
    market_index: market,
    order_index: orderIndex,
    base_amount: baseAmount,
    price,
    trigger_price: triggerPrice,
    order_version: integer({
      about: 'The version of the order that is meant.',
      min: 0n,
      max: 2n ** 48n - 1n,
    }).optional(),
    ...tradingShape,
  },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      MarketIndex: asked.market_index,
      Index: asked.order_index,
      BaseAmount: asked.base_amount,
      Price: asked.price,
      TriggerPrice: asked.trigger_price,
      L2TxAttributes: {
        ...attributesOf(asked),
        ...given({ OrderVersion: asked.order_version }),
      },
    },
    claims: claimsOf(asked),
  }),
});

export const updateLeverage = row({
  name: 'SIGN_UPDATE_LEVERAGE',
  transaction: 'UpdateLeverage',
  action: 'update_leverage',
  title: 'Sign a change of leverage',
  about: 'Of the account in one market.',
  shape: {
    market_index: perpsMarket,
    fraction: integer({
      about: 'Initial margin in ten thousandths: 500 is a leverage of 20.',
      min: 1n,
      max: 10_000n,
      example: 500n,
    }),
    margin_mode: flag('0 cross, 1 isolated.'),
  },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      MarketIndex: asked.market_index,
      InitialMarginFraction: asked.fraction,
      MarginMode: asked.margin_mode,
      L2TxAttributes: {},
    },
  }),
});

export const updateMargin = row({
  name: 'SIGN_UPDATE_MARGIN',
  transaction: 'UpdateMargin',
  action: 'update_margin',
  title: 'Sign a change of margin',
  about: 'Of an isolated position.',
  shape: {
    market_index: perpsMarket,
    usdc_amount: integer({
      about: 'In millionths of a USDC.',
      min: 1n,
      max: 2n ** 60n - 1n,
      example: 1_000_000n,
    }),
    direction: flag('0 takes margin out, 1 adds to it.'),
  },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      MarketIndex: asked.market_index,
      USDCAmount: asked.usdc_amount,
      Direction: asked.direction,
      L2TxAttributes: {},
    },
  }),
});

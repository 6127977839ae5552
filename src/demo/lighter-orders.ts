/** The orders of the demo's trader, as transactions and as the REST api calls their fields. */
import type { Order } from '../../signers/lighter/index.ts';
import type { JsonObject } from '../base/json.ts';
import type { LighterTrader, Meant } from './lighter-trader.ts';

export const MARKET = 0n;
export const AMOUNT = 1_000n;
const [BUY, SELL] = [0n, 1n];
const [LIMIT, STOP_LOSS_LIMIT, TAKE_PROFIT_LIMIT] = [0n, 3n, 5n];
const GOOD_TILL_TIME = 1n;
const ONE_TRIGGERS_TWO = 3n;
/** Milliseconds. */
const DAY = 86_400_000n;

export interface Orders {
  /** Buys `AMOUNT` within a day, but for the changes. */
  readonly makeOrder: (index: bigint, changes?: Partial<Order>) => Order;
  /** An order, its take-profit and its stop-loss. */
  readonly bracket: (indices: readonly [bigint, bigint, bigint]) => readonly [Order, ...Order[]];
  /** One order, or a group whose first triggers the others. */
  readonly placing: (order: Order, ...triggered: readonly Order[]) => Meant;
  /** Another price for an order of `AMOUNT`. */
  readonly changing: (index: bigint, price: bigint) => Meant;
  readonly cancelling: (index: bigint) => Meant;
}

/** `now` in epoch milliseconds. */
export function createOrders(
  { account, apiKey }: Pick<LighterTrader, 'account' | 'apiKey'>,
  now: bigint,
): Orders {
  const owner = { AccountIndex: account, ApiKeyIndex: apiKey };
  const makeOrder: Orders['makeOrder'] = (index, changes = {}) => ({
    MarketIndex: MARKET,
    ClientOrderIndex: index,
    BaseAmount: AMOUNT,
    Price: 50_000n,
    IsAsk: BUY,
    Type: LIMIT,
    TimeInForce: GOOD_TILL_TIME,
    ReduceOnly: 0n,
    TriggerPrice: 0n,
    OrderExpiry: now + DAY,
    ...changes,
  });
  const closing = { IsAsk: SELL, BaseAmount: 0n, ReduceOnly: 1n };
  const takeProfit = { Type: TAKE_PROFIT_LIMIT, Price: 60_000n, TriggerPrice: 59_000n };
  const stopLoss = { Type: STOP_LOSS_LIMIT, Price: 40_000n, TriggerPrice: 41_000n };

  return Object.freeze({
    makeOrder,
    bracket: ([first, second, third]: readonly [bigint, bigint, bigint]) =>
      [
        makeOrder(first),
        makeOrder(second, { ...closing, ...takeProfit }),
        makeOrder(third, { ...closing, ...stopLoss }),
      ] as const,
    placing(order: Order, ...triggered: readonly Order[]): Meant {
      if (triggered.length === 0) return { name: 'CreateOrder', fields: { ...owner, ...order } };
      const fields = { GroupingType: ONE_TRIGGERS_TWO, Orders: [order, ...triggered] };
      return { name: 'CreateGroupedOrders', fields: { ...owner, ...fields } };
    },
    changing(index: bigint, price: bigint): Meant {
      const changed = { Index: index, BaseAmount: AMOUNT, Price: price, TriggerPrice: 0n };
      return { name: 'ModifyOrder', fields: { ...owner, MarketIndex: MARKET, ...changed } };
    },
    cancelling: (index: bigint): Meant => ({
      name: 'CancelOrder',
      fields: { ...owner, MarketIndex: MARKET, Index: index },
    }),
  });
}

export function orderFields(order: Order): JsonObject {
  return {
    market_index: order.MarketIndex,
    client_order_index: order.ClientOrderIndex,
    base_amount: order.BaseAmount,
    price: order.Price,
    is_ask: order.IsAsk,
    order_type: order.Type,
    time_in_force: order.TimeInForce,
    reduce_only: order.ReduceOnly,
    trigger_price: order.TriggerPrice,
    order_expiry: order.OrderExpiry,
  };
}

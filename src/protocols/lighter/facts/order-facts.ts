/** What an order's fields say to policy, by itself and among others of a group. */
import type { FactValue } from '../../../policy/facts.ts';
import type { Attributes, Order, Transactions } from '../../../../signers/lighter/index.ts';

export type FactValues = Readonly<Record<string, FactValue>>;

export interface Circumstances {
  /** Epoch milliseconds at which the transaction was decided. */
  readonly at: bigint;
  readonly oraclePrice?: bigint | undefined;
}

export function createOrderFacts(
  order: Transactions['CreateOrder'],
  said: Circumstances,
): FactValues {
  return {
    ...singleOrderFacts(order, said),
    ...tradingFacts(order.L2TxAttributes),
    base_amount: order.BaseAmount,
    ...notionalFact(notionalOf(order)),
    whole_position: order.BaseAmount === 0n,
    reduce_only: order.ReduceOnly === 1n,
    ...expiryFact(order.OrderExpiry, said),
    price: order.Price,
    order_type: typeName(order),
    time_in_force: timeInForceName(order),
    trigger_price: order.TriggerPrice,
    client_order_index: order.ClientOrderIndex,
  };
}

/**
 * A group opens no more than its parent, which its children close, or of two orders that cancel each
 * other the larger one.
 */
export function groupFacts(
  { Orders, GroupingType, L2TxAttributes }: Transactions['CreateGroupedOrders'],
  said: Circumstances,
): FactValues {
  const [first] = Orders;
  if (first === undefined) return {};
  const isOco = GroupingType === 2n;
  const effective = isOco ? Orders : [first];
  return {
    ...singleOrderFacts(first, said),
    ...tradingFacts(L2TxAttributes),
    base_amount: largest(Orders.map(({ BaseAmount }) => BaseAmount)),
    ...notionalFact(largestKnown(effective.map(notionalOf))),
    whole_position: effective.some(({ BaseAmount }) => BaseAmount === 0n),
    reduce_only: Orders.every(({ ReduceOnly }) => ReduceOnly === 1n),
    ...expiryFact(largest(Orders.map(({ OrderExpiry }) => OrderExpiry)), said),
    grouping: ['', 'oto', 'oco', 'otoco'][Number(GroupingType)] ?? UNKNOWN,
    orders_count: BigInt(Orders.length),
    prices: Orders.map(({ Price }) => Price),
    order_types: Orders.map(typeName),
    times_in_force: Orders.map(timeInForceName),
    trigger_prices: Orders.map(({ TriggerPrice }) => TriggerPrice),
    client_order_indexes: Orders.map(({ ClientOrderIndex }) => ClientOrderIndex),
  };
}

export function modifyFacts(
  modified: Transactions['ModifyOrder'],
  { oraclePrice }: Circumstances,
): FactValues {
  return {
    ...marketFacts(modified),
    ...orderIndexFacts(modified),
    ...tradingFacts(modified.L2TxAttributes),
    ...oracleFact(oraclePrice),
    base_amount: modified.BaseAmount,
    ...notionalFact(notionalOf(modified)),
    price: modified.Price,
    trigger_price: modified.TriggerPrice,
    order_version: modified.L2TxAttributes.OrderVersion ?? 0n,
  };
}

/** Spot markets are numbered from 2048. */
export function marketFacts({ MarketIndex }: { readonly MarketIndex: bigint }): FactValues {
  return { market: MarketIndex, is_spot: MarketIndex >= 2048n };
}

/** The exchange numbers orders from 2^48. */
export function orderIndexFacts({ Index }: { readonly Index: bigint }): FactValues {
  return { order_index: Index, index_kind: Index < 2n ** 48n ? 'client' : 'exchange' };
}

function singleOrderFacts(order: Order, { oraclePrice }: Circumstances): FactValues {
  return { ...marketFacts(order), ...oracleFact(oraclePrice), is_ask: order.IsAsk === 1n };
}

function tradingFacts(attributes: Attributes): FactValues {
  return {
    integrator: attributes.IntegratorAccountIndex ?? 0n,
    integrator_taker_fee: attributes.IntegratorTakerFee ?? 0n,
    integrator_maker_fee: attributes.IntegratorMakerFee ?? 0n,
    self_trade_behavior: attributes.SelfTradeBehavior ?? 0n,
    self_trade_equality: attributes.SelfTradeEquality ?? 0n,
  };
}

/** Unknown where the size is the whole position, or the product is no 64-bit integer. */
function notionalOf({
  BaseAmount,
  Price,
}: Pick<Order, 'BaseAmount' | 'Price'>): bigint | undefined {
  const notional = BaseAmount * Price;
  return BaseAmount === 0n || BigInt.asIntN(64, notional) !== notional ? undefined : notional;
}

function notionalFact(notional: bigint | undefined): FactValues {
  return notional === undefined ? {} : { notional };
}

function oracleFact(oraclePrice: bigint | undefined): FactValues {
  return oraclePrice === undefined ? {} : { oracle_price: oraclePrice };
}

function expiryFact(expiry: bigint, { at }: Circumstances): FactValues {
  return expiry === 0n ? {} : { expires_in_ms: expiry - at };
}

/** Only where all are known. */
function largestKnown(values: readonly (bigint | undefined)[]): bigint | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? largest(known) : undefined;
}

function largest(values: readonly bigint[]): bigint {
  return values.reduce((most, value) => (value > most ? value : most), 0n);
}

/** Never where the transaction is one that can be signed. */
const UNKNOWN = 'unknown';

const TYPE_NAMES = [
  'limit',
  'market',
  'stop_loss',
  'stop_loss_limit',
  'take_profit',
  'take_profit_limit',
  'twap',
];

function typeName({ Type }: Order): string {
  return TYPE_NAMES[Number(Type)] ?? UNKNOWN;
}

function timeInForceName({ TimeInForce }: Order): string {
  return ['ioc', 'gtt', 'post_only'][Number(TimeInForce)] ?? UNKNOWN;
}

/** One order: its fields, and what its type asks of them. */
import { type Field, integer, type Values } from './field.ts';
import {
  baseAmount,
  clientOrderIndex,
  expiry,
  flag,
  isSpotMarket,
  market,
  perpsMarket,
  price,
  triggerPrice,
} from './field-kinds.ts';
import {
  problem,
  type TransactionProblem,
  type TransactionProblemCode,
} from './transaction-problem.ts';

/** Types 7 and 8 are the exchange's own. */
export const ORDER_TYPE = {
  limit: 0n,
  market: 1n,
  stopLoss: 2n,
  stopLossLimit: 3n,
  takeProfit: 4n,
  takeProfitLimit: 5n,
  twap: 6n,
} as const;

const TIME_IN_FORCE = { immediateOrCancel: 0n, goodTillTime: 1n, postOnly: 2n } as const;

const fieldsOf = (marketIndex: Field<bigint>) => ({
  MarketIndex: marketIndex,
  /** 0 for none. */
  ClientOrderIndex: clientOrderIndex,
  /** In the market's smallest unit; 0 in a reduce-only order for the whole position. */
  BaseAmount: baseAmount,
  Price: price,
  IsAsk: flag,
  Type: integer([0n, 6n]),
  TimeInForce: integer([0n, 2n]),
  ReduceOnly: flag,
  TriggerPrice: triggerPrice,
  OrderExpiry: expiry,
});

export const orderFields = fieldsOf(market);
/** The same fields, for groups: these exist in perps markets only. */
export const groupedOrderFields = fieldsOf(perpsMarket);

export type Order = Values<typeof orderFields>;

/** What orders of one type have in common. */
interface OrderShape {
  readonly name: string;
  readonly timesInForce: readonly bigint[];
  readonly expires: 'always' | 'never' | 'unless-immediate';
  /** Waits for a trigger price; only perps markets know such orders. */
  readonly triggered: boolean;
}

const { immediateOrCancel, goodTillTime, postOnly } = TIME_IN_FORCE;
const anyTimeInForce = [immediateOrCancel, goodTillTime, postOnly];

const waiting = (name: string, timesInForce: readonly bigint[]): OrderShape => ({
  name,
  timesInForce,
  expires: 'always',
  triggered: true,
});

const shapes: ReadonlyMap<bigint, OrderShape> = new Map<bigint, OrderShape>([
  [
    ORDER_TYPE.limit,
    {
      name: 'a limit order',
      timesInForce: anyTimeInForce,
      expires: 'unless-immediate',
      triggered: false,
    },
  ],
  [
    ORDER_TYPE.market,
    {
      name: 'a market order',
      timesInForce: [immediateOrCancel],
      expires: 'never',
      triggered: false,
    },
  ],
  [ORDER_TYPE.stopLoss, waiting('a stop-loss order', [immediateOrCancel])],
  [ORDER_TYPE.stopLossLimit, waiting('a stop-loss limit order', anyTimeInForce)],
  [ORDER_TYPE.takeProfit, waiting('a take-profit order', [immediateOrCancel])],
  [ORDER_TYPE.takeProfitLimit, waiting('a take-profit limit order', anyTimeInForce)],
  [
    ORDER_TYPE.twap,
    { name: 'a TWAP order', timesInForce: [goodTillTime], expires: 'always', triggered: false },
  ],
]);

interface OrderRule {
  readonly code: TransactionProblemCode;
  /** The field that is to blame. */
  readonly field: keyof Order;
  readonly broken: (order: Order, shape: OrderShape) => boolean;
  readonly need: (shape: OrderShape, order: Order) => string;
}

const rules: readonly OrderRule[] = [
  {
    code: 'lighter.base-amount',
    field: 'BaseAmount',
    broken: (order) => order.BaseAmount === 0n && order.ReduceOnly === 0n,
    need: () => 'only a reduce-only order takes 0, the whole position',
  },
  {
    code: 'lighter.reduce-only',
    field: 'ReduceOnly',
    broken: (order) => order.ReduceOnly === 1n && isSpotMarket(order.MarketIndex),
    need: () => 'an order in a spot market takes 0',
  },
  {
    code: 'lighter.order-market',
    field: 'MarketIndex',
    broken: (order, shape) => shape.triggered && isSpotMarket(order.MarketIndex),
    need: (shape) => `${shape.name} takes a perps market`,
  },
  {
    code: 'lighter.time-in-force',
    field: 'TimeInForce',
    broken: (order, shape) => !shape.timesInForce.includes(order.TimeInForce),
    need: (shape) => `${shape.name} takes ${shape.timesInForce.join(' or ')}`,
  },
  {
    code: 'lighter.order-expiry',
    field: 'OrderExpiry',
    broken: (order, shape) => (order.OrderExpiry !== 0n) !== expires(order, shape),
    need: (shape, order) =>
      `${shape.name} with \`TimeInForce\` ${String(order.TimeInForce)} takes ` +
      (expires(order, shape) ? 'a time in milliseconds' : '0'),
  },
  {
    code: 'lighter.trigger-price',
    field: 'TriggerPrice',
    broken: (order, shape) => (order.TriggerPrice !== 0n) !== shape.triggered,
    need: (shape) => `${shape.name} takes ${shape.triggered ? 'a price' : '0'}`,
  },
];

function expires(order: Order, shape: OrderShape): boolean {
  return shape.expires === 'unless-immediate'
    ? order.TimeInForce !== immediateOrCancel
    : shape.expires === 'always';
}

/**
 * What is wrong with an order whose fields are in range, if anything. `path` leads to the order in
 * `tx_info`: nothing, or `Orders[1].`.
 */
export function orderProblem(order: Order, path = ''): TransactionProblem | undefined {
  const shape = shapes.get(order.Type);
  if (shape === undefined) throw new RangeError('order type was not range-checked');
  const rule = rules.find(({ broken }) => broken(order, shape));
  if (rule === undefined) return undefined;
  const complaint = `is \`${String(order[rule.field])}\`; ${rule.need(shape, order)}`;
  return problem(rule.code, `${path}${rule.field}`, complaint);
}

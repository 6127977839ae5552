/**
 * Orders that are sent together: one that triggers another (OTO), two that cancel each other (OCO), or
 * one that triggers such a pair (OTOCO).
 */
import { type Field, record } from './field.ts';
import { limbsOf } from './limbs.ts';
import { groupedOrderFields, type Order, ORDER_TYPE, orderProblem } from './order.ts';
import {
  problem,
  type TransactionProblem,
  type TransactionProblemCode,
} from './transaction-problem.ts';

const order = record(groupedOrderFields);

/** H4: the first four elements of the hash. */
function h4(digest: Uint8Array): readonly bigint[] {
  return limbsOf(digest).slice(0, 4);
}

/**
 * The orders of a group, hashed as four elements: g = H4(order 1), then g ← H4(g ‖ H4(order i)). Their
 * number and their roles depend on the kind of group, see `orderGroupProblem`.
 */
export const orders: Field<readonly Order[]> = {
  problem(value, name) {
    for (const [index, member] of value.entries()) {
      const found = order.problem(member, `${name}[${String(index)}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  },
  elements(value, hash) {
    const digests = value.map((member) => h4(hash(order.elements(member, hash))));
    const [first = [0n, 0n, 0n, 0n], ...others] = digests;
    return others.reduce((group, next) => h4(hash([...group, ...next])), first);
  },
  json: (value) => `[${value.map(order.json).join(',')}]`,
};

interface Grouping {
  readonly name: string;
  /** Whether the first order, once filled, places the others. */
  readonly parent: boolean;
  /** One order waiting for a trigger, or a stop-loss and a take-profit that cancel each other. */
  readonly children: 1 | 2;
}

const groupings: ReadonlyMap<bigint, Grouping> = new Map<bigint, Grouping>([
  [1n, { name: 'OTO', parent: true, children: 1 }],
  [2n, { name: 'OCO', parent: false, children: 2 }],
  [3n, { name: 'OTOCO', parent: true, children: 2 }],
]);

const PARENT_TYPES: readonly bigint[] = [ORDER_TYPE.limit, ORDER_TYPE.market];
const STOP_LOSSES: readonly bigint[] = [ORDER_TYPE.stopLoss, ORDER_TYPE.stopLossLimit];
const TAKE_PROFITS: readonly bigint[] = [ORDER_TYPE.takeProfit, ORDER_TYPE.takeProfitLimit];

/** One order of a group, with those to which it is compared. */
interface Role {
  readonly order: Order;
  readonly earlier: readonly Order[];
  readonly parent: Order | undefined;
  /** The other one of two that cancel each other. */
  readonly sibling: Order | undefined;
}

interface RoleRule {
  readonly code: TransactionProblemCode;
  /** The field that is to blame. */
  readonly field: keyof Order;
  readonly broken: (role: Role) => boolean;
  readonly need: string;
}

const memberRules: readonly RoleRule[] = [
  {
    code: 'lighter.group-market',
    field: 'MarketIndex',
    broken: ({ order, earlier }) =>
      earlier.some((other) => other.MarketIndex !== order.MarketIndex),
    need: 'all orders of a group are in one market',
  },
  {
    code: 'lighter.group-client-order-index',
    field: 'ClientOrderIndex',
    broken: ({ order, earlier }) =>
      order.ClientOrderIndex !== 0n &&
      earlier.some((other) => other.ClientOrderIndex === order.ClientOrderIndex),
    need: 'give every order its own, or 0',
  },
];

const parentRules: readonly RoleRule[] = [
  {
    code: 'lighter.group-order-type',
    field: 'Type',
    broken: ({ order }) => !PARENT_TYPES.includes(order.Type),
    need: 'the first order is a limit order, 0, or a market order, 1',
  },
];

/** Children wait for a trigger; of two, one limits the loss and the other takes the profit. */
const childRules: readonly RoleRule[] = [
  {
    code: 'lighter.group-order-type',
    field: 'Type',
    broken: ({ order, sibling }) =>
      ![STOP_LOSSES, TAKE_PROFITS].some(
        (kind) => kind.includes(order.Type) && !kind.includes(sibling?.Type ?? -1n),
      ),
    need: 'give a stop-loss, 2 or 3, and where there is another order a take-profit, 4 or 5',
  },
  {
    code: 'lighter.group-side',
    field: 'IsAsk',
    broken: ({ order, parent, sibling }) =>
      order.IsAsk === parent?.IsAsk || order.IsAsk !== (sibling ?? order).IsAsk,
    need: 'orders that follow another are on the other side, orders that cancel each other on one',
  },
  {
    code: 'lighter.group-reduce-only',
    field: 'ReduceOnly',
    broken: ({ order }) => order.ReduceOnly !== 1n,
    need: 'an order that another triggers or cancels takes 1',
  },
  {
    code: 'lighter.group-base-amount',
    field: 'BaseAmount',
    broken: ({ order, parent, sibling }) =>
      parent === undefined
        ? order.BaseAmount !== (sibling ?? order).BaseAmount
        : order.BaseAmount !== 0n,
    need: 'an order that another triggers takes 0, orders that cancel each other take one amount',
  },
  {
    code: 'lighter.group-expiry',
    field: 'OrderExpiry',
    broken: ({ order, parent, sibling }) =>
      order.OrderExpiry !== (sibling ?? order).OrderExpiry ||
      ![0n, order.OrderExpiry].includes(parent?.OrderExpiry ?? 0n),
    need: 'the orders of a group expire together',
  },
];

/** What is wrong with a group whose fields are in range, if anything. */
export function orderGroupProblem(group: {
  readonly GroupingType: bigint;
  readonly Orders: readonly Order[];
}): TransactionProblem | undefined {
  const grouping = groupings.get(group.GroupingType);
  if (grouping === undefined) throw new RangeError('grouping type was not range-checked');
  const parents = grouping.parent ? 1 : 0;
  const size = parents + grouping.children;
  if (group.Orders.length !== size) {
    const complaint = `has ${String(group.Orders.length)}; ${grouping.name} takes ${String(size)}`;
    return problem('lighter.group-size', 'Orders', complaint);
  }
  for (const [index, order] of group.Orders.entries()) {
    const path = `Orders[${String(index)}].`;
    const role: Role = {
      order,
      earlier: group.Orders.slice(0, index),
      parent: index < parents ? undefined : group.Orders[parents - 1],
      sibling: group.Orders[2 * parents + 1 - index],
    };
    const rules = [...memberRules, ...(index < parents ? parentRules : childRules)];
    const found = orderProblem(order, path) ?? roleProblem(role, rules, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function roleProblem(
  role: Role,
  rules: readonly RoleRule[],
  path: string,
): TransactionProblem | undefined {
  const rule = rules.find(({ broken }) => broken(role));
  if (rule === undefined) return undefined;
  const complaint = `is \`${String(role.order[rule.field])}\`; ${rule.need}`;
  return problem(rule.code, `${path}${rule.field}`, complaint);
}

/** When an order expires whose caller left that open, with −1, as Lighter's own client allows. */
import type { Order } from '../../../signers/lighter/index.ts';
import type { LighterPart } from './request.ts';

/** What the caller writes. */
export const CUSTOMARY_EXPIRY = -1n;

/** 28 days in milliseconds. */
const CUSTOMARY_LIFETIME = 28n * 86_400_000n;

/** The part with every open expiry settled; `now` in milliseconds since 1970. */
export function withOrderExpiry<Part extends LighterPart>(part: Part, now: number): Part {
  if (part.kind !== 'transaction') return part;
  const settled = BigInt(now) + CUSTOMARY_LIFETIME;
  if (part.name === 'CreateOrder') {
    return { ...part, fields: { ...part.fields, ...expiring(part.fields, settled) } };
  }
  if (part.name === 'CreateGroupedOrders') {
    const orders = part.fields.Orders.map((order) => ({ ...order, ...expiring(order, settled) }));
    return { ...part, fields: { ...part.fields, Orders: orders } };
  }
  return part;
}

function expiring({ OrderExpiry }: Order, settled: bigint): Pick<Order, 'OrderExpiry'> {
  return { OrderExpiry: OrderExpiry === CUSTOMARY_EXPIRY ? settled : OrderExpiry };
}

/**
 * From a transaction to the arguments of the function that signs it.
 *
 * Everything is checked against the width of its argument before the call: neither the foreign function
 * interface nor the library refuses a value that is too wide, both cut it.
 */
import type { Order, SigningRequest } from '../../../signers/lighter/index.ts';
import { toHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Abi, Argument, CType } from './abi.ts';

/** The members of one order structure, by name. */
type OrderStruct = Readonly<Record<string, ForeignScalar>>;
type ForeignScalar = number | bigint | string;
export type ForeignValue = ForeignScalar | readonly OrderStruct[];

type IntegerType = Exclude<CType, 'text' | 'orders'>;
type Range = readonly [min: bigint, max: bigint];

const INT32: Range = [-(2n ** 31n), 2n ** 31n - 1n];
const UINT32: Range = [0n, 2n ** 32n - 1n];

const RANGES: Readonly<Record<IntegerType, Range>> = {
  int: INT32,
  uint: UINT32,
  uint32: UINT32,
  longlong: [-(2n ** 63n), 2n ** 63n - 1n],
  ulonglong: [0n, 2n ** 64n - 1n],
  uint8: [0n, 255n],
  int16: [-(2n ** 15n), 2n ** 15n - 1n],
};

/** What an attribute's argument holds where the transaction lacks the attribute. */
const NIL_ATTRIBUTES: Readonly<Record<string, bigint>> = {
  IntegratorAccountIndex: 0n,
  IntegratorTakerFee: 0n,
  IntegratorMakerFee: 0n,
  SkipNonce: 0n,
  CancelAllMarketIndex: 255n,
  SelfTradeBehavior: 0n,
  SelfTradeEquality: 0n,
  OrderVersion: 0n,
};

/** To the library 255 is "the client that was created last", whichever that is. */
const LAST_CLIENT = 255n;

/** Whether the generation's function has an argument of that name. */
export function reaches(abi: Abi, name: SigningRequest['name'], argument: string): boolean {
  return abi.functions[name].some((known) => known.name === argument);
}

/** The arguments in order, or why the library cannot be asked for this transaction. */
export function argumentsOf(
  abi: Abi,
  { name, transaction }: SigningRequest,
): Result<readonly ForeignValue[], Reason> {
  const expected = abi.functions[name];
  const attributes: Readonly<Record<string, bigint>> = transaction.L2TxAttributes;
  const unheard = Object.keys(attributes).find(
    (attribute) =>
      attributes[attribute] !== NIL_ATTRIBUTES[attribute] && !reaches(abi, name, attribute),
  );
  if (unheard !== undefined) {
    return beyondLibrary(`has no argument for \`L2TxAttributes.${unheard}\` of \`${name}\``);
  }
  if (transaction.ApiKeyIndex === LAST_CLIENT) {
    return beyondLibrary('takes `ApiKeyIndex` 255 for the key that it saw last; name the key');
  }
  const orders = 'Orders' in transaction ? transaction.Orders : [];
  const count = BigInt(orders.length);
  const values = { ...NIL_ATTRIBUTES, ...attributes, ...transaction, OrderCount: count };
  return all<Argument, ForeignValue>(expected, (argument) =>
    argument.type === 'orders'
      ? all(orders, (order) => orderStruct(abi, order))
      : foreignValue(argument, valueOf(values, argument)),
  );
}

function orderStruct(abi: Abi, order: Order): Result<OrderStruct, Reason> {
  const members = all(abi.order, (member) => {
    const value = foreignValue(member, valueOf(order, member));
    return value.ok ? ok([member.name, value.value] as const) : value;
  });
  return members.ok ? ok(Object.fromEntries(members.value)) : members;
}

function valueOf(values: object, { name }: Argument): unknown {
  return Object.getOwnPropertyDescriptor(values, name)?.value;
}

function foreignValue({ name, type }: Argument, value: unknown): Result<ForeignScalar, Reason> {
  if (type === 'text' && value instanceof Uint8Array) return ok(`0x${toHex(value)}`);
  if (type === 'text' || type === 'orders' || typeof value !== 'bigint') {
    throw new Error(`\`${name}\` is no \`${type}\`: the table of the library is wrong`);
  }
  const [min, max] = RANGES[type];
  if (value < min || value > max) {
    return beyondLibrary(
      `takes ${String(min)} to ${String(max)} as \`${name}\`, not \`${String(value)}\``,
    );
  }
  return ok(type === 'longlong' || type === 'ulonglong' ? value : Number(value));
}

/** All results, or the first that failed. */
function all<In, Out>(
  inputs: readonly In[],
  of: (input: In) => Result<Out, Reason>,
): Result<readonly Out[], Reason> {
  const outputs: Out[] = [];
  for (const input of inputs) {
    const output = of(input);
    if (!output.ok) return output;
    outputs.push(output.value);
  }
  return ok(outputs);
}

/** What the library cannot do, and who can. */
export function beyondLibrary(limit: string): Result<never, Reason> {
  return err({
    code: 'lighter.native_unreachable',
    message: `lighter's library ${limit}; sign this with \`LIGHTER_BACKEND=kernel\``,
  });
}

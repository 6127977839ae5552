/** The optional attributes of a transaction, `L2TxAttributes`. */
import { type Field, integer } from './field.ts';
import { account, fee, flag } from './field-kinds.ts';
import { problem, type TransactionProblem } from './transaction-problem.ts';

interface Attribute {
  readonly name: string;
  /** The key in `tx_info`, and the element before the value in the hash. */
  readonly type: bigint;
  /** The value that says the same as no attribute; such attributes are neither hashed nor written. */
  readonly nil: bigint;
  readonly value: Field<bigint>;
}

/** In ascending order of type, which is the order of the hash. */
const ATTRIBUTES = [
  { name: 'IntegratorAccountIndex', type: 1n, nil: 0n, value: account },
  /** Millionths, as the maker's. */
  { name: 'IntegratorTakerFee', type: 2n, nil: 0n, value: fee },
  { name: 'IntegratorMakerFee', type: 3n, nil: 0n, value: fee },
  /** 1: any nonce above the last is valid, not the next one alone. */
  { name: 'SkipNonce', type: 4n, nil: 0n, value: flag },
  /** 255: every market. */
  { name: 'CancelAllMarketIndex', type: 5n, nil: 255n, value: integer([0n, 255n]) },
  /** 0 the maker's order expires, 1 the taker's, 2 both are cancelled, 3 both are reduced. */
  { name: 'SelfTradeBehavior', type: 6n, nil: 0n, value: integer([0n, 3n]) },
  /** 0 orders of the same account, 1 of accounts under the same master. */
  { name: 'SelfTradeEquality', type: 7n, nil: 0n, value: flag },
  { name: 'OrderVersion', type: 8n, nil: 0n, value: integer([0n, 2n ** 48n - 1n]) },
] as const satisfies readonly Attribute[];

export type AttributeName = (typeof ATTRIBUTES)[number]['name'];
export type Attributes<Name extends AttributeName = AttributeName> = Readonly<
  Partial<Record<Name, bigint>>
>;

const MAX_ATTRIBUTES = 4;
const REDUCE = 3n;
const SAME_MASTER = 1n;

/** The attributes that say something, as pairs of type and value. */
function pairsOf(attributes: Attributes): readonly (readonly [type: bigint, value: bigint])[] {
  return ATTRIBUTES.flatMap(({ name, type, nil }) => {
    const value = attributes[name];
    return value === undefined || value === nil ? [] : [[type, value] as const];
  });
}

/** The elements of the hash of attributes, padded to four pairs; `undefined` where none says anything. */
export function attributeElements(attributes: Attributes): readonly bigint[] | undefined {
  const pairs = pairsOf(attributes);
  if (pairs.length === 0) return undefined;
  const padding = new Array<bigint>(2 * (MAX_ATTRIBUTES - pairs.length)).fill(0n);
  return [...pairs.flat(), ...padding];
}

/** The attributes of a kind of transaction: those named, and `SkipNonce`, which all may carry. */
export function attributes<Name extends AttributeName>(
  ...names: readonly Name[]
): Field<Attributes<Name | 'SkipNonce'>> {
  const allowed: ReadonlySet<string> = new Set<string>([...names, 'SkipNonce']);
  return {
    problem: (value: Attributes, name) =>
      memberProblem(value, name, allowed) ?? combinationProblem(value, name),
    elements: () => [],
    json(value: Attributes) {
      const written = pairsOf(value).map(([type, member]) => `"${String(type)}":${String(member)}`);
      return written.length === 0 ? 'null' : `{${written.join(',')}}`;
    },
  };
}

function memberProblem(
  attributes: Attributes,
  name: string,
  allowed: ReadonlySet<string>,
): TransactionProblem | undefined {
  const stranger = Object.keys(attributes).find((key) => !allowed.has(key));
  if (stranger !== undefined) {
    const complaint = `does not belong to this transaction; give ${[...allowed].join(', ')}`;
    return problem('lighter.attribute-unknown', `${name}.${stranger}`, complaint);
  }
  for (const attribute of ATTRIBUTES) {
    const value = attributes[attribute.name];
    if (value === undefined) continue;
    const found = attribute.value.problem(value, `${name}.${attribute.name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function combinationProblem(attributes: Attributes, name: string): TransactionProblem | undefined {
  const given = (attribute: AttributeName): bigint => attributes[attribute] ?? 0n;
  const count = pairsOf(attributes).length;
  if (count > MAX_ATTRIBUTES) {
    const complaint = `has ${String(count)}; give ${String(MAX_ATTRIBUTES)} at most`;
    return problem('lighter.attribute-count', name, complaint);
  }
  const behavior = given('SelfTradeBehavior');
  const equality = given('SelfTradeEquality');
  if (given('IntegratorTakerFee') !== 0n || given('IntegratorMakerFee') !== 0n) {
    if (given('IntegratorAccountIndex') === 0n) {
      const complaint = 'is missing; name the integrator whom the fees are for';
      return problem('lighter.integrator-missing', `${name}.IntegratorAccountIndex`, complaint);
    }
    if (behavior !== 0n || equality !== 0n) {
      const complaint = 'cannot be chosen beside integrator fees; leave either out';
      return problem('lighter.self-trade-fees', `${name}.SelfTradeBehavior`, complaint);
    }
  }
  if (behavior === REDUCE && equality === SAME_MASTER) {
    const complaint = 'cannot be 3, reduce, across accounts; leave `SelfTradeEquality` out';
    return problem('lighter.self-trade-reduce', `${name}.SelfTradeBehavior`, complaint);
  }
  return undefined;
}

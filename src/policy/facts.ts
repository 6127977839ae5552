/**
 * The vocabulary in which every room tells policy what it is asked to sign.
 *
 * A room declares its actions and their facts once; rules are type-checked against that declaration
 * when they are loaded, and the facts of a job are checked against it when they are decided.
 */

/** `int` is an exact 64-bit-range integer; lists hold one scalar type. */
export type FactType = 'int' | 'string' | 'bool' | 'list<int>' | 'list<string>';

/**
 * How we know a fact: derived from the bytes that will be signed, from the operator's configuration
 * and our own records, or only from the sender's word.
 */
export type Provenance = 'proven' | 'configured' | 'claimed';

export interface FactSpec {
  readonly type: FactType;
  readonly provenance: Provenance;
  /** An optional fact may be absent; a rule must guard it with `has()`. */
  readonly optional?: true;
  /** One sentence for the operator: what it says, with its unit. */
  readonly about: string;
}

export interface ActionSpec {
  /** Whether signing can move funds: permits and limits may then not rest on claimed facts alone. */
  readonly movesValue: boolean;
  readonly about: string;
  readonly facts: Readonly<Record<string, FactSpec>>;
}

/** Action name → what may be said about it; a rule's `on` names `world.action`. */
export type Actions = Readonly<Record<string, ActionSpec>>;

/** World name → its actions. */
export type Vocabulary = Readonly<Record<string, Actions>>;

export type FactValue = bigint | string | boolean | readonly bigint[] | readonly string[];

/** What one request (or one item of a batch) asks for. */
export interface Facts {
  readonly world: string;
  readonly action: string;
  readonly values: Readonly<Record<string, FactValue>>;
}

/**
 * Facts put together from groups, where a later one overrides an earlier. A class, because the
 * condition library knows types by class, and because engines fill a plain object ten times slower.
 */
export class FactRecord {
  readonly [name: string]: FactValue;

  constructor(...groups: readonly (Readonly<Record<string, FactValue>> | undefined)[]) {
    for (const group of groups) Object.assign(this, group);
  }
}

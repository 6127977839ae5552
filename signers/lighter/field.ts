/**
 * Kinds of field: what a field of a transaction may hold, which elements it adds to the hash, and how
 * it stands in `tx_info`. A record of fields is itself a field, and so is a whole transaction.
 */
import { base64 } from '@scure/base';

import type { LighterKernel } from './lighter-kernel.ts';
import { limbsOf } from './limbs.ts';
import { problem, type TransactionProblem } from './transaction-problem.ts';

export interface Field<Value> {
  /** What is wrong with a value in the field of that name, if anything. */
  readonly problem: (value: Value, name: string) => TransactionProblem | undefined;
  readonly elements: (value: Value, hash: LighterKernel['hash']) => readonly bigint[];
  /** JSON without spaces. */
  readonly json: (value: Value) => string;
}

/** Bounds are inclusive. */
export type Range = readonly [min: bigint, max: bigint];

/** An integer within one of the ranges, hashed as one element. */
export function integer(...ranges: readonly Range[]): Field<bigint> {
  const allowed = ranges.map(describeRange).join(' or ');
  return {
    problem: (value, name) =>
      ranges.some(([min, max]) => min <= value && value <= max)
        ? undefined
        : problem('lighter.range', name, `is \`${String(value)}\`; give ${allowed}`),
    elements: (value) => [value],
    json: String,
  };
}

function describeRange([min, max]: Range): string {
  if (min === max) return String(min);
  return `${String(min)} ${max === min + 1n ? 'or' : 'to'} ${String(max)}`;
}

/** The field hashed as two elements: the lowest 32 bits, and the others, shifted with their sign. */
export function inHalves(field: Field<bigint>): Field<bigint> {
  return { ...field, elements: (value) => [BigInt.asUintN(32, value), value >> 32n] };
}

/** The field where `tx_info` has it and the hash, at this place, does not. */
export function notHashed<Value>(field: Field<Value>): Field<Value> {
  return { ...field, elements: () => [] };
}

const PUBLIC_KEY_SIZE = 40;
const MEMO_SIZE = 32;
/** p of the Goldilocks field. */
const FIELD_ORDER = 0xffffffff00000001n;

/** A public key, or zeros to revoke one, hashed as its five limbs. */
export const publicKey: Field<Uint8Array> = {
  problem(value, name) {
    if (value.length !== PUBLIC_KEY_SIZE) return wrongLength(value, name, PUBLIC_KEY_SIZE);
    if (limbsOf(value).every((limb) => limb < FIELD_ORDER)) return undefined;
    return problem('lighter.bytes', name, 'has a limb beyond the field; give a canonical key');
  },
  elements: limbsOf,
  json: (value) => `"${base64.encode(value)}"`,
};

/** A note of 32 bytes: the wallet's text has it, the hash does not. */
export const memo: Field<Uint8Array> = {
  problem: (value, name) =>
    value.length === MEMO_SIZE ? undefined : wrongLength(value, name, MEMO_SIZE),
  elements: () => [],
  json: (value) => `[${value.join(',')}]`,
};

/** The signature of the API key. */
export const signature: Field<Uint8Array> = {
  problem: () => undefined,
  elements: () => [],
  json: (value) => `"${base64.encode(value)}"`,
};

/** The signature of the L1 wallet, `0x` and hex of up to 65 bytes; empty where there is none. */
export const l1Signature: Field<string> = {
  problem: (value, name) =>
    /^(?:0x(?:[0-9a-fA-F]{2}){1,65})?$/.test(value)
      ? undefined
      : problem('lighter.bytes', name, 'is no signature; give `0x` and hex, or an empty text'),
  elements: () => [],
  json: (value) => `"${value}"`,
};

function wrongLength(value: Uint8Array, name: string, size: number): TransactionProblem {
  const complaint = `has ${String(value.length)} bytes; give ${String(size)}`;
  return problem('lighter.bytes', name, complaint);
}

/** Fields of any kind: what accepts nothing can be asked for everything but to judge a value. */
export type Fields = Readonly<Record<string, Field<never>>>;

export type Values<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends Field<infer Value> ? Value : never;
};

/** Fields in the order in which they are hashed and written. */
export function record<F extends Fields>(fields: F): Field<Values<F>> {
  const members = Object.entries(fields);
  // SAFETY: `Values` gives every name the type that the field of that name accepts.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  const valueOf = (values: Values<F>, name: string): never => values[name] as never;
  return {
    problem(values, recordName) {
      const prefix = recordName === '' ? '' : `${recordName}.`;
      for (const [name, field] of members) {
        const found = field.problem(valueOf(values, name), `${prefix}${name}`);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    elements: (values, hash) =>
      members.flatMap(([name, field]) => field.elements(valueOf(values, name), hash)),
    json(values) {
      const written = members.map(
        ([name, field]) => `"${name}":${field.json(valueOf(values, name))}`,
      );
      return `{${written.join(',')}}`;
    },
  };
}

/** The facts of one request, checked against their declaration before any rule may read them. */
import { err, ok, type Result } from '../base/result.ts';
import { unreachable } from '../base/unreachable.ts';
import {
  type ActionSpec,
  FactRecord,
  type FactSpec,
  type FactType,
  type FactValue,
} from './facts.ts';
import { isInt64 } from './int64.ts';

/** A list that is longer could make one condition cost seconds. */
const MAX_LIST_LENGTH = 4096;

export type CheckFacts = (
  values: Readonly<Record<string, FactValue>>,
) => Result<FactRecord, string>;

/**
 * Makes the check for one action. It refuses facts that are missing, undeclared, of another type, or
 * integers beyond 64 bits; the error names the fact and never its value.
 */
export function createFactCheck(action: ActionSpec): CheckFacts {
  const declared = Object.entries(action.facts);
  return (values) => {
    let present = 0;
    for (const [name, spec] of declared) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value !== undefined) present += 1;
      const fault = faultOf(spec, value);
      if (fault !== undefined) return err(`fact \`${name}\` ${fault}`);
    }
    if (present === Object.keys(values).length) {
      return ok(values instanceof FactRecord ? values : new FactRecord(values));
    }
    const stray = Object.keys(values).find((name) => !Object.hasOwn(action.facts, name));
    return err(`fact \`${String(stray)}\` is not declared by the action`);
  };
}

function faultOf(spec: FactSpec, value: FactValue | undefined): string | undefined {
  if (value === undefined) return spec.optional === true ? undefined : 'is missing';
  if (Array.isArray(value) && value.length > MAX_LIST_LENGTH) {
    return `has more than ${String(MAX_LIST_LENGTH)} entries`;
  }
  return hasType(spec.type, value) ? undefined : `is not of type \`${spec.type}\``;
}

function hasType(type: FactType, value: FactValue): boolean {
  switch (type) {
    case 'int':
      return isInteger(value);
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean';
    case 'list<int>':
      return Array.isArray(value) && value.every(isInteger);
    case 'list<string>':
      return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
    default:
      return unreachable(type);
  }
}

function isInteger(value: unknown): boolean {
  return typeof value === 'bigint' && isInt64(value);
}

/**
 * A duty that many keys are asked to sign is read and hashed once. It is known again by its parts being
 * the very same values, not equal ones, so that looking costs nothing; nobody changes parsed JSON.
 */
import type { ReadDuty } from '../../../signers/bls12381/index.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';

interface Read {
  readonly type: JsonValue | undefined;
  readonly body: JsonObject;
  readonly duty: ReturnType<ReadDuty>;
}

/** Of these a duty does not depend. */
const NAMES_OF_PARTS: ReadonlySet<string> = new Set(['id', 'identifier', 'identifiers']);

export function readOnce(readDuty: ReadDuty): ReadDuty {
  const known = new WeakMap<JsonObject, Read>();

  return (type, body) => {
    const anchor = Object.values(body).find(isJsonObject);
    const found = anchor && known.get(anchor);
    if (found !== undefined && found.type === type && isSame(found.body, body)) return found.duty;
    const duty = readDuty(type, body);
    if (anchor !== undefined) known.set(anchor, { type, body, duty });
    return duty;
  };
}

function isSame(one: JsonObject, other: JsonObject): boolean {
  const [members, others] = [membersOf(one), membersOf(other)];
  return (
    members.length === others.length && members.every(([name, value]) => other[name] === value)
  );
}

function membersOf(body: JsonObject): readonly (readonly [string, JsonValue])[] {
  return Object.entries(body).filter(([name]) => !NAMES_OF_PARTS.has(name));
}

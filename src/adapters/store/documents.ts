/** JSON columns: written canonically, read back exactly. */
import { canonicalJson, isJsonObject, parseJson } from '../../base/json.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';

/** As deep as `parseJson` reads. */
const MAX_DEPTH = 32;
const UNREADABLE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Text of a document. What would not be read back as it is (an integer that is not a `bigint`,
 * infinity, a key or a depth that `parseJson` refuses) is a bug of the caller and throws.
 */
export function toDocument(value: JsonValue): string {
  refuseUnreadable(value, MAX_DEPTH);
  return canonicalJson(value);
}

export function fromDocument(text: string): JsonValue {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`a stored document cannot be read: ${parsed.error.message}`);
  return parsed.value;
}

export function fromObjectDocument(text: string): JsonObject {
  const value = fromDocument(text);
  if (!isJsonObject(value)) throw new Error('a stored document is not an object');
  return value;
}

function refuseUnreadable(value: JsonValue | undefined, levels: number): void {
  if (typeof value === 'number' && (Number.isInteger(value) || !Number.isFinite(value))) {
    throw new Error('a document holds an integer as `number`; use `bigint`');
  }
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw new Error(`a document is deeper than ${String(MAX_DEPTH)} levels`);
  if (!isJsonObject(value)) {
    for (const item of value) refuseUnreadable(item, levels - 1);
    return;
  }
  for (const key of Object.keys(value)) {
    if (UNREADABLE_KEYS.has(key)) throw new Error(`a document has the refused key \`${key}\``);
    refuseUnreadable(value[key], levels - 1);
  }
}

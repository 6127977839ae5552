/** JSON columns: written canonically, read back exactly. */
import { canonicalJson, isJsonObject, parseJson } from '../../base/json.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';

/**
 * Text of a document. A `number` that would be read back as something else (an integer, which must
 * be a `bigint`; not-a-number; infinity) is a bug of the caller and throws.
 */
export function toDocument(value: JsonValue): string {
  refuseInexact(value);
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

function refuseInexact(value: JsonValue): void {
  if (typeof value === 'number' && (Number.isInteger(value) || !Number.isFinite(value))) {
    throw new Error('a document holds an integer as `number`; use `bigint`');
  }
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(refuseInexact);
}

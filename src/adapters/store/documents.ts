/** JSON columns: written canonically, read back exactly. */
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../base/json.ts';

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

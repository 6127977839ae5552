import { isJsonObject, type JsonObject, parseJson } from '../../src/base/json.ts';

/** The object that a text is; empty where it is none. */
export function objectIn(text: string): JsonObject {
  const json = parseJson(text);
  return json.ok && isJsonObject(json.value) ? json.value : {};
}

/** Every place in a body, and the body with something else there. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/base/json.ts';

export type Place = readonly (string | number)[];

/** All members and items below `value`, at every depth. */
export function placesIn(value: JsonValue, path: Place = []): readonly Place[] {
  const below = childrenOf(value).flatMap(([key, child]) => placesIn(child, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function childrenOf(value: JsonValue): readonly (readonly [string | number, JsonValue])[] {
  if (isJsonObject(value)) return Object.entries(value);
  return isList(value) ? [...value.entries()] : [];
}

/** As problems name it: `beacon_block.block.body.deposits[3].proof`. */
export function nameOf(place: Place): string {
  return place
    .map((key) => (typeof key === 'number' ? `[${String(key)}]` : key))
    .join('.')
    .replaceAll('.[', '[');
}

export function valueAt(body: JsonObject, place: Place): JsonValue | undefined {
  let value: JsonValue | undefined = body;
  for (const key of place) value = new Map(childrenOf(value ?? null)).get(key);
  return value;
}

/** `undefined` takes the member away. */
export function replaceAt(
  body: JsonObject,
  [key, ...rest]: Place,
  replacement: JsonValue | undefined,
): JsonObject {
  const children = childrenOf(body).map(
    ([name, child]) => [name, name === key ? replaceIn(child, rest, replacement) : child] as const,
  );
  return objectOf(children.filter(([, child]) => child !== undefined));
}

function replaceIn(
  value: JsonValue,
  place: Place,
  replacement: JsonValue | undefined,
): JsonValue | undefined {
  if (place.length === 0) return replacement;
  if (isJsonObject(value)) return replaceAt(value, place, replacement);
  if (!isList(value)) throw new Error('there is no such place');
  const [key, ...rest] = place;
  return value.map((item, index) =>
    index === key ? (replaceIn(item, rest, replacement) ?? null) : item,
  );
}

function objectOf(
  children: readonly (readonly [string | number, JsonValue | undefined])[],
): JsonObject {
  const object: Record<string, JsonValue> = {};
  for (const [name, child] of children) if (child !== undefined) object[name] = child;
  return object;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

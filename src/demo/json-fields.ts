/** Fields of JSON that may lack them, or hold something else. */
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { type Hex, isHex, toHex } from '../base/hex.ts';

export function textIn(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

export function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}

export function listIn(object: JsonObject, name: string): readonly JsonValue[] {
  const value = object[name];
  return isJsonArray(value) ? value : [];
}

/** A field of hex, with `0x` or without; empty where there is none. */
export function hexIn(object: JsonObject, name: string): Hex {
  const digits = textIn(object, name).toLowerCase().replace(/^0x/, '');
  return isHex(digits) ? digits : toHex(new Uint8Array());
}

export function objectsIn(object: JsonObject, name: string): readonly JsonObject[] {
  return listIn(object, name).filter((item) => isJsonObject(item));
}

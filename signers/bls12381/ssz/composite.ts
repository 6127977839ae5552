/** Containers, vectors and lists; and the progressive ones of EIP-7916 and EIP-7495. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import type { Preset } from '../preset.ts';
import {
  CHUNK_SIZE,
  type Chunks,
  createChunks,
  depthOf,
  merkleize,
  merkleizeProgressively,
  mixIn,
  mixInLength,
} from './chunks.ts';
import { refuse, type SszType, type ValueOf, within } from './ssz-type.ts';

/** In the order of the specification, which is the order of the hash; names as in JSON. */
type Fields = Readonly<Record<string, SszType<unknown>>>;
type Members<Types extends Fields> = { readonly [Name in keyof Types]: ValueOf<Types[Name]> };

/** Members that are unknown to the type are ignored: a later fork may add some. */
export function container<const Types extends Fields>(fields: Types): SszType<Members<Types>> {
  const count = Object.keys(fields).length;
  const tree = { count, depth: depthOf(count) };
  // Used again and again: reading is synchronous, and no container contains itself.
  const chunks = createChunks(count);
  return {
    read(json, preset, into, at) {
      const value = readMembers(fields, json, preset, chunks);
      merkleize(chunks, tree, into, at);
      return value;
    },
  };
}

/** `ProgressiveContainer` (EIP-7495) all of whose fields are active. */
export function progressiveContainer<const Types extends Fields>(
  fields: Types,
): SszType<Members<Types>> {
  const count = Object.keys(fields).length;
  const chunks = createChunks(count);
  const active = new Uint8Array(CHUNK_SIZE);
  for (let index = 0; index < count; index += 1) active[index >> 3] = (2 << (index & 7)) - 1;
  return {
    read(json, preset, into, at) {
      const value = readMembers(fields, json, preset, chunks);
      merkleizeProgressively(chunks, count, into, at);
      mixIn(active, into, at);
      return value;
    },
  };
}

/** An object that is read and not hashed; it writes nothing. */
export function unhashed<const Types extends Fields>(fields: Types): SszType<Members<Types>> {
  const chunks = createChunks(Object.keys(fields).length);
  return { read: (json, preset) => readMembers(fields, json, preset, chunks) };
}

/** The type with further members beside its own, which its hash does not cover. */
export function withUnhashed<const Types extends Fields, Value extends object>(
  type: SszType<Value>,
  fields: Types,
): SszType<Value & Members<Types>> {
  const others = unhashed(fields);
  return {
    read: (json, preset, into, at) => ({
      ...type.read(json, preset, into, at),
      ...others.read(json, preset, into, at),
    }),
  };
}

function readMembers<Types extends Fields>(
  fields: Types,
  json: JsonValue | undefined,
  preset: Preset,
  { bytes }: Chunks,
): Members<Types> {
  const object: JsonObject = isJsonObject(json) ? json : refuse(json, 'an object');
  const value: Record<string, unknown> = {};
  bytes.fill(0);
  let at = 0;
  for (const name in fields) {
    try {
      value[name] = fields[name]?.read(object[name], preset, bytes, at);
    } catch (error) {
      throw within(error, name);
    }
    at += CHUNK_SIZE;
  }
  // SAFETY: every name of `fields` was just given what its type reads.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return value as Members<Types>;
}

/** `Vector[item, length]` of composite items. */
export function vector<Value>(item: SszType<Value>, length: number): SszType<readonly Value[]> {
  const tree = { count: length, depth: depthOf(length) };
  return {
    read(json, preset, into, at) {
      if (!Array.isArray(json) || json.length !== length) {
        return refuse(json, `a list of exactly ${String(length)} items`);
      }
      const { chunks, values } = readItems(item, json, preset);
      merkleize(chunks, tree, into, at);
      return values;
    },
  };
}

/** `List[item, limit]` of composite items. */
export function list<Value>(item: SszType<Value>, limit: number): SszType<readonly Value[]> {
  const depth = depthOf(limit);
  return {
    read(json, preset, into, at) {
      if (!Array.isArray(json) || json.length > limit) {
        return refuse(json, `a list of at most ${String(limit)} items`);
      }
      const { chunks, values } = readItems(item, json, preset);
      merkleize(chunks, { count: values.length, depth }, into, at);
      mixInLength(values.length, into, at);
      return values;
    },
  };
}

/** `ProgressiveList[item]` (EIP-7916) of composite items. */
export function progressiveList<Value>(item: SszType<Value>): SszType<readonly Value[]> {
  return {
    read(json, preset, into, at) {
      if (!Array.isArray(json)) return refuse(json, 'a list');
      const { chunks, values } = readItems(item, json, preset);
      merkleizeProgressively(chunks, values.length, into, at);
      mixInLength(values.length, into, at);
      return values;
    },
  };
}

function readItems<Value>(
  item: SszType<Value>,
  json: readonly JsonValue[],
  preset: Preset,
): { readonly chunks: Chunks; readonly values: readonly Value[] } {
  const chunks = createChunks(json.length);
  const values = json.map((member, index) => {
    try {
      return item.read(member, preset, chunks.bytes, index * CHUNK_SIZE);
    } catch (error) {
      throw within(error, `[${String(index)}]`);
    }
  });
  return { chunks, values };
}

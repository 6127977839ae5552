/** Unsigned integers, which JSON holds as decimal strings or, exactly parsed, as numbers; and `boolean`. */
import type { JsonValue } from '../../../src/base/json.ts';
import { chunksFor, createChunks, depthOf, merkleize, mixInLength } from './chunks.ts';
import { refuse, type SszType, within } from './ssz-type.ts';

const UINT64_SIZE = 8;
const UINT256_SIZE = 32;

export const uint64: SszType<bigint> = {
  read(json, _preset, into, at) {
    const value = readUint64(json);
    writeUint64(value, into, at);
    return value;
  },
};

export const uint256: SszType<bigint> = {
  read(json, _preset, into, at) {
    const value =
      readInteger(json, UINT256_SIZE) ?? refuse(json, 'a decimal integer from 0 to 2^256 - 1');
    for (let index = 0; index < UINT256_SIZE; index += UINT64_SIZE) {
      writeUint64(BigInt.asUintN(64, value >> BigInt(8 * index)), into, at + index);
    }
    return value;
  },
};

export const boolean: SszType<boolean> = {
  read(json, _preset, into, at) {
    if (typeof json !== 'boolean') return refuse(json, '`true` or `false`');
    if (json) into[at] = 1;
    return json;
  },
};

/** `List[uint64, limit]`: four to a chunk. */
export function uint64List(limit: number): SszType<readonly bigint[]> {
  const depth = depthOf(chunksFor(limit * UINT64_SIZE));
  return {
    read(json, _preset, into, at) {
      if (!Array.isArray(json) || json.length > limit) {
        return refuse(json, `a list of at most ${String(limit)} decimal integers`);
      }
      const count = chunksFor(json.length * UINT64_SIZE);
      const chunks = createChunks(count);
      const values = json.map((item: JsonValue, index) => readItem(item, index, chunks.bytes));
      merkleize(chunks, { count, depth }, into, at);
      mixInLength(values.length, into, at);
      return values;
    },
  };
}

function readItem(json: JsonValue, index: number, into: Uint8Array): bigint {
  try {
    const value = readUint64(json);
    writeUint64(value, into, index * UINT64_SIZE);
    return value;
  } catch (error) {
    throw within(error, `[${String(index)}]`);
  }
}

function readUint64(json: JsonValue | undefined): bigint {
  return readInteger(json, UINT64_SIZE) ?? refuse(json, 'a decimal integer from 0 to 2^64 - 1');
}

/** 2^256 − 1 has 78 digits. */
const DECIMAL = /^[0-9]{1,78}$/;

function readInteger(json: JsonValue | undefined, size: number): bigint | undefined {
  const isText = typeof json === 'string' && DECIMAL.test(json);
  if (!isText && typeof json !== 'bigint') return undefined;
  const value = BigInt(json);
  return value === BigInt.asUintN(8 * size, value) ? value : undefined;
}

const number = new DataView(new ArrayBuffer(UINT64_SIZE));

function writeUint64(value: bigint, into: Uint8Array, at: number): void {
  number.setBigUint64(0, value, true);
  for (let index = 0; index < UINT64_SIZE; index += 1) into[at + index] = number.getUint8(index);
}

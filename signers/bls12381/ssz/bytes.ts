/** `ByteVector[N]`, `ByteList[N]` and byte lists without a limit. Values are hex without `0x`. */
import type { Hex } from '../../../src/base/hex.ts';
import type { JsonValue } from '../../../src/base/json.ts';
import {
  CHUNK_SIZE,
  chunksFor,
  createChunks,
  depthOf,
  merkleize,
  merkleizeProgressively,
  mixInLength,
} from './chunks.ts';
import { byteLength, decodeBytes, isByteString } from './hex-digits.ts';
import { refuse, type SszType } from './ssz-type.ts';

/** `ByteVector[length]`. */
export function byteVector(length: number): SszType<Hex> {
  const form = `${String(length)} bytes in hex with \`0x\``;
  const isOne = (json: JsonValue | undefined): json is string =>
    isByteString(json) && byteLength(json) === length;
  if (length <= CHUNK_SIZE) {
    return {
      read(json, _preset, into, at) {
        const hex = isOne(json) ? decodeBytes(json, into, at) : undefined;
        return hex ?? refuse(json, form);
      },
    };
  }
  const count = chunksFor(length);
  const chunks = createChunks(count);
  const tree = { count, depth: depthOf(count) };
  return {
    read(json, _preset, into, at) {
      chunks.bytes.fill(0);
      const hex = isOne(json) ? decodeBytes(json, chunks.bytes, 0) : undefined;
      merkleize(chunks, tree, into, at);
      return hex ?? refuse(json, form);
    },
  };
}

/** `ByteList[limit]`. */
export function byteList(limit: number): SszType<Hex> {
  const form = `at most ${String(limit)} bytes in hex with \`0x\``;
  const depth = depthOf(chunksFor(limit));
  return {
    read(json, _preset, into, at) {
      if (!isByteString(json) || byteLength(json) > limit) return refuse(json, form);
      const count = chunksFor(byteLength(json));
      const chunks = createChunks(count);
      const hex = decodeBytes(json, chunks.bytes, 0) ?? refuse(json, form);
      merkleize(chunks, { count, depth }, into, at);
      mixInLength(byteLength(json), into, at);
      return hex;
    },
  };
}

/** `ProgressiveByteList` (EIP-7916). */
export const progressiveByteList: SszType<Hex> = {
  read(json, _preset, into, at) {
    const form = 'bytes in hex with `0x`';
    if (!isByteString(json)) return refuse(json, form);
    const count = chunksFor(byteLength(json));
    const chunks = createChunks(count);
    const hex = decodeBytes(json, chunks.bytes, 0) ?? refuse(json, form);
    merkleizeProgressively(chunks, count, into, at);
    mixInLength(byteLength(json), into, at);
    return hex;
  },
};

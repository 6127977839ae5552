/** `Bitvector[N]`, `Bitlist[N]` and bit lists without a limit, as hex of their serialisation. */
import type { Hex } from '../../../src/base/hex.ts';
import type { JsonValue } from '../../../src/base/json.ts';
import type { Preset } from '../preset.ts';
import {
  type Chunks,
  chunksFor,
  createChunks,
  depthOf,
  merkleize,
  merkleizeProgressively,
  mixInLength,
} from './chunks.ts';
import { byteLength, decodeBytes, isByteString } from './hex-digits.ts';
import { refuse, type SszType } from './ssz-type.ts';

/** A number of bits, which may depend on the preset. */
export type BitCount = (preset: Preset) => number;

/** `Bitvector[bits]`. */
export function bitvector(bits: BitCount): SszType<Hex> {
  return {
    read(json, preset, into, at) {
      const size = bits(preset);
      const form = `${String(size)} bits in hex with \`0x\`, as many bytes as they need`;
      if (!isByteString(json) || byteLength(json) !== Math.ceil(size / 8)) {
        return refuse(json, form);
      }
      const count = chunksFor(byteLength(json));
      const chunks = createChunks(count);
      const hex = decodeBytes(json, chunks.bytes, 0) ?? refuse(json, form);
      const unused = 8 * byteLength(json) - size;
      if ((chunks.bytes[byteLength(json) - 1] ?? 0) >= 2 ** (8 - unused)) return refuse(json, form);
      merkleize(chunks, { count, depth: depthOf(count) }, into, at);
      return hex;
    },
  };
}

/** `Bitlist[limit]`. */
export function bitlist(limit: BitCount): SszType<Hex> {
  return {
    read(json, preset, into, at) {
      const bits = limit(preset);
      const form = `a bit list in hex with \`0x\`, of at most ${String(bits)} bits and its end bit`;
      const { hex, chunks, length } = decodeBitlist(json, form);
      if (length > bits) return refuse(json, form);
      const count = Math.ceil(length / 256);
      merkleize(chunks, { count, depth: depthOf(Math.ceil(bits / 256)) }, into, at);
      mixInLength(length, into, at);
      return hex;
    },
  };
}

/** `ProgressiveBitlist` (EIP-7916). */
export const progressiveBitlist: SszType<Hex> = {
  read(json, _preset, into, at) {
    const { hex, chunks, length } = decodeBitlist(
      json,
      'a bit list in hex with `0x`, and its end bit',
    );
    merkleizeProgressively(chunks, Math.ceil(length / 256), into, at);
    mixInLength(length, into, at);
    return hex;
  },
};

interface DecodedBits {
  readonly hex: Hex;
  /** Without the end bit. */
  readonly chunks: Chunks;
  /** In bits. */
  readonly length: number;
}

/** The highest bit that is set marks the end of the list, and lies in its last byte. */
function decodeBitlist(json: JsonValue | undefined, form: string): DecodedBits {
  if (!isByteString(json)) return refuse(json, form);
  const size = byteLength(json);
  const chunks = createChunks(chunksFor(size));
  const hex = decodeBytes(json, chunks.bytes, 0) ?? refuse(json, form);
  const last = chunks.bytes[size - 1] ?? 0;
  if (last === 0) return refuse(json, form);
  const endBit = 31 - Math.clz32(last);
  chunks.bytes[size - 1] = last ^ (1 << endBit);
  return { hex, chunks, length: 8 * (size - 1) + endBit };
}

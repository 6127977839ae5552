/** Byte strings of the eth2 JSON mapping: `0x` and two digits of either case for each byte. */
import type { Hex } from '../../../src/base/hex.ts';
import type { JsonValue } from '../../../src/base/json.ts';

/** Values of hex digits by character code, −1 for all other characters. */
const VALUES = new Int8Array(128).fill(-1);
for (const [value, digit] of Array.from('0123456789abcdef').entries()) {
  VALUES[digit.charCodeAt(0)] = value;
  VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Whether this may be a byte string; its digits are judged when they are decoded. */
export function isByteString(json: JsonValue | undefined): json is string {
  return typeof json === 'string' && json.length % 2 === 0 && json.startsWith('0x');
}

/** Number of bytes of a byte string. */
export function byteLength(text: string): number {
  return text.length / 2 - 1;
}

/** Writes the bytes at `at`; `undefined` where a character is no digit, else the canonical hex. */
export function decodeBytes(text: string, into: Uint8Array, at: number): Hex | undefined {
  let faults = 0;
  const length = byteLength(text);
  for (let index = 0; index < length; index += 1) {
    const high = VALUES[text.charCodeAt(2 * index + 2)] ?? -1;
    const low = VALUES[text.charCodeAt(2 * index + 3)] ?? -1;
    faults |= high | low;
    into[at + index] = (high << 4) | low;
  }
  if (faults < 0) return undefined;
  // SAFETY: every character after `0x` was found to be a hex digit.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return text.slice(2).toLowerCase() as Hex;
}

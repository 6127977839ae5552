import { type Hex, isHex } from '../../src/base/hex.ts';

/** Hex written down in a test. */
export function hex(text: string): Hex {
  if (!isHex(text)) throw new Error('test data is not hex');
  return text;
}

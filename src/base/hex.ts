import { hexToBytes } from '@noble/hashes/utils.js';

import type { Brand } from './brand.ts';

/** Lower-case, even-length, unprefixed hex. */
export type Hex = Brand<string, 'Hex'>;

export function isHex(text: string): text is Hex {
  return /^(?:[0-9a-f]{2})*$/.test(text);
}

/** Whether `text` is lower-case hex of exactly `length` bytes. */
export function isHexOf(length: number, text: string): text is Hex {
  return text.length === 2 * length && isHex(text);
}

export function toHex(bytes: Uint8Array): Hex {
  // A view, and several times faster than JavaScript, which builds the text digit by digit.
  // eslint-disable-next-line no-restricted-globals -- it does not leave here
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // SAFETY: the encoder writes two lower-case digits for every byte.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return view.toString('hex') as Hex;
}

/** Bytes of canonical hex; the brand already proves the form. */
export function fromHex(hex: Hex): Uint8Array {
  return hexToBytes(hex);
}

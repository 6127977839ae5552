/** An interchange document that is in memory whole. */
import { setImmediate } from 'node:timers/promises';

import type { InterchangeDocument } from './import.ts';

/** Read in about two milliseconds. */
const PIECE = 64 * 1024;

/** Others have their turn after each piece: a signer must not wait until all keys were read. */
export function documentOf(bytes: Uint8Array): InterchangeDocument {
  return {
    async *read() {
      for (let at = 0; at < bytes.length; at += PIECE) {
        yield bytes.subarray(at, at + PIECE);
        await setImmediate();
      }
    },
  };
}

/** Time and chance of the real world. */
import { randomBytes, randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import { toHex } from '../base/hex.ts';
import type { Clock, Random } from '../core/ports.ts';

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delay: number, task: () => void) {
    const timer = setTimeout(task, delay);
    return () => {
      clearTimeout(timer);
    };
  },
});

const UNIT_STEPS = 2 ** 32;
const NAMES_AT_ONCE = 512;

const drawChance = createChance(10);

export const systemRandom: Random = Object.freeze({
  unit: () => randomInt(UNIT_STEPS) / UNIT_STEPS,
  id: () => uuidV7(Date.now(), drawChance()),
  entropy: () => randomBytes(64),
});

/** Before every id made from this time on, epoch milliseconds. */
export function firstIdOf(time: number): string {
  return uuidV7(time, new Uint8Array(10));
}

/** RFC 9562 section 5.7: 48 bits of milliseconds, then chance; sorts by time of making. */
export function uuidV7(milliseconds: number, chance: Uint8Array): string {
  const time = milliseconds.toString(16).padStart(12, '0');
  const bytes = Uint8Array.from(chance);
  bytes[0] = 0x70 | ((bytes[0] ?? 0) & 0x0f);
  bytes[2] = 0x80 | ((bytes[2] ?? 0) & 0x3f);
  const rest = toHex(bytes);
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
}

/** Bytes for names, drawn by the hundred: asking the system for a few costs as much as for many. */
function createChance(size: number): () => Uint8Array {
  let drawn = new Uint8Array();
  let used = 0;
  return () => {
    if (used + size > drawn.length) {
      drawn = randomBytes(size * NAMES_AT_ONCE);
      used = 0;
    }
    used += size;
    return drawn.subarray(used - size, used);
  };
}

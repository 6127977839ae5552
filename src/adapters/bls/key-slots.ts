/**
 * Where raw validator keys lie while the daemon runs: one block of shared memory that every signing
 * thread reads, 32 bytes for each key. A key is never copied to a thread, and gone from all when its
 * slot is overwritten.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import { SECRET_KEY_SIZE } from './blst.ts';

export interface KeySlots {
  /** What the threads are started with. */
  readonly memory: SharedArrayBuffer;
  /** Copies the key into a free slot and returns its index. The caller disposes of the secret. */
  readonly put: (secret: Secret) => Result<number, Reason>;
  /** Overwrites the key and lets the slot be used again; nothing may be signing with it any more. */
  readonly wipe: (slot: number) => void;
  readonly wipeAll: () => void;
}

/** Pages that hold no key take no memory. */
const CAPACITY = 131_072;

export function createKeySlots(capacity = CAPACITY): KeySlots {
  const memory = new SharedArrayBuffer(capacity * SECRET_KEY_SIZE);
  const free: number[] = [];
  let used = 0;

  return Object.freeze({
    memory,
    put(secret: Secret) {
      const slot = free.pop() ?? used;
      if (slot === capacity) {
        const message = `there is room for ${String(capacity)} validator keys; spread more over several daemons`;
        return err({ code: 'bls.capacity', message });
      }
      used = Math.max(used, slot + 1);
      const place = slotOf(memory, slot);
      secret.reveal((bytes) => {
        place.set(bytes);
      });
      return ok(slot);
    },
    wipe(slot: number) {
      slotOf(memory, slot).fill(0);
      free.push(slot);
    },
    wipeAll() {
      new Uint8Array(memory).fill(0, 0, used * SECRET_KEY_SIZE);
    },
  });
}

/** The bytes of one slot, in place. */
export function slotOf(memory: SharedArrayBuffer, slot: number): Uint8Array {
  return new Uint8Array(memory, slot * SECRET_KEY_SIZE, SECRET_KEY_SIZE);
}

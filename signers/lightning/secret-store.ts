/**
 * The counterparty's revealed secrets in 49 slots (BOLT 3, Efficient Per-commitment Secret Storage).
 *
 * Slot b holds the revealed secret with the lowest index that has exactly b trailing zero bits; it
 * yields every secret that shares the other bits. Beyond BOLT 3, which assumes that every secret
 * arrives once and in order, a store may start in mid-life, miss indices, and be told the same or
 * an older secret again.
 */
import { fromHex, type Hex, toHex } from '../../src/base/hex.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { assertCommitmentIndex, deriveSecret } from './per-commitment.ts';

export interface RevealedSecret extends JsonObject {
  readonly index: bigint;
  /** 32 bytes. */
  readonly secret: Hex;
}

/** One entry per number of trailing zero bits, 0 to 48; a value that JSON can hold. */
export type SecretStore = readonly (RevealedSecret | null)[];

const INDEX_BITS = 48;

export const emptySecretStore: SecretStore = Object.freeze(
  Array.from({ length: INDEX_BITS + 1 }, () => null),
);

/**
 * Adds a revealed secret. `inconsistent`: it contradicts a secret revealed before, so one of the two
 * is not from the counterparty's seed. An index beyond 48 bits throws.
 */
export function insertSecret(
  store: SecretStore,
  index: bigint,
  secret: Hex,
): Result<SecretStore, 'inconsistent'> {
  assertCommitmentIndex(index);
  const known = lookupSecret(store, index);
  if (known !== undefined) return known === secret ? ok(store) : err('inconsistent');

  const slot = trailingZeros(index);
  const contradicts = store
    .slice(0, slot)
    .some(
      (held) =>
        held !== null &&
        sharesPrefix(held.index, index, slot) &&
        held.secret !== derive(secret, slot, held.index),
    );
  if (contradicts) return err('inconsistent');

  // A late older secret does not displace a newer one, from whose successors it will follow anyway.
  const held = store[slot];
  const isOlder = held !== undefined && held !== null && held.index < index;
  return ok(isOlder ? store : Object.freeze(store.with(slot, { index, secret })));
}

/** The secret of an index, if it was revealed or follows from what was. */
export function lookupSecret(store: SecretStore, index: bigint): Hex | undefined {
  for (const [slot, held] of store.entries()) {
    if (held !== null && sharesPrefix(held.index, index, slot)) {
      return derive(held.secret, slot, index);
    }
  }
  return undefined;
}

function derive(secret: Hex, bits: number, index: bigint): Hex {
  return toHex(deriveSecret(fromHex(secret), bits, index));
}

function sharesPrefix(left: bigint, right: bigint, bits: number): boolean {
  return left >> BigInt(bits) === right >> BigInt(bits);
}

function trailingZeros(index: bigint): number {
  for (let bit = 0; bit < INDEX_BITS; bit += 1) {
    if (((index >> BigInt(bit)) & 1n) === 1n) return bit;
  }
  return INDEX_BITS;
}

/**
 * The number of a commitment transaction, which it carries obscured in sequence and locktime.
 *
 * BOLT 3, "Commitment Transaction": locktime is 0x20 followed by the lower 24 bits, the sequence of
 * the only input 0x80 followed by the upper 24 bits of
 * `number XOR (lower 48 bits of SHA256(opener's payment basepoint ‖ accepter's))`.
 * Per-commitment secrets count down from index 2^48 − 1 while numbers count up from 0.
 */
import { sha256 } from '@noble/hashes/sha2.js';

import { concatBytes } from '../../src/base/bytes.ts';
import { FIRST_COMMITMENT_INDEX } from './per-commitment.ts';

const LOCKTIME_MARK = 0x20;
const SEQUENCE_MARK = 0x80;

/** Fields of a commitment transaction that hold its number. */
export interface NumberFields {
  readonly sequence: number;
  readonly lockTime: number;
}

/** The 48 obscured bits; `undefined` where the two marks of a commitment are missing. */
export function obscuredNumberOf({ sequence, lockTime }: NumberFields): bigint | undefined {
  if (sequence >>> 24 !== SEQUENCE_MARK || lockTime >>> 24 !== LOCKTIME_MARK) return undefined;
  return (BigInt(sequence & 0xffffff) << 24n) | BigInt(lockTime & 0xffffff);
}

/** Sequence and locktime that carry 48 obscured bits; inverse of `obscuredNumberOf`. */
export function fieldsOfObscuredNumber(obscured: bigint): NumberFields {
  return {
    sequence: SEQUENCE_MARK * 2 ** 24 + Number((obscured >> 24n) & 0xffffffn),
    lockTime: LOCKTIME_MARK * 2 ** 24 + Number(obscured & 0xffffffn),
  };
}

/** The channel's factor from the payment basepoints (33 bytes) of opener and accepter. */
export function obscuringFactor(opener: Uint8Array, accepter: Uint8Array): bigint {
  const hash = sha256(concatBytes(opener, accepter));
  return hash.slice(-6).reduce((factor, byte) => (factor << 8n) | BigInt(byte), 0n);
}

/** Turns a number into its obscured form and back: the operation is its own inverse. */
export function obscureNumber(number: bigint, factor: bigint): bigint {
  return number ^ factor;
}

/** Index of the per-commitment secret that revokes commitment `number`, and the reverse. */
export function indexOfNumber(number: bigint): bigint {
  return FIRST_COMMITMENT_INDEX - number;
}

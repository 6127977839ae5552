/** Custom types of consensus-specs. */
import { byteVector } from '../ssz/bytes.ts';

/** `Root`, `Hash32` and `Bytes32`. */
export const bytes32 = byteVector(32);
/** `ForkVersion`. */
export const version = byteVector(4);
export const executionAddress = byteVector(20);
export const blsPubkey = byteVector(48);
export const blsSignature = byteVector(96);

/**
 * The kernel's door.
 *
 * The host writes arguments to the areas below, calls, and reads results from them. Whatever a call
 * read or wrote beside its result is overwritten with zeros before it returns, secrets in the areas
 * included; only WebAssembly's own locals, which live in registers and on the engine's stack, are
 * out of reach. Integers are little endian.
 */
import * as curve from './curve';
import * as extension from './quintic-extension';
import * as fixedBase from './fixed-base';
import * as poseidon2 from './poseidon2';
import * as scalar from './scalar';
import * as schnorr from './schnorr';
import * as sha512 from './sha512';
import * as variableBase from './variable-base';

/** Field elements to hash, 64 at most. */
export const ELEMENTS: usize = memory.data(64 * 8, 16);
/** A hash of five elements: a result of `hash`, an argument of `sign` and `verify`. */
export const MESSAGE: usize = memory.data(40, 16);
export const PRIVATE_KEY: usize = memory.data(40, 16);
export const PUBLIC_KEY: usize = memory.data(40, 16);
export const SIGNATURE: usize = memory.data(80, 16);
/** Fresh randomness of 64 bytes, or 512 bits to derive a private key from. */
export const ENTROPY: usize = memory.data(64, 16);
/** Operands of the parts that are exported below. */
export const WORKBENCH: usize = memory.data(1024, 16);

fixedBase.initialize();
wipe();

function wipe(): void {
  extension.wipe();
  curve.wipe();
  scalar.wipe();
  fixedBase.wipe();
  variableBase.wipe();
  poseidon2.wipe();
  sha512.wipe();
  schnorr.wipe();
}

function wipeSecrets(): void {
  memory.fill(PRIVATE_KEY, 0, scalar.SIZE);
  memory.fill(ENTROPY, 0, schnorr.ENTROPY_SIZE);
  wipe();
}

/** MESSAGE ← H(the first `count` of ELEMENTS). */
export function hash(count: i32): void {
  poseidon2.hash(MESSAGE, ELEMENTS, count);
  poseidon2.wipe();
}

/** Whether 0 < PRIVATE_KEY < n. */
export function isPrivateKey(): bool {
  const answer = scalar.isBelowOrder(PRIVATE_KEY) & scalar.isNonZero(PRIVATE_KEY);
  wipeSecrets();
  return answer == 1;
}

/** PRIVATE_KEY ← ENTROPY, as an integer of 512 bits, mod n. The host overwrites it when read. */
export function derivePrivateKey(): void {
  scalar.reduceWide(PRIVATE_KEY, ENTROPY);
  memory.fill(ENTROPY, 0, schnorr.ENTROPY_SIZE);
  wipe();
}

/** PUBLIC_KEY ← the public key of PRIVATE_KEY. */
export function publicKey(): void {
  schnorr.publicKey(PUBLIC_KEY, PRIVATE_KEY);
  wipeSecrets();
}

/** SIGNATURE ← the signature of MESSAGE under PRIVATE_KEY, its nonce hedged with ENTROPY. */
export function sign(): void {
  schnorr.sign(SIGNATURE, MESSAGE, PRIVATE_KEY, ENTROPY);
  wipeSecrets();
}

/** Whether SIGNATURE of MESSAGE verifies under PUBLIC_KEY. */
export function verify(): bool {
  const answer = schnorr.verify(SIGNATURE, MESSAGE, PUBLIC_KEY);
  wipe();
  return answer;
}

// The parts, on pointers into WORKBENCH: each can be compared with an independent implementation in
// the very bytes that sign.
export {
  add as extensionAdd,
  subtract as extensionSubtract,
  multiply as extensionMultiply,
  invert as extensionInvert,
  isSquare as extensionIsSquare,
  squareRoot as extensionSquareRoot,
  makeCanonical as extensionMakeCanonical,
} from './quintic-extension';
export {
  add as curveAdd,
  double as curveDouble,
  encode as curveEncode,
  decode as curveDecode,
} from './curve';
export { multiply as curveMultiply } from './variable-base';
export { multiplyGenerator as curveMultiplyGenerator } from './fixed-base';
export {
  multiply as scalarMultiply,
  subtract as scalarSubtract,
  reduce as scalarReduce,
  reduceWide as scalarReduceWide,
} from './scalar';
export { digest as sha512 } from './sha512';
export { signWithNonce } from './schnorr';

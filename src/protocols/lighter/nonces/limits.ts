/** Figures that the rules on nonces share; times in milliseconds. */

/** The longest that any signer dates a transaction ahead of its decision. */
const LONGEST_LIFETIME = 610_000n;

/** How far our clock may be from the exchange's, or step, before nothing rests on it. */
export const CLOCK_TOLERANCE = 5_000n;

/** A stored signature is given again only while this much of its life remains. */
export const LEAST_REMAINING = 60_000n;

/** How far a nonce may be ahead of the highest one before it, and of the time. */
export const FURTHEST_JUMP = 86_400_000n;

/** Inclusive: nonces fit 48 bits, and those that jump end below 2^47. */
export const HIGHEST_NONCE = 2n ** 48n - 1n;
export const HIGHEST_SKIP_NONCE = 2n ** 47n - 1n;

/** When a transaction that was decided `at` is certainly dead, by any clock that we tolerate. */
export function deadFrom(at: bigint): bigint {
  return at + LONGEST_LIFETIME + CLOCK_TOLERANCE;
}

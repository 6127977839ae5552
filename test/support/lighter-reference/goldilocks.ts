/** Integers modulo p = 2^64 − 2^32 + 1, as the textbook has them. */

export const P = 2n ** 64n - 2n ** 32n + 1n;

/** The residue of any integer. */
export function mod(x: bigint): bigint {
  const remainder = x % P;
  return remainder < 0n ? remainder + P : remainder;
}

export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

/** By Fermat; 0 for 0. */
export function inverse(x: bigint): bigint {
  return power(x, P - 2n);
}

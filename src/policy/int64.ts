/** The range of a CEL `int`; the condition library itself checks it only after arithmetic. */
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

export function isInt64(value: bigint): boolean {
  return value >= MIN && value <= MAX;
}

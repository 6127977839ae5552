/** Unsigned 64-bit integers in SQLite's signed ones: shifted, so that they sort alike. */
const SHIFT = 2n ** 63n;

/** Throws for what is no uint64, which is a bug of the caller. */
export function toStored(value: bigint): bigint {
  const stored = value - SHIFT;
  if (stored < -SHIFT || stored >= SHIFT) throw new Error('a slot or epoch is no uint64');
  return stored;
}

export function fromStored(stored: bigint): bigint {
  return stored + SHIFT;
}

/**
 * When a transaction of the library expires: at its own clock's time + 599 s, and nothing else can be
 * asked of it. What is decided beforehand is therefore the latest expiry that the transaction may have,
 * so that whatever relies on the decision never sees a transaction outlive it.
 *
 * All times are milliseconds since 1970.
 */

const LIFETIME = 599_000n;
/** Between decision and signature. */
const ALLOWANCE = 11_000n;
/** Between the library's clock and ours, which are both the machine's, read at different times. */
const TOLERANCE = 10_000n;

/** What to decide as `ExpiredAt`, at a time, of a transaction that the library is to sign. */
export function latestExpiry(now: bigint): bigint {
  return now + LIFETIME + ALLOWANCE;
}

/** Whether a signature made now can still keep to what was decided. */
export function isInTime(now: bigint, decided: bigint): boolean {
  return now + LIFETIME <= decided;
}

/** Whether the library, called between two times, has dated a transaction as it should. */
export function isPlausible(expiredAt: bigint, called: bigint, returned: bigint): boolean {
  return expiredAt >= called + LIFETIME - TOLERANCE && expiredAt <= returned + LIFETIME + TOLERANCE;
}

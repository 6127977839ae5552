/** The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date. */

/** Longest wait that is granted, in milliseconds: a mistaken header must not bury an answer. */
const LONGEST_WAIT = 900_000;

/** Milliseconds from `now` until the other side wants to hear from us; `undefined` if unreadable. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const wait = waitOf(header?.trim() ?? '', now);
  return wait === undefined ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT);
}

function waitOf(text: string, now: number): number | undefined {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  // Only a date in one of the HTTP forms: all of them begin with the day's name.
  if (!/^[A-Z][a-z]{2}/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at - now;
}

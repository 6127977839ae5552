/** The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date. */

/** Milliseconds from `now` until the other side wants to hear from us; `undefined` if unreadable. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  // Only a date in one of the HTTP forms: all of them begin with the day's name.
  if (!/^[A-Z][a-z]{2}/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

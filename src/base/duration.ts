/** Lengths of time as operators write them: `30d`, `12h`, `10m`, `45s`. */

const MILLISECONDS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds; `undefined` where the text is not of this form. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^([0-9]{1,6})([smhd])$/.exec(text) ?? [];
  return count !== undefined && isUnit(unit) ? Number(count) * MILLISECONDS[unit] : undefined;
}

function isUnit(text: string | undefined): text is keyof typeof MILLISECONDS {
  return text !== undefined && text in MILLISECONDS;
}

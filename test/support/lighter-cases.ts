/** How many random cases a property sees: few in an ordinary run, `LIGHTER_CASES` in a long one. */
import process from 'node:process';

import fc from 'fast-check';

// eslint-disable-next-line n/no-process-env -- a long run is asked for by the one who starts it
export const CASES = Number(process.env['LIGHTER_CASES'] ?? 200);
/** For properties of points, which take the reference tens of milliseconds each. */
export const SLOW_CASES = Math.max(20, CASES / 10);

export function check<Inputs extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Inputs>,
  numRuns = CASES,
): void {
  fc.assert(property, { numRuns });
}

/** How many random cases a property sees: few in an ordinary run, a quarter of a million in all under `LONG=1`. */
import process from 'node:process';

import fc from 'fast-check';

// eslint-disable-next-line n/no-process-env -- a long run is asked for by the one who starts it
const isLong = process.env['LONG'] === '1';

export const CASES = isLong ? 20_000 : 200;
/** For properties of points, which take the reference some twenty milliseconds each. */
export const SLOW_CASES = isLong ? 1000 : 20;
/** Secrets whose paths through the kernel are compared. */
export const TRACED_SECRETS = isLong ? 10_000 : 1000;

export function check<Inputs extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Inputs>,
  numRuns = CASES,
): void {
  fc.assert(property, { numRuns });
}

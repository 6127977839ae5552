/** Which curve signs: the accelerator if it agrees with the reference at start, else the reference. */
import type { Curve } from './curve.ts';
import { firstDifference } from './curve-check.ts';
import { nobleCurve } from './noble-curve.ts';
import { createTinyCurve } from './tiny-curve.ts';

export interface CurveChoice {
  readonly curve: Curve;
  /** One sentence for the start-up log. */
  readonly reason: string;
}

/** An accelerator that does not load (no WebAssembly, package missing) costs only speed. */
export async function chooseCurve(
  loadAccelerator: () => Promise<Curve> = loadTinyCurve,
): Promise<CurveChoice> {
  let accelerator: Curve;
  try {
    accelerator = await loadAccelerator();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { curve: nobleCurve, reason: `the accelerator did not load: ${cause}` };
  }
  const names = `\`${accelerator.name}\` and \`${nobleCurve.name}\``;
  const difference = firstDifference(accelerator, nobleCurve);
  return difference === undefined
    ? { curve: accelerator, reason: `${names} agree` }
    : { curve: nobleCurve, reason: `${names} differ in \`${difference}\`` };
}

async function loadTinyCurve(): Promise<Curve> {
  return createTinyCurve(await import('tiny-secp256k1'));
}

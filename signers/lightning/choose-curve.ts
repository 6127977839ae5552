/** Which curve signs: the first accelerator that agrees with the reference at start, else the reference. */
import type { Curve } from './curve.ts';
import { firstDifference } from './curve-check.ts';
import { nobleCurve } from './noble-curve.ts';

export interface Accelerator {
  /** The package behind it. */
  readonly name: string;
  /** Rejects where this machine cannot run it, which costs only speed. */
  readonly load: () => Promise<Curve>;
}

export interface CurveChoice {
  readonly curve: Curve;
  /** One sentence for the start-up log, on every accelerator that was tried. */
  readonly reason: string;
}

/** Tries them in order. */
export async function chooseCurve(accelerators: readonly Accelerator[]): Promise<CurveChoice> {
  const reasons: string[] = [];
  for (const accelerator of accelerators) {
    const { curve, reason } = await tryCurve(accelerator);
    reasons.push(reason);
    if (curve !== undefined) return { curve, reason: reasons.join('; ') };
  }
  return { curve: nobleCurve, reason: reasons.join('; ') };
}

interface Trial {
  /** Missing where it must not sign. */
  readonly curve?: Curve;
  readonly reason: string;
}

async function tryCurve({ name, load }: Accelerator): Promise<Trial> {
  let curve: Curve;
  try {
    curve = await load();
  } catch (error) {
    return { reason: `\`${name}\` did not load: ${firstLine(error)}` };
  }
  const names = `\`${name}\` and \`${nobleCurve.name}\``;
  const difference = firstDifference(curve, nobleCurve);
  return difference === undefined
    ? { curve, reason: `${names} agree` }
    : { reason: `${names} differ in \`${difference}\`` };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1).join('');
}

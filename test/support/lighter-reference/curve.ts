/**
 * ecGFp5 on its plain curve y² = x³ + 2x² + 263 z x, by chords and tangents in affine coordinates.
 *
 * The group's elements are the points that are no doubles; the neutral one is N = (0, 0), and the sum
 * of P and Q is the point P + Q + N. This shares no formula with the kernel.
 */
import * as f from './quintic-extension.ts';

/** A point of the curve; `undefined` is the one at infinity. */
type Point = { readonly x: f.Element; readonly y: f.Element } | undefined;
export type GroupElement = NonNullable<Point>;

export const ORDER =
  0x7ffffffd800000077ffffff1000000167fffffe6cfb80639e8885c39d724a09ce80fd996948bffe1n;

const A = f.element([2n]);
const B = f.element([0n, 263n]);

const neutral: GroupElement = { x: f.zero, y: f.zero };

function chord(p: Point, q: Point): Point {
  if (p === undefined) return q;
  if (q === undefined) return p;
  let slope: f.Element;
  if (f.equal(p.x, q.x)) {
    if (f.equal(p.y, f.negate(q.y))) return undefined;
    const slopeOfCurve = f.add(f.add(f.scale(f.multiply(p.x, p.x), 3n), f.scale(p.x, 4n)), B);
    slope = f.multiply(slopeOfCurve, f.inverse(f.scale(p.y, 2n)));
  } else {
    slope = f.multiply(f.subtract(q.y, p.y), f.inverse(f.subtract(q.x, p.x)));
  }
  const x = f.subtract(f.subtract(f.multiply(slope, slope), A), f.add(p.x, q.x));
  return { x, y: f.subtract(f.multiply(slope, f.subtract(p.x, x)), p.y) };
}

export function add(p: GroupElement, q: GroupElement): GroupElement {
  const sum = chord(chord(p, q), neutral);
  if (sum === undefined) throw new Error('the sum of two elements is never at infinity');
  return sum;
}

export function multiply(p: GroupElement, scalar: bigint): GroupElement {
  let result = neutral;
  let doubled = p;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

/** w = y / x, and 0 of the neutral element. */
export function encode(p: GroupElement): f.Element {
  return f.multiply(p.y, f.inverse(p.x));
}

/** From y = w x: x² − (w² − 2) x + b = 0, of whose roots the non-square one is no double's. */
export function decode(w: f.Element): GroupElement | undefined {
  if (f.equal(w, f.zero)) return neutral;
  const e = f.subtract(f.multiply(w, w), A);
  const root = f.squareRoot(f.subtract(f.multiply(e, e), f.scale(B, 4n)));
  if (root === undefined) return undefined;
  const half = f.inverse(f.element([2n]));
  const candidates = [f.add(e, root), f.subtract(e, root)].map((twice) => f.multiply(twice, half));
  const x = candidates.find((candidate) => !f.isSquare(candidate));
  return x === undefined ? undefined : { x, y: f.multiply(w, x) };
}

/** The element with w = 4. */
const generator = present(decode(f.element([4n])));

/** Powers 2^i · G, so that a multiple of the generator costs additions only. */
const doublings: GroupElement[] = [];

export function multiplyGenerator(scalar: bigint): GroupElement {
  let result = neutral;
  for (let i = 0; scalar >> BigInt(i) > 0n; i += 1) {
    const last = doublings[i - 1];
    const doubling = (doublings[i] ??= last === undefined ? generator : add(last, last));
    if (((scalar >> BigInt(i)) & 1n) === 1n) result = add(result, doubling);
  }
  return result;
}

function present(element: GroupElement | undefined): GroupElement {
  if (element === undefined) throw new Error('w = 4 encodes the generator');
  return element;
}

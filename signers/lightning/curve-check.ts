/**
 * The start-up comparison of two curves: every operation, on ordinary and on extreme inputs.
 *
 * The extremes are where libraries part: digests and scalars 0, n − 1, n and 2^256 − 1, sums that
 * cancel, points off the curve or not compressed, signatures with high S, wrong lengths.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { hexToBytes } from '@noble/hashes/utils.js';

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { toHex } from '../../src/base/hex.ts';
import type { Curve } from './curve.ts';
import { multiplyScalars } from './scalar.ts';

interface Probe {
  readonly operation: keyof Curve;
  readonly run: (curve: Curve) => Uint8Array | boolean;
}

/** Name of the first operation in which `candidate` differs from `reference`, refusals included. */
export function firstDifference(candidate: Curve, reference: Curve): keyof Curve | undefined {
  const differing = probes(reference).find(
    ({ run }) => answer(run, candidate) !== answer(run, reference),
  );
  return differing?.operation;
}

function answer(run: Probe['run'], curve: Curve): string {
  try {
    const result = run(curve);
    return typeof result === 'boolean' ? String(result) : toHex(result);
  } catch {
    return 'refused';
  }
}

const zero = new Uint8Array(32);
const one = hexToBytes('01'.padStart(64, '0'));
const order = hexToBytes('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
const minusOne = hexToBytes('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140');
const allOnes = new Uint8Array(32).fill(0xff);
const ordinary = sha256(utf8('countersign curve check 1'));
const another = sha256(utf8('countersign curve check 2'));
const short = ordinary.subarray(1);

const scalars = [zero, one, minusOne, order, allOnes, ordinary, another, short];

function probes(reference: Curve): readonly Probe[] {
  return [...scalarProbes(), ...pointProbes(reference), ...verifyProbes(reference)];
}

function scalarProbes(): readonly Probe[] {
  return scalars.flatMap((key): readonly Probe[] => [
    { operation: 'publicKey', run: (curve) => curve.publicKey(key) },
    ...scalars.flatMap((other): readonly Probe[] => [
      { operation: 'sign', run: (curve) => curve.sign(other, key) },
      {
        operation: 'signRecoverable',
        run: (curve) => {
          const { signature, recoveryId } = curve.signRecoverable(other, key);
          return concatBytes(signature, Uint8Array.of(recoveryId));
        },
      },
      { operation: 'addToPrivateKey', run: (curve) => curve.addToPrivateKey(key, other) },
    ]),
  ]);
}

function pointProbes(reference: Curve): readonly Probe[] {
  const generator = reference.publicKey(one);
  const points = [
    generator,
    reference.publicKey(minusOne),
    reference.publicKey(ordinary),
    concatBytes(Uint8Array.of(2), zero),
    concatBytes(Uint8Array.of(3), allOnes),
    concatBytes(Uint8Array.of(4), ordinary),
    concatBytes(generator, zero),
    generator.subarray(1),
  ];
  return points.flatMap((point): readonly Probe[] => [
    { operation: 'isPoint', run: (curve) => curve.isPoint(point) },
    ...scalars.map((scalar): Probe => ({
      operation: 'multiplyPoint',
      run: (curve) => curve.multiplyPoint(point, scalar),
    })),
  ]);
}

function verifyProbes(reference: Curve): readonly Probe[] {
  const publicKey = reference.publicKey(ordinary);
  const signature = reference.sign(another, ordinary);
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const signatures = [
    signature,
    concatBytes(r, multiplyScalars(s, minusOne)),
    concatBytes(zero, s),
    concatBytes(r, zero),
    concatBytes(order, s),
    concatBytes(r, order),
    r,
  ];
  return signatures.flatMap((candidate) =>
    [another, ordinary, short].flatMap((digest) =>
      [publicKey, publicKey.subarray(1)].map((key): Probe => ({
        operation: 'verify',
        run: (curve) => curve.verify(candidate, digest, key),
      })),
    ),
  );
}

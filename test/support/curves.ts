/**
 * The curves under test, each loaded for itself. Where the native one has no binary for the machine, its tests
 * say that they did not run; under `REQUIRE_ALL=1` they fail instead.
 */
import process from 'node:process';

import { describe, test } from '@jest/globals';

import { type Curve, loadTinyCurve, nobleCurve } from '../../signers/lightning/index.ts';
import { loadNativeCurve } from '../../src/adapters/native-curve.ts';

const tinyCurve = await loadTinyCurve();
const native = await loadNativeCurve().then(
  (curve) => ({ curve }),
  (error: unknown) => ({ error }),
);

/** The same tests for the reference and for every accelerator. */
export function describeOnEachCurve(name: string, tests: (curve: Curve) => void): void {
  describeOn(nobleCurve, name, tests);
  describeOnEachAccelerator(name, tests);
}

export function describeOnEachAccelerator(name: string, tests: (curve: Curve) => void): void {
  describeOn(tinyCurve, name, tests);
  describeWithNativeCurve(`${name} on secp256k1`, tests);
}

export function describeWithNativeCurve(name: string, tests: (curve: Curve) => void): void {
  if ('curve' in native) {
    const { curve } = native;
    describe(name, () => {
      tests(curve);
    });
    return;
  }
  // eslint-disable-next-line n/no-process-env -- whoever starts the tests says what must be there
  const isRequired = process.env['REQUIRE_ALL'] === '1';
  const { error } = native;
  const [message = ''] = String(error).split('\n');
  describe(`${name}: NOT RUN, because \`secp256k1\` does not load`, () => {
    (isRequired ? test : test.skip)(message, () => {
      throw error;
    });
  });
}

function describeOn(curve: Curve, name: string, tests: (curve: Curve) => void): void {
  describe(`${name} on ${curve.name}`, () => {
    tests(curve);
  });
}

/** The curve of Lightning's keys: the fastest that this machine can run and that agrees with the reference. */
import { chooseCurve, type CurveChoice, loadTinyCurve } from '../../signers/lightning/index.ts';
import { loadNativeCurve } from '../adapters/native-curve.ts';

export function chooseFastestCurve(): Promise<CurveChoice> {
  return chooseCurve([
    { name: 'secp256k1', load: loadNativeCurve },
    { name: 'tiny-secp256k1', load: loadTinyCurve },
  ]);
}

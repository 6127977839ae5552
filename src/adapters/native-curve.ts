/**
 * The native library of secp256k1, loaded late: a machine for which the package has no binary signs
 * on another curve. Only its binding is loaded, never its main module, which would fall back to JavaScript.
 */
import { randomBytes } from 'node:crypto';

import { createNativeCurve, type Curve } from '../../signers/lightning/index.ts';

/** Throws where there is no binary for this machine. */
export async function loadNativeCurve(): Promise<Curve> {
  const { default: library } = await import('secp256k1/bindings.js');
  // Blinds computations with private keys against whoever watches the processor; results stay the same.
  library.contextRandomize(randomBytes(32));
  return createNativeCurve(library);
}

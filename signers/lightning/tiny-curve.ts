/**
 * The accelerator that runs everywhere: libsecp256k1 compiled to WebAssembly, from `tiny-secp256k1`.
 *
 * It is trusted only through `chooseCurve`, which compares it with the reference first. The library
 * zeroes its input buffers after each call; what the compiled code leaves on its own stack inside
 * the WebAssembly memory is beyond our reach.
 */
import type * as TinySecp256k1 from 'tiny-secp256k1';

import { assertLength, type Curve } from './curve.ts';

type TinyLibrary = Pick<
  typeof TinySecp256k1,
  | 'sign'
  | 'signRecoverable'
  | 'pointFromScalar'
  | 'pointMultiply'
  | 'privateAdd'
  | 'isPointCompressed'
  | 'verify'
>;

/** Throws where there is no WebAssembly. */
export async function loadTinyCurve(): Promise<Curve> {
  return createTinyCurve(await import('tiny-secp256k1'));
}

function createTinyCurve(tiny: TinyLibrary): Curve {
  return Object.freeze({
    name: 'tiny-secp256k1',
    sign: (digest, privateKey) => tiny.sign(digest, privateKey),
    signRecoverable: (digest, privateKey) => tiny.signRecoverable(digest, privateKey),
    publicKey: (privateKey) => present(tiny.pointFromScalar(privateKey, true)),
    multiplyPoint(point, scalar) {
      assertLength(point, 33, 'point');
      return present(tiny.pointMultiply(point, scalar, true));
    },
    addToPrivateKey: (privateKey, scalar) => present(tiny.privateAdd(privateKey, scalar)),
    isPoint: (bytes) => tiny.isPointCompressed(bytes),
    verify(signature, digest, publicKey) {
      if (digest.length !== 32 || !tiny.isPointCompressed(publicKey)) return false;
      try {
        return tiny.verify(digest, publicKey, signature, true);
      } catch {
        // The library throws where r or s is not below n; such a signature is not valid.
        return false;
      }
    },
  } satisfies Curve);
}

/** The library says `null` where the result is no key or point; for us that is a bug, as for noble. */
function present(result: Uint8Array | null): Uint8Array {
  if (result === null) throw new RangeError('result is not a key or point');
  return result;
}

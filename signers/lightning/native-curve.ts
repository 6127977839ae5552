/**
 * The fastest accelerator: libsecp256k1 as machine code, from `secp256k1`.
 *
 * It is trusted only through `chooseCurve`, which compares it with the reference first. The library
 * is handed in, because loading machine code is an effect. It looks at types and lengths before it
 * calls that code.
 */
import { assertLength, type Curve } from './curve.ts';
import { reducedScalar } from './scalar.ts';

/** What is used of `secp256k1` 5.0.2. It throws where an input is no key, point or scalar; `…Verify` answers. */
export interface NativeLibrary {
  /** `recid` is the recovery id of the low-S signature. */
  readonly ecdsaSign: (
    digest: Uint8Array,
    privateKey: Uint8Array,
  ) => { readonly signature: Uint8Array; readonly recid: number };
  /** False for a high S. */
  readonly ecdsaVerify: (
    signature: Uint8Array,
    digest: Uint8Array,
    publicKey: Uint8Array,
  ) => boolean;
  /** In constant time; the product's coordinates go to `xbuf` and `ybuf`, what `hashfn` returns to `output`. */
  readonly ecdh: (
    point: Uint8Array,
    scalar: Uint8Array,
    options: {
      readonly hashfn: () => Uint8Array;
      readonly xbuf: Uint8Array;
      readonly ybuf: Uint8Array;
    },
    output: Uint8Array,
  ) => Uint8Array;
  readonly privateKeyVerify: (privateKey: Uint8Array) => boolean;
  /** Adds to `privateKey` in place, and overwrites it with zeros where the sum is no key. */
  readonly privateKeyTweakAdd: (privateKey: Uint8Array, scalar: Uint8Array) => Uint8Array;
  readonly publicKeyCreate: (privateKey: Uint8Array, compressed: boolean) => Uint8Array;
  readonly publicKeyVerify: (publicKey: Uint8Array) => boolean;
}

export function createNativeCurve(library: NativeLibrary): Curve {
  function signRecoverable(
    digest: Uint8Array,
    privateKey: Uint8Array,
  ): ReturnType<Curve['signRecoverable']> {
    assertLength(digest, 32, 'digest');
    // RFC 6979 draws the nonce from the digest modulo n; this libsecp256k1 would take it as it is.
    const { signature, recid } = library.ecdsaSign(reducedScalar(digest), privateKey);
    return { signature, recoveryId: recid };
  }

  function isPoint(bytes: Uint8Array): boolean {
    return bytes.length === 33 && library.publicKeyVerify(bytes);
  }

  return Object.freeze({
    name: 'secp256k1',
    sign: (digest, privateKey) => signRecoverable(digest, privateKey).signature,
    signRecoverable,
    publicKey: (privateKey) => library.publicKeyCreate(privateKey, true),
    multiplyPoint(point, scalar) {
      assertLength(point, 33, 'point');
      // Not by `publicKeyTweakMul`: its time depends on the scalar, which here is a private key.
      const product = new Uint8Array(33);
      const y = new Uint8Array(32);
      const compress = (): Uint8Array => {
        product[0] = 2 + ((y[31] ?? 0) & 1);
        return product;
      };
      library.ecdh(
        point,
        scalar,
        { hashfn: compress, xbuf: product.subarray(1), ybuf: y },
        product,
      );
      y.fill(0);
      return product;
    },
    addToPrivateKey(privateKey, scalar) {
      assertLength(scalar, 32, 'scalar');
      // The addition itself would take a key of n for 0.
      if (!library.privateKeyVerify(privateKey)) {
        throw new RangeError('private key is not within 1 to n - 1');
      }
      return library.privateKeyTweakAdd(new Uint8Array(privateKey), scalar);
    },
    isPoint,
    verify(signature, digest, publicKey) {
      if (signature.length !== 64 || digest.length !== 32 || !isPoint(publicKey)) return false;
      try {
        return library.ecdsaVerify(signature, digest, publicKey);
      } catch {
        // The library throws where r or s is not below n; such a signature is not valid.
        return false;
      }
    },
  } satisfies Curve);
}

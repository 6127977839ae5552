/**
 * BLS signatures of the consensus layer: public keys of 48 bytes, signatures of 96, ciphersuite
 * `BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_`.
 *
 * Every call blocks its thread, a signature for about half a millisecond; a daemon signs in threads
 * of its own. This is the only file here that knows the native library, and it is loaded late: whoever
 * has no validator keys needs no binary of it.
 */
import type * as blst from '@chainsafe/blst';

import { fromHex, type Hex, isHexOf, toHex } from '../../src/base/hex.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';

export interface BlsProblem {
  readonly code: 'bls.library' | 'bls.secret-key';
  /** Never contains the key. */
  readonly message: string;
}

export interface BlsSigner {
  /** Takes 64 hex digits of either case, with or without `0x`, big endian. The caller disposes. */
  readonly parseSecretKey: (text: string) => Result<Secret, BlsProblem>;
  /** Fails where the bytes are no secret key: another length, zero, or not below the group order. */
  readonly publicKey: (secret: Secret) => Result<Hex, BlsProblem>;
  /** Signs 32 bytes. Throws where they are not 32, or the secret is no secret key. */
  readonly sign: (secret: Secret, signingRoot: Hex) => Hex;
  /** `false` also where key or signature is no point of its group, or the key the point at infinity. */
  readonly verify: (signed: SignedRoot) => boolean;
}

export interface SignedRoot {
  readonly publicKey: Hex;
  readonly signingRoot: Hex;
  readonly signature: Hex;
}

type Library = Pick<typeof blst, 'PublicKey' | 'SecretKey' | 'Signature' | 'verify'>;

/** Fails where the package ships no binary for this machine. */
export async function loadBlsSigner(
  load: () => Promise<Library> = () => import('@chainsafe/blst'),
): Promise<Result<BlsSigner, BlsProblem>> {
  try {
    return ok(createBlsSigner(await load()));
  } catch {
    return err({
      code: 'bls.library',
      message:
        'cannot load `@chainsafe/blst`; install with optional dependencies on a platform that it ships a binary for, such as linux-x64 with glibc',
    });
  }
}

const KEY_SIZE = 32;
const ROOT_SIZE = 32;

function createBlsSigner(library: Library): BlsSigner {
  function open(secret: Secret): blst.SecretKey | undefined {
    return attempt(() => secret.reveal((bytes) => library.SecretKey.fromBytes(bytes)));
  }

  function publicKey(secret: Secret): Result<Hex, BlsProblem> {
    const key = secret.length === KEY_SIZE ? open(secret) : undefined;
    if (key !== undefined) return ok(toHex(key.toPublicKey().toBytes()));
    return refuse('secret key is zero or not below the group order; it is no key of a validator');
  }

  return Object.freeze<BlsSigner>({
    parseSecretKey(text) {
      const digits = text.replace(/^0x/i, '').toLowerCase();
      if (!isHexOf(KEY_SIZE, digits)) return refuse('secret key is not 64 hex digits');
      const secret = new Secret(fromHex(digits));
      const known = publicKey(secret);
      if (known.ok) return ok(secret);
      secret[Symbol.dispose]();
      return known;
    },
    publicKey,
    sign(secret, signingRoot) {
      if (!isHexOf(ROOT_SIZE, signingRoot)) throw new Error('a signing root has 32 bytes');
      const key = open(secret);
      if (key === undefined) throw new Error('the secret is no secret key');
      return toHex(key.sign(fromHex(signingRoot)).toBytes());
    },
    verify({ publicKey: point, signingRoot, signature }) {
      const key = attempt(() => library.PublicKey.fromBytes(fromHex(point), true));
      const signed = attempt(() => library.Signature.fromBytes(fromHex(signature), true));
      if (key === undefined || signed === undefined) return false;
      return library.verify(fromHex(signingRoot), key, signed);
    },
  });
}

/** The library throws on bytes that are none of what they should be. */
function attempt<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function refuse(message: string): Result<never, BlsProblem> {
  return err({ code: 'bls.secret-key', message });
}

/**
 * Lightspark's own cryptography, as its published SDK ships it: the yardstick for every value that
 * the daemon derives or signs. Curve arithmetic it does not offer comes from `@noble/curves`, which
 * the daemon does not sign with.
 */
import { createRequire } from 'node:module';

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';

import { concatBytes } from '../base/bytes.ts';
import { fromHex, type Hex, isHex, isHexOf, toHex } from '../base/hex.ts';

export interface Tweaks {
  readonly mul?: Hex;
  readonly add?: Hex;
}

export interface OfficialSigner {
  readonly publicKey: (path: string) => Hex;
  /** Signs a 32-byte digest. */
  readonly sign: (path: string, digest: Hex, tweaks: Tweaks) => Hex;
  readonly sharedSecret: (peerPublicKey: Hex) => Hex;
  readonly invoiceSignature: (payreqHash: Hex) => {
    readonly signature: Hex;
    readonly recoveryId: bigint;
  };
  readonly commitmentPoint: (channelPath: string, index: bigint) => Hex;
  readonly commitmentSecret: (channelPath: string, index: bigint) => Hex;
  readonly preimage: (nonce: Hex) => Hex;
  readonly paymentHash: (nonce: Hex) => Hex;
}

/** The exports of `@lightsparkdev/crypto-wasm` 0.1.26 that are used here. */
interface CryptoWasm {
  readonly Network: { readonly Bitcoin: number };
  readonly LightsparkSigner: {
    readonly from_bytes: (
      seed: Uint8Array,
      network: number,
    ) => {
      readonly derive_public_key_hex: (path: string) => string;
      readonly derive_key_and_sign: (
        message: Uint8Array,
        path: string,
        isRaw: boolean,
        ...tweaks: readonly (Uint8Array | undefined)[]
      ) => Uint8Array;
      readonly ecdh: (peerPublicKey: Uint8Array) => Uint8Array;
      readonly sign_invoice_hash_wasm: (hash: Uint8Array) => {
        readonly get_signature: () => Uint8Array;
        readonly get_recovery_id: () => number;
      };
      readonly get_per_commitment_point: (path: string, index: bigint) => Uint8Array;
      readonly release_per_commitment_secret: (path: string, index: bigint) => Uint8Array;
      readonly generate_preimage: (nonce: Uint8Array) => Uint8Array;
      readonly generate_preimage_hash: (nonce: Uint8Array) => Uint8Array;
    };
  };
}

/** The package is CommonJS behind an ES module's name, so it can only be required. */
function loadCryptoWasm(): CryptoWasm {
  const sdk = createRequire(import.meta.url).resolve('@lightsparkdev/lightspark-sdk');
  // SAFETY: the version is pinned, and the interface above describes the part of it that is used.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return createRequire(sdk)('@lightsparkdev/crypto-wasm') as CryptoWasm;
}

export function createOfficialSigner(seed: Uint8Array): OfficialSigner {
  const { LightsparkSigner, Network } = loadCryptoWasm();
  const signer = LightsparkSigner.from_bytes(seed, Network.Bitcoin);
  return Object.freeze({
    publicKey: (path: string) => hexOf(signer.derive_public_key_hex(path)),
    sign: (path: string, digest: Hex, { add, mul }: Tweaks) =>
      toHex(
        signer.derive_key_and_sign(
          fromHex(digest),
          path,
          true,
          add && fromHex(add),
          mul && fromHex(mul),
        ),
      ),
    sharedSecret: (peer: Hex) => toHex(signer.ecdh(fromHex(peer))),
    invoiceSignature(payreqHash: Hex) {
      const signed = signer.sign_invoice_hash_wasm(fromHex(payreqHash));
      return {
        signature: toHex(signed.get_signature()),
        recoveryId: BigInt(signed.get_recovery_id()),
      };
    },
    commitmentPoint: (path: string, index: bigint) =>
      toHex(signer.get_per_commitment_point(path, index)),
    commitmentSecret: (path: string, index: bigint) =>
      toHex(signer.release_per_commitment_secret(path, index)),
    preimage: (nonce: Hex) => toHex(signer.generate_preimage(fromHex(nonce))),
    paymentHash: (nonce: Hex) => toHex(signer.generate_preimage_hash(fromHex(nonce))),
  });
}

/** Whether a compact signature holds for a digest under a compressed key. */
export function isSignatureOf(signature: Hex, digest: Hex, publicKey: Hex): boolean {
  if (!isHexOf(64, signature)) return false;
  return secp256k1.verify(fromHex(signature), fromHex(digest), fromHex(publicKey), {
    prehash: false,
  });
}

export function publicKeyOf(privateKey: Hex): Hex {
  return toHex(secp256k1.getPublicKey(fromHex(privateKey)));
}

/** Public key of a private key that was multiplied, then added to. */
export function tweakedPublicKey(publicKey: Hex, { mul, add }: Tweaks): Hex {
  const { Point } = secp256k1;
  let point = Point.fromHex(publicKey);
  if (mul !== undefined) point = point.multiply(BigInt(`0x${mul}`));
  if (add !== undefined) point = point.add(Point.BASE.multiply(BigInt(`0x${add}`)));
  return toHex(point.toBytes());
}

/** The tweak of a basepoint for one commitment (BOLT 3, Key Derivation). */
export function commitmentTweak(point: Hex, basepoint: Hex): Hex {
  return toHex(sha256(concatBytes(fromHex(point), fromHex(basepoint))));
}

/** The tweaks that revoke a commitment whose secret is known (BOLT 3, Revocation Key Derivation). */
export function revocationTweaks(revocationBasepoint: Hex, secret: Hex): Required<Tweaks> {
  const point = publicKeyOf(secret);
  const { n } = secp256k1.Point.CURVE();
  const weight = BigInt(`0x${commitmentTweak(point, revocationBasepoint)}`);
  const add = (BigInt(`0x${secret}`) * weight) % n;
  return {
    mul: commitmentTweak(revocationBasepoint, point),
    add: hexOf(add.toString(16).padStart(64, '0')),
  };
}

function hexOf(text: string): Hex {
  if (!isHex(text)) throw new Error('the official library answered without hex');
  return text;
}

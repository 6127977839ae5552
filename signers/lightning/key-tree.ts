/**
 * The BIP32 key tree of one seed: private derivation of canonical paths, each level computed once.
 *
 * BIP32, Child key derivation functions:
 *   normal    I = HMAC-SHA512(c_par, ser_P(point(k_par)) ‖ ser_32(i))
 *   hardened  I = HMAC-SHA512(c_par, 0x00 ‖ ser_256(k_par) ‖ ser_32(i))
 *   k_i = I_L + k_par mod n,  c_i = I_R
 * Written here over `Curve` and not taken from `@scure/bip32`, whose nodes compute a public key at
 * every level by themselves, keep copies that cannot be overwritten, and turn into an `xprv` when
 * serialised. The library still writes the extended public key.
 *
 * What is promised: keys and chain codes that leave the cache are overwritten, and so is everything
 * else on dispose. What is not: copies that the collector moved, the hash library's or the engine's
 * temporaries, and `bigint`s of the reference curve live until their memory is used again.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { HARDENED_OFFSET, HDKey } from '@scure/bip32';

import { utf8 } from '../../src/base/bytes.ts';
import { createRecentlyUsed } from '../../src/base/recently-used.ts';
import type { Secret } from '../../src/base/secret.ts';
import type { Curve } from './curve.ts';
import { parsePath } from './path.ts';
import { isNonZeroScalar } from './scalar.ts';

interface KeyTree extends Disposable {
  /** Lent to the caller until its next call of the tree: neither kept nor changed. */
  readonly privateKey: (path: string) => Uint8Array;
  /** Compressed, 33 bytes. */
  readonly publicKey: (path: string) => Uint8Array;
  /** Serialised extended public key of `m`; `version` is the network's four-byte prefix. */
  readonly masterExtendedPublicKey: (version: number) => string;
}

interface KeyNode {
  readonly privateKey: Uint8Array;
  readonly chainCode: Uint8Array;
  publicKey?: Uint8Array;
}

/** Keys kept: some 700 channels with all their keys, in about 4 MiB. */
const CAPACITY = 4096;

/** Reads the seed once; the seed may be disposed of afterwards. Throws on a seed BIP32 rules out. */
export function createKeyTree(seed: Secret, curve: Curve, capacity = CAPACITY): KeyTree {
  const root = masterNode(seed);
  const nodes = createRecentlyUsed(capacity, wipe);

  function nodeOf(path: string): KeyNode {
    if (path === 'm') return root;
    const cached = nodes.get(path);
    if (cached !== undefined) return cached;
    assertCanonical(path);
    const slash = path.lastIndexOf('/');
    const parent = nodeOf(path.slice(0, slash));
    const node = deriveChild(curve, parent, childIndex(path.slice(slash + 1)));
    nodes.set(path, node);
    return node;
  }

  return Object.freeze({
    privateKey: (path) => nodeOf(path).privateKey,
    publicKey: (path) => publicKeyOf(curve, nodeOf(path)),
    masterExtendedPublicKey(version) {
      const { chainCode } = root;
      const versions = { public: version, private: 0 };
      return new HDKey({ versions, chainCode, publicKey: publicKeyOf(curve, root) })
        .publicExtendedKey;
    },
    [Symbol.dispose]() {
      nodes.clear();
      wipe(root);
    },
  } satisfies KeyTree);
}

/** BIP32, Master key generation. */
function masterNode(seed: Secret): KeyNode {
  if (seed.length < 16 || seed.length > 64) {
    throw new RangeError(
      `seed must have 16 to 64 bytes, not ${String(seed.length)}; check the configured hex`,
    );
  }
  const digest = seed.reveal((bytes) => hmac(sha512, utf8('Bitcoin seed'), bytes));
  if (!isNonZeroScalar(digest.subarray(0, 32))) {
    throw new RangeError('seed gives no valid master key; generate another');
  }
  return nodeOfDigest(digest, (left) => left.slice());
}

/** Throws for the one index in 2^127 that has no key; BIP32 leaves such an index unused. */
function deriveChild(curve: Curve, parent: KeyNode, index: number): KeyNode {
  const data = new Uint8Array(37);
  if (index >= HARDENED_OFFSET) data.set(parent.privateKey, 1);
  else data.set(publicKeyOf(curve, parent));
  new DataView(data.buffer).setUint32(33, index);
  const digest = hmac(sha512, parent.chainCode, data);
  data.fill(0);
  return nodeOfDigest(digest, (left) => curve.addToPrivateKey(parent.privateKey, left));
}

function nodeOfDigest(digest: Uint8Array, keyOf: (left: Uint8Array) => Uint8Array): KeyNode {
  const node = { privateKey: keyOf(digest.subarray(0, 32)), chainCode: digest.slice(32) };
  digest.fill(0);
  return node;
}

function publicKeyOf(curve: Curve, node: KeyNode): Uint8Array {
  return (node.publicKey ??= curve.publicKey(node.privateKey));
}

function childIndex(component: string): number {
  return component.endsWith("'")
    ? HARDENED_OFFSET + Number(component.slice(0, -1))
    : Number(component);
}

function assertCanonical(path: string): void {
  const parsed = parsePath(path);
  if (!parsed.ok || parsed.value.text !== path) {
    throw new Error('derivation path is not canonical; pass the text that `parsePath` gives');
  }
}

function wipe(node: KeyNode): void {
  node.privateKey.fill(0);
  node.chainCode.fill(0);
}

/** The keys of one Lightning seed, ready to sign. */
import { sha256 } from '@noble/hashes/sha2.js';

import { fromHex, toHex } from '../../src/base/hex.ts';
import { createRecentlyUsed } from '../../src/base/recently-used.ts';
import type { Secret } from '../../src/base/secret.ts';
import type { Curve } from './curve.ts';
import { sharedSecretOf } from './ecdh.ts';
import { createKeyTree } from './key-tree.ts';
import { tweakPrivateKey } from './key-tweaks.ts';
import type { BitcoinNetwork, KeyTweaks, LightningKeys } from './lightning-keys.ts';
import { parsePath } from './path.ts';
import { type CommitmentSecrets, createCommitmentSecrets } from './per-commitment.ts';
import { createPreimages } from './preimages.ts';

/** BIP32 version bytes of extended public keys; all test networks share one prefix. */
const EXTENDED_PUBLIC_KEY_VERSION: Readonly<Record<BitcoinNetwork, number>> = {
  MAINNET: 0x0488b21e,
  TESTNET: 0x043587cf,
  REGTEST: 0x043587cf,
  SIGNET: 0x043587cf,
};

const IDENTITY = 'm/0';
const PREIMAGE_BASE = "m/4'";

/**
 * Keys that answer for other purposes and never sign a message of the sender's choice: an ECDSA
 * oracle on them could forge invoices or API operations.
 */
const NEVER_SIGN: ReadonlySet<string> = new Set(['m', IDENTITY, PREIMAGE_BASE, 'm/5']);

const CHANNELS_CACHED = 1024;
const POINTS_CACHED = 4096;

/**
 * Reads the seed once and throws where BIP32 rules it out (16 to 64 bytes).
 *
 * Disposing of the seed afterwards does not touch what was derived; disposing of the keys overwrites
 * it and makes every further call throw. key-tree.ts says what overwriting cannot reach.
 */
export function createLightningKeys(seed: Secret, curve: Curve): LightningKeys & Disposable {
  const tree = createKeyTree(seed, curve);
  const preimages = createPreimages(tree.privateKey(PREIMAGE_BASE));
  const channels = createRecentlyUsed<CommitmentSecrets>(CHANNELS_CACHED, (secrets) => {
    secrets[Symbol.dispose]();
  });
  const points = createRecentlyUsed<Uint8Array>(POINTS_CACHED, () => undefined);
  let disposed = false;

  function alive<Part>(part: Part): Part {
    if (disposed) throw new Error('keys were disposed of; load the seed again');
    return part;
  }

  function withKey<T>(path: string, tweaks: KeyTweaks | undefined, use: (key: Uint8Array) => T): T {
    const key = alive(tree).privateKey(path);
    if (tweaks === undefined) return use(key);
    const tweaked = tweakPrivateKey(curve, key, tweaks);
    try {
      return use(tweaked);
    } finally {
      tweaked.fill(0);
    }
  }

  function secretsOf(channelPath: string): CommitmentSecrets {
    const cached = alive(channels).get(channelPath);
    if (cached !== undefined) return cached;
    assertChannelPath(channelPath);
    const secrets = createCommitmentSecrets(tree.privateKey(channelPath));
    channels.set(channelPath, secrets);
    return secrets;
  }

  /** Points are asked for again and again: by every HTLC of a commitment, by every retransmission. */
  function remembered(name: string, pointOf: () => Uint8Array): Uint8Array {
    const cached = alive(points).get(name);
    if (cached !== undefined) return cached.slice();
    const point = pointOf();
    points.set(name, point);
    return point.slice();
  }

  function preimage(nonce: Uint8Array): Uint8Array {
    return alive(preimages).preimageOf(nonce);
  }

  return Object.freeze({
    masterExtendedPublicKey: (network) =>
      alive(tree).masterExtendedPublicKey(EXTENDED_PUBLIC_KEY_VERSION[network]),
    publicKey: (path, tweaks) =>
      tweaks === undefined
        ? alive(tree).publicKey(path).slice()
        : remembered(nameOf(path, tweaks), () => withKey(path, tweaks, curve.publicKey)),
    sign(path, digest, tweaks) {
      if (NEVER_SIGN.has(path)) {
        throw new Error(`key at \`${path}\` never signs messages; refuse the job`);
      }
      return withKey(path, tweaks, (key) => curve.sign(digest, key));
    },
    sharedSecret: (peer) => withKey(IDENTITY, undefined, (key) => sharedSecretOf(curve, key, peer)),
    signInvoice: (hash) => withKey(IDENTITY, undefined, (key) => curve.signRecoverable(hash, key)),
    perCommitmentSecret: (channelPath, index) => secretsOf(channelPath).at(index),
    perCommitmentPoint: (channelPath, index) =>
      remembered(`${channelPath}#${String(index)}`, () => {
        const secret = secretsOf(channelPath).at(index);
        const point = curve.publicKey(secret);
        secret.fill(0);
        return point;
      }),
    invoiceNonce: (invoiceId) => alive(preimages).nonceOf(invoiceId),
    preimage,
    paymentHash: (nonce) => sha256(preimage(nonce)),
    sealPreimage: (invoiceId, imported) => toHex(alive(preimages).seal(invoiceId, imported)),
    openPreimage: (invoiceId, sealed) => alive(preimages).open(invoiceId, fromHex(sealed)),
    [Symbol.dispose]() {
      disposed = true;
      points.clear();
      channels.clear();
      preimages[Symbol.dispose]();
      tree[Symbol.dispose]();
    },
  } satisfies LightningKeys & Disposable);
}

function nameOf(path: string, { mul, add }: KeyTweaks): string {
  return `${path}*${mul === undefined ? '' : toHex(mul)}+${add === undefined ? '' : toHex(add)}`;
}

function assertChannelPath(path: string): void {
  const parsed = parsePath(path);
  if (!parsed.ok || parsed.value.use.kind !== 'channel') {
    throw new Error('per-commitment secrets belong to a channel path such as `m/3/7`');
  }
}

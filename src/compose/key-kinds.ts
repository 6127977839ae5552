/** Every kind of key that some world uses; a new kind is one entry. */
import { sha256 } from '@noble/hashes/sha2.js';

import { createLightningKeys, nobleCurve } from '../../signers/lightning/index.ts';
import { utf8 } from '../base/bytes.ts';
import { type Hex, toHex } from '../base/hex.ts';
import type { Secret } from '../base/secret.ts';
import type { Config } from '../config.ts';
import type { EnvironmentKey, KeyKind } from '../core/key-storage.ts';

/** Ids under which worlds look for their keys. */
export const KEY_IDS = { main: 'lightspark/main', test: 'lightspark/test' } as const;

/** Official tools make 64-byte seeds; BIP32 takes 16 to 64. */
const SEED_SIZE = { least: 16, most: 64, generated: 64 } as const;

export const keyKinds: readonly [KeyKind, ...KeyKind[]] = [
  {
    kind: 'lightning-seed',
    about: 'master seed of a Lightning node',
    defaultId: KEY_IDS.main,
    size: SEED_SIZE,
    fingerprint: seedFingerprint,
  },
  {
    kind: 'lightning-test-seed',
    about: 'worthless seed that answers test events',
    defaultId: KEY_IDS.test,
    size: SEED_SIZE,
    fingerprint: seedFingerprint,
  },
];

/** SHA-256 of the master extended public key, which is public to the node's operator anyway. */
function seedFingerprint(seed: Secret): Hex {
  using keys = createLightningKeys(seed, nobleCurve);
  return toHex(sha256(utf8(keys.masterExtendedPublicKey('MAINNET'))));
}

/** Seeds that came with the environment. */
export function environmentKeys({ lightspark }: Config): readonly EnvironmentKey[] {
  const { masterSeed, testSeed } = lightspark;
  return [
    ...(masterSeed === undefined
      ? []
      : [{ id: KEY_IDS.main, kind: 'lightning-seed', secret: masterSeed }]),
    ...(testSeed === undefined
      ? []
      : [{ id: KEY_IDS.test, kind: 'lightning-test-seed', secret: testSeed }]),
  ];
}

/** Every kind of key that some world uses; a new kind is one entry. */
import { sha256 } from '@noble/hashes/sha2.js';

import {
  isWalletKey,
  WALLET_KEY_SIZE,
  walletAddress,
} from '../../signers/ethereum-wallet/index.ts';
import { createLighterKernel, type LighterKernel } from '../../signers/lighter/index.ts';
import { createLightningKeys, nobleCurve } from '../../signers/lightning/index.ts';
import { slotOfKey } from '../adapters/lighter/slot.ts';
import { utf8 } from '../base/bytes.ts';
import { type Hex, toHex } from '../base/hex.ts';
import type { Secret } from '../base/secret.ts';
import type { Config } from '../config.ts';
import type { EnvironmentKey, KeyKind } from '../core/key-storage.ts';

/** Ids under which worlds look for their keys. */
export const KEY_IDS = { main: 'lightspark/main', test: 'lightspark/test' } as const;

/** An API key never signs for a wallet, nor a wallet for an API key: each is found by its kind only. */
export const LIGHTER_API_KEY = 'lighter-api-key';
export const ETHEREUM_WALLET = 'ethereum-wallet';

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
  {
    kind: LIGHTER_API_KEY,
    about: 'API key in one slot of a Lighter account',
    // No id by itself: the operator has to say which slot.
    defaultId: 'lighter/<chain>/<account>/<slot>',
    size: exactly(40),
    isId: (id) => slotOfKey(id) !== undefined,
    isKey: (key) => lighterKernel().isPrivateKey(key),
    fingerprint: (key) => toHex(lighterKernel().publicKey(key)),
  },
  {
    kind: ETHEREUM_WALLET,
    about: 'wallet that owns accounts and countersigns for them',
    defaultId: 'wallet/<address>',
    size: exactly(WALLET_KEY_SIZE),
    isKey: isWalletKey,
    fingerprint: walletAddress,
    idFor: (address) => `wallet/${address}`,
  },
];

function exactly(length: number): KeyKind['size'] {
  return { least: length, most: length, generated: length };
}

let kernel: LighterKernel | undefined;

/** Made when first needed: it takes some ten milliseconds, and most commands never meet such a key. */
export function lighterKernel(): LighterKernel {
  kernel ??= createLighterKernel();
  return kernel;
}

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

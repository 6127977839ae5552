/** The official library, as an oracle: its own API, and the same in the words of our contract. */
import { createRequire } from 'node:module';

import type * as CryptoWasm from '@lightsparkdev/crypto-wasm';

import { fromHex, isHex } from '../../src/base/hex.ts';
import type { BitcoinNetwork, KeyTweaks, LightningKeys } from '../../signers/lightning/index.ts';

// SAFETY: the package is CommonJS inside an ES module package, so it can only be required; its own
// declarations type it.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
export const cryptoWasm = createRequire(import.meta.url)(
  '@lightsparkdev/crypto-wasm',
) as typeof CryptoWasm;

const { LightsparkSigner, Network } = cryptoWasm;

/** Public keys and signatures with tweaks, and our own nonces and seals, have no counterpart. */
export type OfficialKeys = Omit<
  LightningKeys,
  'publicKey' | 'invoiceNonce' | 'sealPreimage' | 'openPreimage'
> & {
  readonly publicKey: (path: string) => Uint8Array;
  readonly privateKey: (path: string) => Uint8Array;
};

/** Keys of a seed as crypto-wasm 0.1.26 computes them. It takes any path and index text we refuse. */
export function createOfficialKeys(seed: Uint8Array): OfficialKeys {
  const signer = LightsparkSigner.from_bytes(seed, Network.Bitcoin);
  return {
    masterExtendedPublicKey: (network) =>
      LightsparkSigner.from_bytes(seed, networks[network]).get_master_public_key(),
    publicKey: (path) => bytesOf(signer.derive_public_key_hex(path)),
    privateKey: (path) => bytesOf(signer.derive_private_key(path)),
    sign: (path, digest, tweaks: KeyTweaks = {}) =>
      signer.derive_key_and_sign(digest, path, true, tweaks.add, tweaks.mul),
    sharedSecret: (peerPublicKey) => signer.ecdh(peerPublicKey),
    signInvoice(payreqHash) {
      const signed = signer.sign_invoice_hash_wasm(payreqHash);
      return { signature: signed.get_signature(), recoveryId: signed.get_recovery_id() };
    },
    perCommitmentSecret: (path, index) => signer.release_per_commitment_secret(path, index),
    perCommitmentPoint: (path, index) => signer.get_per_commitment_point(path, index),
    preimage: (nonce) => signer.generate_preimage(nonce),
    paymentHash: (nonce) => signer.generate_preimage_hash(nonce),
  };
}

const networks: Readonly<Record<BitcoinNetwork, CryptoWasm.Network>> = {
  MAINNET: Network.Bitcoin,
  TESTNET: Network.Testnet,
  REGTEST: Network.Regtest,
  // The published library has no signet; its keys and prefixes are testnet's.
  SIGNET: Network.Testnet,
};

function bytesOf(text: string): Uint8Array {
  if (!isHex(text)) throw new Error('crypto-wasm answered without hex');
  return fromHex(text);
}

/** Golden values of Lightspark remote signing; test/vectors/SOURCE.md tells their origin. */
import { readFileSync } from 'node:fs';

import type { Hex } from '../../src/base/hex.ts';
import type { BitcoinNetwork } from '../../signers/lightning/lightning-keys.ts';

/** A signing job exactly as it stands in an event. */
export interface SigningJobVector {
  readonly id: string;
  readonly derivation_path: string;
  readonly message: Hex;
  readonly add_tweak: Hex | null;
  readonly mul_tweak: Hex | null;
  readonly is_raw: boolean;
  readonly script: Hex;
  readonly transaction: Hex;
  readonly amount: number;
}

export interface LightsparkVectors {
  readonly webhook_signature: readonly {
    readonly secret: string;
    readonly body: string;
    readonly signature_hex: Hex;
  }[];
  readonly bip32_root: readonly {
    readonly seed: Hex;
    readonly network: BitcoinNetwork;
    readonly master_xpub: string;
  }[];
  readonly derived_keys: readonly {
    readonly seed: Hex;
    readonly path: string;
    readonly private_key: Hex;
    readonly public_key: Hex;
    readonly xpub_mainnet: string;
  }[];
  readonly path_parsing: {
    readonly accepted_by_crypto_wasm: readonly { readonly path: string; readonly means: string }[];
    readonly rejected_by_crypto_wasm: readonly string[];
  };
  readonly ecdh: readonly {
    readonly seed: Hex;
    readonly network: BitcoinNetwork;
    readonly peer_public_key: Hex;
    readonly shared_secret: Hex;
  }[];
  readonly per_commitment: readonly {
    readonly seed: Hex;
    readonly derivation_path: string;
    readonly index: string;
    readonly commitment_number: string;
    readonly secret: Hex;
    readonly point: Hex;
  }[];
  readonly bolt3_generate_from_seed: readonly {
    readonly seed: Hex;
    readonly index: string;
    readonly output: Hex;
  }[];
  readonly sign_invoice_hash: readonly {
    readonly seed: Hex;
    readonly network: BitcoinNetwork;
    readonly payreq_hash: Hex;
    readonly signature: Hex;
    readonly recovery_id: number;
    readonly node_public_key: Hex;
  }[];
  readonly preimage: readonly {
    readonly seed: Hex;
    readonly nonce: Hex;
    readonly preimage: Hex;
    readonly payment_hash: Hex;
  }[];
  readonly derive_key_and_sign: readonly {
    readonly seed: Hex;
    readonly derivation_path: string;
    /** 32 bytes where `is_raw`, else a message to be hashed first. */
    readonly message: Hex;
    readonly is_raw: boolean;
    readonly add_tweak: Hex | null;
    readonly mul_tweak: Hex | null;
    readonly signature_compact: Hex;
    readonly tweaked_private_key: Hex;
    readonly tweaked_public_key: Hex;
    readonly note?: string;
  }[];
  readonly tweak: readonly {
    readonly base_private_key: Hex;
    readonly revocation_basepoint: Hex;
    readonly per_commitment_point: Hex;
    readonly per_commitment_secret: Hex;
    readonly mul_tweak: Hex;
    readonly add_tweak: Hex;
    readonly result_private_key: Hex;
  }[];
  readonly tweak_rejections: readonly { readonly case: string; readonly crypto_wasm: string }[];
  readonly bip39: readonly {
    readonly mnemonic: string;
    readonly passphrase: string;
    readonly seed: Hex;
  }[];
  readonly bip143: readonly {
    readonly kind: string;
    readonly unsigned_transaction: Hex;
    readonly input_index: number;
    readonly script: Hex;
    readonly script_code?: Hex;
    readonly amount_sat: string;
    readonly sighash_type: number;
    readonly preimage?: Hex;
    readonly sighash: Hex;
    readonly derivation_path: string;
    readonly add_tweak?: Hex | null;
    readonly public_key?: Hex;
    readonly our_to_remote_script?: Hex;
    readonly our_to_remote_present?: boolean;
  }[];
  readonly signing_jobs: readonly {
    readonly seed: Hex;
    readonly bitcoin_network: BitcoinNetwork;
    readonly kind: string;
    readonly job: SigningJobVector;
    readonly expected_signature: Hex;
    readonly psbt_variant_transaction?: Hex;
    readonly note?: string;
  }[];
  readonly commitment_number: readonly {
    readonly seed: Hex;
    readonly funding_path: string;
    readonly per_commitment_index: string;
    readonly commitment_number: string;
    readonly locktime_le_hex: Hex;
    readonly sequence_le_hex: Hex;
    readonly obscured: Hex;
    readonly obscure_factor: Hex;
  }[];
  readonly tweak_from_per_commitment_point: readonly {
    readonly seed: Hex;
    readonly channel_path: string;
    readonly index: string;
    readonly point: Hex;
    readonly delayed_basepoint: Hex;
    readonly delayed_add_tweak: Hex;
    readonly htlc_basepoint: Hex;
    readonly htlc_add_tweak: Hex;
  }[];
  readonly payment_hash_from_htlc_script: readonly {
    readonly script: Hex;
    readonly ripemd160_of_payment_hash: Hex;
  }[];
  readonly l1_wallet: readonly {
    readonly seed: Hex;
    readonly network: BitcoinNetwork;
    readonly account_path: string;
    readonly account_xpub: string;
  }[];
  readonly destination_validation: readonly {
    readonly seed: Hex;
    readonly rule: string;
    readonly derivation_path: string;
    readonly destination_derivation_path: string;
    readonly transaction: Hex;
    readonly expected_script: Hex;
    readonly actual_script: Hex;
    readonly valid: boolean;
  }[];
  readonly webhook_end_to_end: {
    readonly secret: string;
    readonly seed: Hex;
    readonly cases: readonly {
      readonly name: string;
      readonly should_sign: boolean;
      readonly body: string;
      readonly signature: Hex;
      readonly mutation: string | null;
      readonly variables: Readonly<Record<string, unknown>> | null;
    }[];
  };
  readonly wasm_behaviour_matrix: readonly { readonly input: string; readonly result: string }[];
}

const file = new URL('../vectors/lightspark.json', import.meta.url);

// SAFETY: the file is pinned in this repository, and the interface above describes it.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
export const lightsparkVectors = JSON.parse(readFileSync(file, 'utf8')) as LightsparkVectors;

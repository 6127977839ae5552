/** Published transactions and digests; SOURCE.md beside each file tells its origin. */
import { readFileSync } from 'node:fs';

import type { Hex } from '../../src/base/hex.ts';

export interface Bip143Example {
  readonly name: string;
  readonly transaction: Hex;
  readonly input_index: number;
  readonly script: Hex;
  readonly amount_sat: number;
  /** Sighash type → digest. */
  readonly sighashes: Readonly<Record<string, Hex>>;
}

export interface Bolt3Transactions {
  readonly to_local: {
    readonly witness_script: Hex;
    readonly revocation_key: Hex;
    readonly delayed_key: Hex;
    readonly to_self_delay: number;
    readonly output_script: Hex;
  };
  readonly anchors: readonly { readonly funding_key: Hex; readonly output_script: Hex }[];
  readonly to_remote: { readonly payment_key: Hex; readonly output_script: Hex };
  readonly zero_fee_commitments: {
    readonly funding_sat: number;
    readonly commitment_number: number;
    readonly local_payment_basepoint_secret: Hex;
    readonly remote_payment_basepoint_secret: Hex;
    readonly to_remote_sat: number;
    readonly signed_commitment: Hex;
    readonly htlc_transactions: readonly {
      readonly kind: 'offered_htlc' | 'received_htlc';
      readonly sat: number;
      readonly output_script: Hex;
      readonly signed_transaction: Hex;
    }[];
  };
}

// SAFETY: both files are pinned in this repository, and the interfaces above describe them.
/* eslint-disable @typescript-eslint/no-unsafe-type-assertion -- see SAFETY */
export const bip143Examples = read('bip143/examples.json') as readonly Bip143Example[];
export const bolt3Transactions = read('bolt3/transactions.json') as Bolt3Transactions;
/* eslint-enable @typescript-eslint/no-unsafe-type-assertion */

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'));
}

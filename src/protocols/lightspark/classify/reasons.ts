/** Why a signing job is refused or withheld, from its bytes alone. The codes are permanent. */
import type { Reason } from '../../../core/outcome.ts';

/** Proofs: each declines. */
export const VIOLATIONS = {
  key_not_for_signing: 'this key is never used to sign messages',
  digest_mismatch: 'the message is not the digest of the transaction it came with',
} as const;

/** Missing knowledge: each withholds. */
export const DOUBTS = {
  unknown_path: 'the derivation path has no known use',
  invalid_tweak: 'a tweak is zero or not below the order of the curve',
  unexpected_tweaks: 'the tweaks are not those that keys at this path are used with',
  tweak_contradiction: 'the add tweak differs from the one inside the PSBT',
  blind: 'transaction, script or amount is missing, so the digest cannot be rebuilt',
  undecodable_transaction: 'the transaction is neither a raw transaction nor a PSBT of version 0',
  unknown_class: 'path, script and transaction together make no class of signature we know',
  own_key_not_in_script: 'our key does not stand in the script where its class says',
  unmatched_digest:
    'no reading of the transaction gives the message, which may sign something else',
  sighash_type: 'the message commits to less than the whole transaction',
  not_raw: 'the message is to be hashed before it is signed, and its hash is not our digest',
  wrong_chain: 'the announcement is for another bitcoin network',
} as const;

export type ViolationCode = keyof typeof VIOLATIONS;
export type DoubtCode = keyof typeof DOUBTS;

export function violation(code: ViolationCode): Reason {
  return { code, message: VIOLATIONS[code] };
}

export function doubt(code: DoubtCode): Reason {
  return { code, message: DOUBTS[code] };
}

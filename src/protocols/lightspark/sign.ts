/**
 * sign — the part of a mutation's variables that only keys can make, under its name on the wire.
 *
 * A pure function of the stored inputs and the keys: the same answer again after every restart.
 * Signatures are not verified after signing: that costs more than twice the signature itself, and a
 * wrong one is refused by the endpoint and by the channel's peer alike.
 */
import { fromHex, type Hex, toHex } from '../../base/hex.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { KeyTweaks, LightningKeys } from '../../../signers/lightning/index.ts';
import type { SignatureInput, SignerInputs } from './inputs.ts';

export type LightsparkAnswer =
  | { readonly shared_secret: Hex }
  | { readonly per_commitment_point: Hex; readonly per_commitment_point_index: bigint }
  | { readonly per_commitment_secret: Hex; readonly per_commitment_index: bigint }
  | { readonly signature: Hex; readonly recovery_id: bigint }
  | { readonly signatures: readonly { readonly id: string; readonly signature: Hex }[] }
  | { readonly payment_hash: Hex; readonly preimage_nonce: Hex }
  | { readonly payment_preimage: Hex };

export interface SignDeps {
  readonly keys: LightningKeys;
  /** What the operator imported for an invoice, sealed by these keys. */
  readonly sealedPreimage: (invoiceId: string) => Hex | undefined;
}

export function sign(inputs: SignerInputs, { keys, sealedPreimage }: SignDeps): LightsparkAnswer {
  switch (inputs.kind) {
    case 'ecdh':
      return { shared_secret: toHex(keys.sharedSecret(fromHex(inputs.peerPublicKey))) };
    case 'sign_invoice': {
      const { signature, recoveryId } = keys.signInvoice(fromHex(inputs.payreqHash));
      return { signature: toHex(signature), recovery_id: BigInt(recoveryId) };
    }
    case 'per_commitment_point':
      return {
        per_commitment_point: toHex(keys.perCommitmentPoint(inputs.channelPath, inputs.index)),
        per_commitment_point_index: inputs.index,
      };
    case 'per_commitment_secret':
      return {
        per_commitment_secret: toHex(keys.perCommitmentSecret(inputs.channelPath, inputs.index)),
        per_commitment_index: inputs.index,
      };
    case 'signatures':
      return {
        signatures: inputs.jobs.map((job) => ({
          id: job.id,
          signature: toHex(keys.sign(job.path, fromHex(job.digest), tweaksOf(job))),
        })),
      };
    case 'payment_hash':
      return {
        payment_hash: toHex(keys.paymentHash(fromHex(inputs.nonce))),
        preimage_nonce: inputs.nonce,
      };
    case 'payment_preimage':
      return { payment_preimage: toHex(keys.preimage(fromHex(inputs.nonce))) };
    case 'imported_preimage': {
      const { invoiceId } = inputs;
      const sealed = sealedPreimage(invoiceId);
      const preimage = sealed && keys.openPreimage(invoiceId, sealed);
      if (preimage === undefined) {
        throw new Error(
          `imported preimage of \`${invoiceId}\` cannot be opened; import it again with these keys`,
        );
      }
      return { payment_preimage: toHex(preimage) };
    }
    default:
      return unreachable(inputs);
  }
}

function tweaksOf({ addTweak, mulTweak }: SignatureInput): KeyTweaks | undefined {
  if (addTweak === undefined && mulTweak === undefined) return undefined;
  return {
    ...(mulTweak !== undefined && { mul: fromHex(mulTweak) }),
    ...(addTweak !== undefined && { add: fromHex(addTweak) }),
  };
}

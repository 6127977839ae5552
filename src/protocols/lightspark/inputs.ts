/**
 * Everything the signer needs besides its keys, fixed by the decision and stored with it.
 *
 * A value of this type is a JSON document as it stands. After a restart it is read back from the
 * store, and nothing of the request is consulted again.
 */
import { z } from 'zod';

import { type Hex, isHexOf } from '../../base/hex.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';

const hex = (length: number) =>
  z.custom<Hex>((value) => typeof value === 'string' && isHexOf(length, value));

const signature = z.strictObject({
  /** The sender's payload id. */
  id: z.string(),
  /** Canonical derivation path. */
  path: z.string(),
  /** The digest to sign: our own, never the sender's, except for blind test events. */
  digest: hex(32),
  addTweak: hex(32).exactOptional(),
  mulTweak: hex(32).exactOptional(),
});

const signerInputs = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ecdh'), peerPublicKey: hex(33) }),
  z.strictObject({ kind: z.literal('sign_invoice'), payreqHash: hex(32) }),
  z.strictObject({
    kind: z.enum(['per_commitment_point', 'per_commitment_secret']),
    /** Canonical `m/3/C`. */
    channelPath: z.string(),
    /** Counts down from 2^48 − 1. */
    index: z.bigint(),
  }),
  /** In the order of the request's jobs. */
  z.strictObject({ kind: z.literal('signatures'), jobs: z.array(signature).readonly() }),
  z.strictObject({
    kind: z.enum(['payment_hash', 'payment_preimage']),
    invoiceId: z.string(),
    nonce: hex(32),
  }),
  /** The preimage was made elsewhere and imported by the operator. */
  z.strictObject({ kind: z.literal('imported_preimage'), invoiceId: z.string() }),
]);

export type SignerInputs = z.infer<typeof signerInputs>;
export type SignatureInput = z.infer<typeof signature>;

/** Inputs as this process decided them, which need no reading. */
class DecidedInputs {
  readonly [name: string]: JsonValue;

  constructor(inputs: SignerInputs) {
    Object.assign(this, inputs);
  }
}

/** Inputs as they are stored. */
export function writeSignerInputs(inputs: SignerInputs): JsonObject {
  return new DecidedInputs(inputs);
}

/** Reads stored inputs back; throws on anything else, because only this program writes them. */
export function readSignerInputs(stored: JsonObject): SignerInputs {
  return isDecidedHere(stored) ? stored : signerInputs.parse(stored);
}

function isDecidedHere(stored: JsonObject): stored is SignerInputs {
  return stored instanceof DecidedInputs;
}

/**
 * Everything the signer needs besides its keys, fixed by the decision and stored with it: the same
 * inputs make the same bytes.
 */
import { z } from 'zod';

import { type Hex, isHexOf } from '../../base/hex.ts';
import type { JsonObject } from '../../base/json.ts';

const hex = (length: number) =>
  z.custom<Hex>((value) => typeof value === 'string' && isHexOf(length, value));

const signerInputs = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('transaction'),
    nonce: z.bigint(),
    /** Whether the exchange is told to jump to it. */
    skip: z.boolean(),
    /** When it was decided, epoch milliseconds. */
    at: z.bigint(),
    /** `ExpiredAt`; of a signer that dates by itself the latest. */
    expiredAt: z.bigint(),
    /** Hedges the signature against faults. */
    entropy: hex(64),
    /** What is signed, as computed for the decision. */
    hash: hex(40),
  }),
  z.strictObject({
    kind: z.literal('auth-token'),
    /** Seconds since 1970. */
    deadline: z.bigint(),
    entropy: hex(64),
  }),
]);

export type SignerInputs = z.infer<typeof signerInputs>;
export type TransactionInputs = Extract<SignerInputs, { kind: 'transaction' }>;

/** Reads stored inputs back; throws on anything else, because only this program writes them. */
export function readSignerInputs(stored: JsonObject): SignerInputs {
  return signerInputs.parse(stored);
}

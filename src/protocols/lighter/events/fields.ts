/** Kinds of field that only Lighter's requests have. */
import { z } from 'zod';

import { utf8 } from '../../../base/bytes.ts';
import { fromHex, isHexOf } from '../../../base/hex.ts';
import { hexOf } from '../../../base/request-fields.ts';

const MEMO_SIZE = 32;
const MEMO_RULE = 'must be 32 characters of one byte each, 64 hex digits, or 32 numbers up to 255';

/** A note of 32 bytes. What has 64 digits is hex and nothing else. */
export const memo = z.unknown().transform((given, context): Uint8Array => {
  const bytes = memoOf(given);
  if (bytes?.length === MEMO_SIZE) return bytes;
  context.addIssue({ code: 'custom', message: MEMO_RULE });
  return z.NEVER;
});

const byteList = z.array(z.bigint().min(0n).max(255n));

function memoOf(given: unknown): Uint8Array | undefined {
  if (typeof given === 'string') return memoOfText(given);
  const numbers = byteList.safeParse(given);
  return numbers.success ? Uint8Array.from(numbers.data, Number) : undefined;
}

function memoOfText(given: string): Uint8Array | undefined {
  const digits = given.replace(/^0x(?=.{64}$)/is, '').toLowerCase();
  if (isHexOf(MEMO_SIZE, digits)) return fromHex(digits);
  if (digits.length === 2 * MEMO_SIZE) return undefined;
  return utf8(given);
}

/** `wallet/<address>` in the key storage, of that or of the address itself. */
export const wallet = z
  .string({ error: 'must be an address, `0x` and 40 hex digits' })
  .transform((given, context): string => {
    const address = given
      .replace(/^wallet\//, '')
      .replace(/^0x/i, '')
      .toLowerCase();
    if (isHexOf(20, address)) return `wallet/${address}`;
    context.addIssue({ code: 'custom', message: 'must be an address, `0x` and 40 hex digits' });
    return z.NEVER;
  })
  .meta({
    type: 'string',
    description: 'Address of the stored L1 wallet that countersigns.',
  });

/** The L1 wallet's own signature, made elsewhere. */
export const l1Signature = hexOf(65, {
  about:
    'Signature of the L1 wallet over `message_to_sign` of an earlier answer with the same nonce, where the wallet is not kept here.',
}).transform((digits) => `0x${digits}`);

/**
 * Kinds of field in a request: what is read from it, and what the API's description says of it.
 *
 * Integers are exact. Beside integer literals their decimal texts are read, since JavaScript cannot
 * write a larger one otherwise, and for choices of two `true` and `false`, which the Lighter signing
 * service reads as 1 and 0. Limits are those of `signers/lighter`, which has the last word.
 */
import { z } from 'zod';

import { utf8 } from '../../../base/bytes.ts';
import { fromHex, type Hex, isHexOf } from '../../../base/hex.ts';

/** What a field's description may say; integers are described as what they are, never as texts. */
interface Note {
  readonly about: string;
  readonly example?: bigint | string;
}

interface IntegerNote extends Note {
  readonly min: bigint;
  readonly max: bigint;
}

/** A required integer; bounds are inclusive. */
export function integer(note: IntegerNote): z.ZodType<bigint> {
  return bounded(note, exactInteger);
}

/** An integer that may be left out. */
export function integerOr(absent: bigint, note: IntegerNote): z.ZodDefault<z.ZodType<bigint>> {
  return withDefault(integer(note), absent);
}

/** 0 or 1; `true` and `false` say the same. */
export function flag(about: string): z.ZodType<bigint> {
  const note = { about, min: 0n, max: 1n };
  return bounded(note, (value) =>
    typeof value === 'boolean' ? BigInt(value) : exactInteger(value),
  );
}

export function flagOr(absent: bigint, about: string): z.ZodDefault<z.ZodType<bigint>> {
  return withDefault(flag(about), absent);
}

function bounded(
  { about, min, max, example }: IntegerNote,
  read: (value: unknown) => unknown,
): z.ZodType<bigint> {
  const error = `must be an integer from ${String(min)} to ${String(max)}`;
  return z.preprocess(read, z.bigint({ error }).min(min, { error }).max(max, { error })).meta({
    type: 'integer',
    format: 'int64',
    minimum: min,
    maximum: max,
    description: about,
    ...(example === undefined ? {} : { example }),
  });
}

function withDefault(field: z.ZodType<bigint>, absent: bigint): z.ZodDefault<z.ZodType<bigint>> {
  return field.default(absent).meta({ ...field.meta(), default: absent });
}

export function text({ about, example }: Note, pattern: RegExp, rule: string): z.ZodType<string> {
  return z
    .string({ error: rule })
    .regex(pattern, { error: rule })
    .meta({ description: about, ...(example === undefined ? {} : { example }) });
}

/** Hex of so many bytes, in either case and with or without `0x`. */
export function hexOf(size: number, note: Note): z.ZodType<Hex> {
  const rule = `must be ${String(size)} bytes of hex`;
  return z
    .string({ error: rule })
    .transform((given, context): Hex => {
      const digits = given.replace(/^0x/i, '').toLowerCase();
      if (isHexOf(size, digits)) return digits;
      context.addIssue({ code: 'custom', message: rule });
      return z.NEVER;
    })
    .meta({
      type: 'string',
      description: note.about,
      ...(note.example === undefined ? {} : { example: note.example }),
    });
}

const MEMO_SIZE = 32;
const MEMO_RULE = 'must be 32 characters of one byte each, 64 hex digits, or 32 numbers up to 255';

/** A note of 32 bytes. What has 64 digits is hex and nothing else. */
export const memo = z
  .union([z.string(), z.array(z.bigint().min(0n).max(255n))], { error: MEMO_RULE })
  .transform((given, context): Uint8Array => {
    const bytes = typeof given === 'string' ? memoOfText(given) : Uint8Array.from(given, Number);
    if (bytes?.length === MEMO_SIZE) return bytes;
    context.addIssue({ code: 'custom', message: MEMO_RULE });
    return z.NEVER;
  });

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

/** What can only mean one integer becomes it; everything else stays for the schema to refuse. */
function exactInteger(value: unknown): unknown {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return value;
}

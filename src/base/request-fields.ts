/**
 * Kinds of field in a request: what is read from it, and what the API's description says of it.
 *
 * Integers are exact. Beside integer literals their decimal texts are read, since JavaScript cannot
 * write a larger one otherwise, and for choices of two `true` and `false`.
 */
import { z } from 'zod';

import { type Hex, isHexOf } from './hex.ts';

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
    format: max < 2n ** 63n ? 'int64' : 'uint64',
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

interface HexNote extends Note {
  /** What it must be, where there is more to say than its length. */
  readonly rule?: string;
}

/** Hex of so many bytes, in either case and with or without `0x`. */
export function hexOf(size: number, note: HexNote): z.ZodType<Hex> {
  const { rule = `must be ${String(size)} bytes of hex` } = note;
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

/** What can only mean one integer becomes it; everything else stays for the schema to refuse. */
function exactInteger(value: unknown): unknown {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return value;
}

/** The JSON form of a keystore (EIP-2335, "JSON schema"): written exactly, read strictly. */
import { z } from 'zod';

import { isHex, type Hex } from '../../base/hex.ts';
import { parseJson } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { costProblem, type KeyDerivation } from './key-derivation.ts';
import { SECRET_SIZE, type Keystore } from './keystore.ts';

const VERSION = 4;

export function writeKeystore(keystore: Keystore): string {
  const { kdf, checksum, iv, ciphertext, ...label } = keystore;
  const { function: name, ...params } = kdf;
  const document = {
    crypto: {
      kdf: {
        function: name,
        params: name === 'pbkdf2' ? { ...params, prf: 'hmac-sha256' } : params,
        message: '',
      },
      checksum: { function: 'sha256', params: {}, message: checksum },
      cipher: { function: 'aes-128-ctr', params: { iv }, message: ciphertext },
    },
    ...label,
    version: VERSION,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Errors name the field and the rule, never the value. */
export function parseKeystore(text: Uint8Array | string): Result<Keystore, Reason> {
  const json = parseJson(text);
  if (!json.ok) return refuse(json.error.message);
  const version = versionField.safeParse(json.value, { error: describe });
  if (!version.success) return refuse(problems(version.error));
  const fields = document.safeParse(json.value, { error: describe });
  if (!fields.success) return refuse(problems(fields.error));
  const { crypto, kind, id, description, pubkey, path, uuid } = fields.data;
  return ok({
    ...(kind === undefined ? {} : { kind }),
    ...(id === undefined ? {} : { id }),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof pubkey === 'string' && pubkey !== '' ? { pubkey } : {}),
    ...(typeof uuid === 'string' ? { uuid } : {}),
    path: path ?? '',
    kdf: crypto.kdf,
    checksum: crypto.checksum.message,
    iv: crypto.cipher.params.iv,
    ciphertext: crypto.cipher.message,
  });
}

const hex = z.string().transform((text, context) => {
  const bare = text.toLowerCase().replace(/^0x/, '');
  if (isHex(bare)) return bare;
  context.addIssue('must be hex');
  return z.NEVER;
});

function hexOf(least: number, most: number): z.ZodType<Hex, string> {
  return hex.refine(
    (text) => text.length >= 2 * least && text.length <= 2 * most,
    least === most
      ? `must be ${String(least)} bytes of hex`
      : `must be ${String(least)} to ${String(most)} bytes of hex`,
  );
}

function one<const Text extends string>(text: Text): z.ZodLiteral<Text> {
  return z.literal(text, `is not supported; only \`${text}\` is`);
}

/** Wider than every bound that follows, and still exact as a number. */
const integer = z
  .bigint()
  .refine((value) => value >= 0n && value <= 2n ** 48n, 'is out of range')
  .transform(Number);

const dklen = integer.refine((length) => length >= 32 && length <= 64, 'must be from 32 to 64');
const salt = hexOf(8, 128);

const scryptModule = z
  .object({
    function: z.literal('scrypt'),
    params: z.strictObject({ dklen, salt, n: integer, r: integer, p: integer }),
  })
  .transform(({ params }): KeyDerivation => ({ function: 'scrypt', ...params }));

const pbkdf2Module = z
  .object({
    function: z.literal('pbkdf2'),
    params: z.strictObject({ dklen, salt, c: integer, prf: one('hmac-sha256') }),
  })
  .transform(({ params }): KeyDerivation => {
    const { dklen: length, salt: seasoning, c } = params;
    return { function: 'pbkdf2', dklen: length, salt: seasoning, c };
  });

const kdf = z
  .discriminatedUnion('function', [scryptModule, pbkdf2Module])
  .superRefine((derivation, context) => {
    const problem = costProblem(derivation);
    if (problem !== undefined) context.addIssue(problem);
  });

const versionField = z.object({
  version: z.literal(BigInt(VERSION), `must be ${String(VERSION)}`),
});

/** A field of words, which some tools write as `null` where there is nothing to say. */
const words = z.string().nullable().exactOptional();

/**
 * Fields unknown to the standard are left alone: other tools add a `name`. `path` and `uuid` are the
 * standard's, but nothing here rests on them, and keystores without them are about.
 */
const document = z.object({
  crypto: z.object({
    kdf,
    checksum: z.object({ function: one('sha256'), message: hexOf(32, 32) }),
    cipher: z.object({
      function: one('aes-128-ctr'),
      params: z.strictObject({ iv: hexOf(16, 16) }),
      message: hexOf(SECRET_SIZE.least, SECRET_SIZE.most),
    }),
  }),
  kind: z.string().exactOptional(),
  id: z.string().exactOptional(),
  description: words,
  pubkey: hex.nullable().exactOptional(),
  path: words,
  uuid: words,
});

/** Our words for what the schema library would say in its own. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') return `has unknown fields: ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_union') return 'is not supported; only `scrypt` and `pbkdf2` are';
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === undefined) return 'is missing';
  return `must be ${issue.expected === 'bigint' ? 'an integer' : `of type ${issue.expected}`}`;
}

function problems(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `\`${path.join('.')}\` ${message}`))
    .join('; ');
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'keys.keystore', message: `not an EIP-2335 version 4 keystore: ${message}` });
}

/**
 * Web3Signer's key configuration files: YAML documents, several in one file, that say where each key
 * is. `file-raw` and `file-keystore` are followed; relative paths start at the directory searched.
 */
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

import { utf8Text } from '../../base/bytes.ts';
import { fromHex, isHexOf, toHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import { sha256 } from '../../base/sha256.ts';
import type { Reason } from '../../core/outcome.ts';
import { SECRET_KEY_SIZE } from './blst.ts';
import {
  FILES_PER_TURN,
  MAX_KEYSTORE_FILE,
  type FoundKey,
  type KeyProblem,
  type KeySource,
  type Search,
} from './key-source.ts';
import { listFiles, readPasswordFile, readSourceFile, type Exposed } from './source-file.ts';

export interface KeyConfigurationsOptions {
  readonly directory: string;
  readonly exposed: Exposed;
}

/** A file may name ten thousand keys. */
const MAX_FILE = 16 * 1024 * 1024;
const MAX_DEPTH = 8;

const keyType = z.literal('BLS', 'is not supported here; only `BLS` is').exactOptional();

const privateKey = z.string().transform((text, context) => {
  const bare = text.toLowerCase().replace(/^0x/, '');
  if (isHexOf(SECRET_KEY_SIZE, bare)) return bare;
  context.addIssue('must be 32 bytes of hex');
  return z.NEVER;
});

const configuration = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('file-raw'), keyType, privateKey }),
  z.strictObject({
    type: z.literal('file-keystore'),
    keyType,
    keystoreFile: z.string(),
    keystorePasswordFile: z.string(),
  }),
]);

export function keyConfigurations({ directory, exposed }: KeyConfigurationsOptions): KeySource {
  async function search(): Promise<Result<Search, Reason>> {
    const listed = listFiles(directory, ['.yaml', '.yml'], MAX_DEPTH);
    if (!listed.ok) return listed;
    const found: FoundKey[] = [];
    const problems: KeyProblem[] = [];
    for (const [index, file] of listed.value.entries()) {
      if (index % FILES_PER_TURN === 0) await setImmediate();
      const documents = readDocuments(file);
      if (!documents.ok) problems.push({ file, reason: documents.error });
      else {
        for (const [position, document] of documents.value.entries()) {
          const origin = documents.value.length === 1 ? file : `${file}#${String(position + 1)}`;
          const key = keyOf(origin, file, document);
          if (key.ok) found.push(key.value);
          else problems.push({ file: origin, reason: key.error });
        }
      }
    }
    return ok({ found, problems });
  }

  function readDocuments(file: string): Result<readonly unknown[], Reason> {
    const content = readSourceFile(file, MAX_FILE, exposed);
    if (!content.ok) return content;
    const text = utf8Text(content.value);
    content.value.fill(0);
    if (text === undefined) return refuse('is not valid UTF-8');
    return parseDocuments(text);
  }

  function keyOf(origin: string, file: string, document: unknown): Result<FoundKey, Reason> {
    const parsed = configuration.safeParse(document, { error: describe });
    if (!parsed.success) return refuse(problemsOf(parsed.error));
    const { data } = parsed;
    if (data.type === 'file-raw') {
      return ok({ kind: 'raw', origin, file, secret: new Secret(fromHex(data.privateKey)) });
    }
    const content = readSourceFile(
      resolve(directory, data.keystoreFile),
      MAX_KEYSTORE_FILE,
      exposed,
    );
    if (!content.ok) return content;
    const passwordFile = resolve(directory, data.keystorePasswordFile);
    return ok({
      kind: 'keystore',
      origin,
      file,
      content: content.value,
      digest: toHex(sha256(content.value)),
      password: () => readPasswordFile(passwordFile, exposed),
    });
  }

  return Object.freeze({ name: 'key configurations', directory, search });
}

/** With the failsafe schema every scalar is text: an unquoted `0x12…` is no number that gets rounded. */
function parseDocuments(text: string): Result<readonly unknown[], Reason> {
  try {
    const documents = parseAllDocuments(text, {
      schema: 'failsafe',
      version: '1.2',
      merge: false,
      prettyErrors: false,
    });
    if (!Array.isArray(documents) || documents.length === 0) return refuse('is empty; remove it');
    if (documents.some(({ errors }) => errors.length > 0)) return refuse('is not valid YAML');
    return ok(
      documents.map((document) => {
        const value: unknown = document.toJS({ maxAliasCount: 0 });
        return value;
      }),
    );
  } catch {
    // Not repeated: the library's own words may quote a key.
    return refuse('is not YAML of the form that is expected here');
  }
}

function describe(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') {
    // Only words are repeated: a slip of indentation could make a name of a key.
    const names = issue.keys.map((name) => (/^[A-Za-z]{1,32}$/.test(name) ? name : '[…]'));
    return `has unknown fields: ${names.join(', ')}`;
  }
  if (issue.code === 'invalid_union') {
    return 'is not supported; only `file-raw` and `file-keystore` are';
  }
  if (issue.code !== 'invalid_type') return undefined;
  return issue.input === undefined ? 'is missing' : `must be of type ${issue.expected}`;
}

function problemsOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `\`${path.join('.')}\` ${message}`))
    .join('; ');
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'bls.configuration', message });
}

/** The file of named callers: who they are, what they may do, and the hash of each token. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

import { type Hex, isHexOf } from '../../base/hex.ts';
import { parseJson } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { StoredCaller } from '../../core/caller-storage.ts';
import { isCallerName } from '../../core/caller.ts';
import type { Reason } from '../../core/outcome.ts';
import { checkDirectory, readPrivateFile, replacePrivateFile } from '../keys/private-file.ts';

export interface CallerRecord extends StoredCaller {
  /** SHA-256 of the token. */
  readonly digest: Hex;
}

const DIGEST_BYTES = 32;
const MAX_FILE = 4 * 1024 * 1024;

const names = z.array(z.string().min(1)).min(1);
const instant = z.iso.datetime().transform((text) => Date.parse(text));

const scope = z.discriminatedUnion('may', [
  z.strictObject({ may: z.literal('admin') }),
  z.strictObject({ may: z.literal('metrics') }),
  z.strictObject({
    may: z.literal('sign'),
    world: z.string().min(1),
    keys: z.union([z.literal('all'), names]),
    actions: names,
  }),
]);

const caller = z.strictObject({
  name: z.string().refine(isCallerName),
  sha256: z.custom<Hex>((value) => typeof value === 'string' && isHexOf(DIGEST_BYTES, value)),
  created: instant,
  expires: instant.exactOptional(),
  scopes: z.array(scope).min(1),
});

const document = z.strictObject({
  version: z.literal(1n),
  callers: z
    .array(caller)
    .refine((callers) => areDistinct(callers.map(({ name }) => name)))
    .refine((callers) => areDistinct(callers.map(({ sha256 }) => sha256))),
});

/** Without a file there are no callers. A file that others may touch, or that says more, is refused whole. */
export function readCallerFile(path: string): Result<readonly CallerRecord[], Reason> {
  if (!existsSync(path)) return ok([]);
  const directory = checkDirectory(dirname(path));
  if (!directory.ok) return directory;
  const content = readPrivateFile(path, MAX_FILE);
  if (!content.ok) return content;
  const json = parseJson(content.value);
  const parsed = document.safeParse(json.ok ? json.value : undefined);
  if (parsed.success) return ok(parsed.data.callers.map(recordOf));
  const message = `cannot understand \`${path}\`; repair it, or remove it and add the callers anew`;
  return err({ code: 'callers.file', message });
}

/** Replaces the file durably and whole. */
export function writeCallerFile(
  path: string,
  records: readonly CallerRecord[],
): Result<void, Reason> {
  const callers = records.map(({ name, digest, createdAt, expiresAt, scopes }) => ({
    name,
    sha256: digest,
    created: new Date(createdAt).toISOString(),
    ...(expiresAt === undefined ? {} : { expires: new Date(expiresAt).toISOString() }),
    scopes,
  }));
  return replacePrivateFile(path, `${JSON.stringify({ version: 1, callers }, undefined, 2)}\n`);
}

function recordOf({
  name,
  sha256,
  created,
  expires,
  scopes,
}: z.output<typeof caller>): CallerRecord {
  return {
    name,
    digest: sha256,
    createdAt: created,
    ...(expires === undefined ? {} : { expiresAt: expires }),
    scopes,
  };
}

function areDistinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

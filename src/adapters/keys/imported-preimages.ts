/**
 * Preimages of invoices whose payment hash was made elsewhere: one small file for each invoice, named
 * by the SHA-256 of the invoice id. The preimages are sealed by the seed that releases them, so this
 * adapter never sees one.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import { z } from 'zod';

import { isHex, type Hex } from '../../base/hex.ts';
import { parseJson } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { createPrivateFile, makePrivateDirectory, readPrivateFile } from './private-file.ts';

export interface ImportedPreimages {
  readonly has: (invoiceId: string) => boolean;
  /** The sealed preimage. Throws where its file is damaged, because ignorance must not look like no. */
  readonly read: (invoiceId: string) => Hex | undefined;
  /** Never replaces one. */
  readonly add: (invoiceId: string, sealed: Hex) => Result<void, Reason>;
  /** Invoice ids, sorted. */
  readonly list: () => readonly string[];
}

export interface ImportedPreimagesOptions {
  /** Need not exist; made with mode 0700 when the first preimage is added. */
  readonly directory: string;
}

export interface ImportedPreimagesDeps {
  /** Told at start of each file that cannot be used. */
  readonly alarm: (reason: Reason) => void;
}

interface Import {
  readonly invoiceId: string;
  readonly sealed: Hex;
}

const MAX_FILE = 4096;

const document = z.strictObject({
  invoiceId: z.string().min(1),
  sealed: z.custom<Hex>((value) => typeof value === 'string' && isHex(value)),
});

/** Knows the files there were at start, and looks for one other file at each question it cannot answer. */
export function createImportedPreimages(
  { directory }: ImportedPreimagesOptions,
  { alarm }: ImportedPreimagesDeps,
): ImportedPreimages {
  const known = new Map<string, Hex>();
  for (const name of fileNames(directory)) {
    const found = readImport(join(directory, name));
    if (found.ok) known.set(found.value.invoiceId, found.value.sealed);
    else alarm(found.error);
  }

  function read(invoiceId: string): Hex | undefined {
    const sealed = known.get(invoiceId);
    if (sealed !== undefined) return sealed;
    const path = join(directory, fileName(invoiceId));
    if (!existsSync(path)) return undefined;
    const found = readImport(path);
    if (!found.ok) throw new Error(found.error.message);
    known.set(invoiceId, found.value.sealed);
    return found.value.sealed;
  }

  function add(invoiceId: string, sealed: Hex): Result<void, Reason> {
    const made = makePrivateDirectory(directory);
    if (!made.ok) return made;
    const text = `${JSON.stringify({ invoiceId, sealed }, undefined, 2)}\n`;
    const written = createPrivateFile(join(directory, fileName(invoiceId)), text);
    if (written.ok) known.set(invoiceId, sealed);
    return written;
  }

  return Object.freeze({
    read,
    add,
    has: (invoiceId: string) => read(invoiceId) !== undefined,
    list: () => [...known.keys()].sort(),
  });
}

function fileName(invoiceId: string): string {
  return `${createHash('sha256').update(invoiceId).digest('hex')}.json`;
}

function fileNames(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
}

function readImport(path: string): Result<Import, Reason> {
  const content = readPrivateFile(path, MAX_FILE);
  if (!content.ok) return content;
  const json = parseJson(content.value);
  const fields = document.safeParse(json.ok ? json.value : undefined);
  if (!fields.success || fileName(fields.data.invoiceId) !== basename(path)) {
    const message = `\`${path}\` is not an imported preimage; remove it and import the preimage anew`;
    return err({ code: 'keys.preimage', message });
  }
  return ok(fields.data);
}

/**
 * Which keys must not be used now. The file is the truth and is looked at whenever it is asked for, so
 * that a freeze by another process takes effect at once; what cannot be written is kept in memory.
 * Within one turn of the event loop one look does: nobody can tell it from a freeze at the turn's end.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

import { parseJson } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { fileStamp } from './file-stamp.ts';
import { makePrivateDirectory, replacePrivateFile, systemCode } from './private-file.ts';

export interface FrozenKeys {
  readonly has: (id: string) => boolean;
  /** Takes effect even where it fails, but then not beyond this process. */
  readonly add: (id: string) => Result<void, Reason>;
  readonly remove: (id: string) => Result<void, Reason>;
}

export interface FrozenKeysOptions {
  readonly file: string;
  /** Told once for each version of the file that cannot be read. */
  readonly alarm: (reason: Reason) => void;
}

const document = z.strictObject({ version: z.literal(1n), frozen: z.array(z.string()) });

export function createFrozenKeys({ file, alarm }: FrozenKeysOptions): FrozenKeys {
  const unsaved = new Set<string>();
  let known: { readonly stamp: string; readonly ids: ReadonlySet<string> } | undefined;
  let alarmedAt: string | undefined;
  let isSeen = false;

  /** A list that cannot be understood freezes everything: it may name any key. */
  function has(id: string): boolean {
    const ids = current();
    return ids === undefined || ids.has(id) || unsaved.has(id);
  }

  function add(id: string): Result<void, Reason> {
    unsaved.add(id);
    const ids = current();
    const saved = ids === undefined ? err(incomprehensible()) : save([...ids, id]);
    if (saved.ok) unsaved.delete(id);
    return saved.ok ? saved : err(unsavedFreeze(id, saved.error));
  }

  function remove(id: string): Result<void, Reason> {
    const ids = current();
    if (ids === undefined) return err(incomprehensible());
    const saved = ids.has(id) ? save([...ids].filter((other) => other !== id)) : ok(undefined);
    if (saved.ok) unsaved.delete(id);
    return saved;
  }

  function save(ids: readonly string[]): Result<void, Reason> {
    const made = makePrivateDirectory(dirname(file));
    if (!made.ok) return made;
    const frozen = [...new Set(ids)].sort();
    isSeen = false;
    return replacePrivateFile(file, `${JSON.stringify({ version: 1, frozen }, undefined, 2)}\n`);
  }

  function current(): ReadonlySet<string> | undefined {
    if (isSeen && known !== undefined) return known.ids;
    const stamp = fileStamp(file);
    isSeen = known?.stamp === stamp;
    if (isSeen) setImmediate(lookAgain);
    if (known?.stamp === stamp) return known.ids;
    const ids = readIds(file);
    if (ids !== undefined) known = { stamp, ids };
    else if (alarmedAt !== stamp) {
      alarmedAt = stamp;
      alarm(incomprehensible());
    }
    return ids;
  }

  function lookAgain(): void {
    isSeen = false;
  }

  function incomprehensible(): Reason {
    return {
      code: 'keys.frozen-list',
      message: `cannot understand \`${file}\`, so every key counts as frozen; repair it, or remove it and freeze anew`,
    };
  }

  return Object.freeze({ has, add, remove });
}

function unsavedFreeze(id: string, cause: Reason): Reason {
  const message = `\`${id}\` is frozen only until this process ends, because the freeze was not saved: ${cause.message}`;
  return { code: 'keys.freeze-unsaved', message };
}

function readIds(file: string): ReadonlySet<string> | undefined {
  try {
    const json = parseJson(readFileSync(file));
    const parsed = document.safeParse(json.ok ? json.value : undefined);
    return parsed.success ? new Set(parsed.data.frozen) : undefined;
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? new Set() : undefined;
  }
}

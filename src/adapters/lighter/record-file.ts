/** A few records in one file, replaced whole and durably with every change; none of them secret. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

import { type JsonObject, parseJson, stringifyJson } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { makePrivateDirectory, readPrivateFile, replacePrivateFile } from '../keys/private-file.ts';

export interface RecordFile<Value> {
  /** None where there is no file. */
  readonly read: () => Result<readonly Value[], Reason>;
  readonly replace: (records: readonly Value[]) => Result<void, Reason>;
}

/** 16 MiB, far more than there is ever to write. */
const MAX_FILE = 16_777_216;

/** A record is written as it is, so every member of it must be JSON; absent ones are left out. */
export function createRecordFile<Value extends JsonObject>(
  path: string,
  schema: z.ZodType<Value>,
): RecordFile<Value> {
  const document = z.strictObject({ version: z.literal(1n), records: z.array(schema) });
  return Object.freeze({
    read() {
      if (!existsSync(path)) return ok([]);
      const content = readPrivateFile(path, MAX_FILE);
      if (!content.ok) return content;
      const json = parseJson(content.value);
      const parsed = document.safeParse(json.ok ? json.value : undefined);
      if (parsed.success) return ok(parsed.data.records);
      const message = `cannot understand \`${path}\`; restore it from a backup, or move it away`;
      return err({ code: 'lighter.records', message });
    },
    replace(records: readonly Value[]) {
      const made = makePrivateDirectory(dirname(path));
      if (!made.ok) return made;
      return replacePrivateFile(path, `${stringifyJson({ version: 1n, records })}\n`);
    },
  });
}

/** Reading files of one folder, and of that folder only. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

import { utf8Text } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';

/**
 * The text of a file below `root`, which must be a real path. Links are followed as long as they
 * stay inside; the error completes "the file cannot be used: …".
 */
export async function readConfined(
  root: string,
  path: string,
  maxBytes: number,
): Promise<Result<string, string>> {
  try {
    const target = await realpath(join(root, path));
    if (!target.startsWith(root + sep)) return err('it lies outside of the policy folder');
    const stats = await stat(target);
    if (!stats.isFile()) return err('it is not a regular file');
    if (stats.size > maxBytes) return err(`it is larger than ${String(maxBytes)} bytes`);
    const text = utf8Text(await readFile(target));
    return text === undefined ? err('it is not valid UTF-8') : ok(text);
  } catch (error) {
    return err(reasonOf(error));
  }
}

/** What the operating system said, without its paths. */
export function reasonOf(error: unknown): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code';
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'the daemon may not read it';
  return `reading it failed with ${code}`;
}

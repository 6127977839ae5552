/** Files with validator keys and their passwords, which the operator or another tool has put there. */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import { systemCode } from '../keys/private-file.ts';

/** What is done about a file that group or world may read: some tools and volumes make no others. */
export type Exposed = 'refused' | 'allowed';

const MAX_PASSWORD_FILE = 4096;
/** Whether file modes mean anything here. */
const HAS_MODES = process.platform !== 'win32';

/** Reads a file of at most `limit` bytes. The caller wipes the bytes if they are secret. */
export function readSourceFile(
  path: string,
  limit: number,
  exposed: Exposed,
): Result<Uint8Array, Reason> {
  return attempt(path, () => {
    const file = openSync(path, 'r');
    try {
      const { mode, size } = fstatSync(file);
      if (HAS_MODES && exposed === 'refused' && (mode & 0o077) !== 0) {
        const message = `\`${path}\` can be read by others; run: chmod 600 '${path}'`;
        return err({ code: 'keys.exposed', message });
      }
      if (size > limit) {
        return refuse(
          `\`${path}\` is larger than ${String(limit)} bytes; it is not what it should be`,
        );
      }
      return ok(readFileSync(file));
    } finally {
      closeSync(file);
    }
  });
}

/** Line ends need no care: they are no part of an EIP-2335 password. */
export function readPasswordFile(path: string, exposed: Exposed): Result<Secret, Reason> {
  const content = readSourceFile(path, MAX_PASSWORD_FILE, exposed);
  return content.ok ? ok(new Secret(content.value)) : content;
}

/**
 * Paths of files whose name ends as asked, sorted; `depth` levels of subfolders are searched. Hidden
 * files and folders are passed over, links are followed.
 */
export function listFiles(
  directory: string,
  endings: readonly string[],
  depth = 0,
): Result<readonly string[], Reason> {
  return attempt(directory, () => ok(walk(directory, endings, depth).sort()));
}

function walk(directory: string, endings: readonly string[], depth: number): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.')) return [];
    const path = join(directory, entry.name);
    const isNamedSo = endings.some((ending) => entry.name.toLowerCase().endsWith(ending));
    if (entry.isDirectory()) return depth > 0 ? walk(path, endings, depth - 1) : [];
    return isNamedSo ? [path] : [];
  });
}

/** `undefined` where there is nothing at this path. */
export function kindOfPath(path: string): 'file' | 'directory' | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  return stat.isDirectory() ? 'directory' : 'file';
}

function attempt<T>(path: string, work: () => Result<T, Reason>): Result<T, Reason> {
  try {
    return work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return refuse(`cannot read \`${path}\` (${code}); check the path and its permissions`);
  }
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'keys.file', message });
}

/**
 * Files that only their owner may read. Synchronous on purpose: they are small, rarely touched, and
 * what is read and then replaced in one breath cannot be changed by this process in between.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { types } from 'node:util';

import { utf8 } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';

/** Longest password or token that a file may hold, in bytes. */
const MAX_SECRET_FILE = 4096;

/** Whether file modes mean anything here. */
const HAS_MODES = process.platform !== 'win32';

/**
 * Reads a file of at most `limit` bytes that group and world may not touch; also a pipe, so that a
 * shell's `<(command)` works. The caller wipes the bytes if they are secret.
 */
export function readPrivateFile(path: string, limit: number): Result<Uint8Array, Reason> {
  return attempt('read', path, () => {
    const file = openSync(path, 'r');
    try {
      const { mode } = fstatSync(file);
      if (HAS_MODES && (mode & 0o077) !== 0) {
        return exposed(`\`${path}\` can be read by others; run: chmod 600 '${path}'`);
      }
      return readUpTo(file, limit, path);
    } finally {
      closeSync(file);
    }
  });
}

function readUpTo(file: number, limit: number, path: string): Result<Uint8Array, Reason> {
  const buffer = new Uint8Array(limit + 1);
  try {
    let length = 0;
    for (;;) {
      const count = readSync(file, buffer, length, buffer.length - length, null);
      if (count === 0) return ok(buffer.slice(0, length));
      length += count;
      if (length > limit) {
        const message = `\`${path}\` is larger than ${String(limit)} bytes; it is not what it should be`;
        return err({ code: 'keys.file', message });
      }
    }
  } finally {
    buffer.fill(0);
  }
}

/** Reads a password or token from its own file; one line end at the end does not belong to it. */
export function readSecretFile(path: string): Result<Secret, Reason> {
  const read = readPrivateFile(path, MAX_SECRET_FILE);
  if (!read.ok) return read;
  const content = read.value;
  const withoutLineFeed = content.at(-1) === 0x0a ? content.subarray(0, -1) : content;
  const kept = withoutLineFeed.at(-1) === 0x0d ? withoutLineFeed.subarray(0, -1) : withoutLineFeed;
  const secret = kept.slice();
  content.fill(0);
  if (secret.length > 0) return ok(new Secret(secret));
  return err({ code: 'keys.file', message: `\`${path}\` is empty; write the secret into it` });
}

/** Makes the directory with mode 0700; refuses one in which others could replace files. */
export function makePrivateDirectory(path: string): Result<void, Reason> {
  return attempt('create', path, () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return checkDirectory(path);
  });
}

/** Whether only the owner can replace files in an existing directory. */
export function checkDirectory(path: string): Result<void, Reason> {
  return attempt('read', path, () => {
    const { mode } = statSync(path);
    if (!HAS_MODES || (mode & 0o022) === 0) return ok(undefined);
    return exposed(`\`${path}\` can be written by others; run: chmod 700 '${path}'`);
  });
}

/** Writes a new file durably; never replaces one. */
export function createPrivateFile(path: string, text: string): Result<void, Reason> {
  return attempt('create', path, () => {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeAll(file, text);
    } catch (error) {
      unlinkSync(path);
      throw error;
    }
    syncDirectory(dirname(path));
    return ok(undefined);
  });
}

/** Replaces a file durably: at any moment either the old or the new one is there, whole. */
export function replacePrivateFile(path: string, text: string): Result<void, Reason> {
  return attempt('write', path, () => {
    const temporary = `${path}.${String(process.pid)}.new`;
    writeAll(openSync(temporary, 'w', 0o600), text);
    renameSync(temporary, path);
    syncDirectory(dirname(path));
    return ok(undefined);
  });
}

/** Writes, makes durable and closes. */
function writeAll(file: number, text: string): void {
  try {
    const bytes = utf8(text);
    for (let offset = 0; offset < bytes.length;) offset += writeSync(file, bytes, offset);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncDirectory(path: string): void {
  // Windows cannot open a directory, and needs no such call.
  if (!HAS_MODES) return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Turns what the operating system refuses into a reason; anything else is a bug and passes. */
function attempt<T>(act: string, path: string, work: () => Result<T, Reason>): Result<T, Reason> {
  try {
    return work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const message = `cannot ${act} \`${path}\` (${code}); check the path and its permissions`;
    return err({ code: 'keys.file', message });
  }
}

/** The name of the operating system's refusal, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  if (!types.isNativeError(error) || !('code' in error) || !('syscall' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function exposed(message: string): Result<never, Reason> {
  return err({ code: 'keys.exposed', message });
}

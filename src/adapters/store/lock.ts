/** One process per data directory, held by the operating system and freed by it on any death. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

import { openLock, sqliteCode } from './sqlite-driver.ts';

const BUSY = 5;

/** Takes the directory for this process; the returned function gives it back. */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'lock.sqlite');
  createPrivateFile(path);
  try {
    return openLock(path);
  } catch (error) {
    if (sqliteCode(error) !== BUSY) throw error;
    throw new Error(
      `data directory \`${directory}\` is in use by another process; stop it or set another DATA_DIR`,
      { cause: error },
    );
  }
}

/** Creates an empty file that only its owner may read; SQLite gives its log files the same mode. */
export function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}

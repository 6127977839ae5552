/** One process per data directory, held by the operating system and freed by it on any death. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

import { systemCode } from '../keys/private-file.ts';
import { openLock, sqliteCode } from './sqlite-driver.ts';

const BUSY = 5;

export interface TakenDirectory {
  /** The uppermost directory that had to be made. */
  readonly created: string | undefined;
  /** Gives it back. */
  readonly unlock: () => void;
}

/** Makes the directory, with mode 0700, where there is none, and takes it for this process. */
export function takeDirectory(directory: string): TakenDirectory {
  try {
    const created = mkdirSync(directory, { recursive: true, mode: 0o700 });
    return { created, unlock: lockDirectory(directory) };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const message = `cannot use data directory \`${directory}\` (${code}); check DATA_DIR and its permissions`;
    throw new Error(message, { cause: error });
  }
}

/** Takes the directory for this process; the returned function gives it back. */
function lockDirectory(directory: string): () => void {
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

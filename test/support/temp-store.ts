/** A real store in a directory that is gone when the test is. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  openSqliteStore,
  type OpenedStore,
  type SqliteStoreOptions,
} from '../../src/adapters/store/sqlite-store.ts';
import type { Clock, Store } from '../../src/core/ports.ts';

/** Wall time and real timers that do not keep the process alive. */
export const wallClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delay, task) {
    const timer = setTimeout(task, delay).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Lends an empty directory to `use` and removes it with everything in it. */
export async function withTempDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Lends a fresh store; closes it afterwards. Reopen the same `directory` only after `store.close()`. */
export async function withTempStore<T>(
  use: (store: Store, opened: OpenedStore, directory: string) => Promise<T>,
  options: Partial<SqliteStoreOptions> = {},
): Promise<T> {
  return withTempDirectory(async (root) => {
    const directory = join(root, 'data');
    const opened = await openSqliteStore({ directory, clock: wallClock, ...options });
    try {
      return await use(opened.store, opened, directory);
    } finally {
      await opened.store.close();
    }
  });
}

/** One store for all tests of a file; `temp-store.ts` serves programs that are no tests, too. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll } from '@jest/globals';

import { type OpenedStore, openSqliteStore } from '../../src/adapters/store/sqlite-store.ts';
import type { Store } from '../../src/core/ports.ts';
import { wallClock } from './temp-store.ts';

export function temporaryStore(): () => Store {
  let opened: OpenedStore | undefined;
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'countersign-'));
    opened = await openSqliteStore({ directory: join(root, 'data'), clock: wallClock });
  });
  afterAll(async () => {
    await opened?.store.close();
    await rm(root, { recursive: true, force: true });
  });
  return () => {
    if (opened === undefined) throw new Error('the store is open only while tests run');
    return opened.store;
  };
}

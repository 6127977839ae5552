/** A fresh store on SQLite for a contract. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openSqliteStore } from '../../../src/adapters/store/sqlite-store.ts';
import { wallClock } from '../../support/temp-store.ts';
import type { StoreUnderTest } from './contract.ts';

export async function openSqlite(): Promise<StoreUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  const { store } = await openSqliteStore({ directory, clock: wallClock });
  let current = store;
  return {
    store,
    async reopen() {
      await current.close();
      current = (await openSqliteStore({ directory, clock: wallClock })).store;
      return current;
    },
    async dispose() {
      await current.close();
      await rm(directory, { recursive: true });
    },
  };
}

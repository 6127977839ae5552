import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jest } from '@jest/globals';

import { openSqliteStore } from '../../../src/adapters/store/sqlite-store.ts';
import { wallClock } from '../../support/temp-store.ts';
import { storeContract } from './contract.ts';

jest.setTimeout(30_000);

storeContract('SQLite', async () => {
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
});

/** Stores on a PostgreSQL server that is started for a test file, where there is one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { afterAll, beforeAll, describe, test } from '@jest/globals';

import {
  openPostgresStore,
  type PostgresStoreOptions,
} from '../../../src/adapters/postgres/postgres-store.ts';
import {
  postgresBinaries,
  type PostgresServer,
  startPostgres,
} from '../../support/postgres-server.ts';
import { wallClock } from '../../support/temp-store.ts';
import type { StoreUnderTest } from '../store/contract.ts';

/** Tests that need a server; without one they say so, or fail where everything is required. */
export function describeWithPostgres(tests: (server: () => PostgresServer) => void): void {
  const binaries = postgresBinaries();
  if (binaries === undefined) {
    // eslint-disable-next-line n/no-process-env -- whoever starts the tests says what must be there
    const isRequired = process.env['REQUIRE_ALL'] === '1';
    (isRequired ? test : test.skip)('needs PostgreSQL, which is not installed', () => {
      throw new Error('install PostgreSQL, or name its binaries with POSTGRES_BIN');
    });
    return;
  }
  describe('with a server', () => {
    let server: PostgresServer | undefined;
    beforeAll(async () => {
      server = await startPostgres(binaries);
    }, 60_000);
    afterAll(async () => {
      await server?.dispose();
    });
    tests(() => {
      if (server === undefined) throw new Error('the server was not started');
      return server;
    });
  });
}

/** A fresh database and a store on it. */
export async function openPostgres(
  server: PostgresServer,
  options: Partial<PostgresStoreOptions> = {},
): Promise<StoreUnderTest> {
  const url = await server.createDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  const open = async (): Promise<StoreUnderTest['store']> =>
    (await openPostgresStore({ url, directory, clock: wallClock, connections: 8, ...options }))
      .store;
  let current = await open();
  return {
    store: current,
    runs: 15,
    async reopen() {
      await current.close();
      current = await open();
      return current;
    },
    async dispose() {
      await current.close();
      await rm(directory, { recursive: true });
    },
  };
}

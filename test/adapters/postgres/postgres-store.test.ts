import { jest } from '@jest/globals';

import { storeContract } from '../store/contract.ts';
import { slashingContract } from '../store/slashing-contract.ts';
import { describeWithPostgres, openPostgres } from './postgres-under-test.ts';

jest.setTimeout(30_000);

describeWithPostgres((server) => {
  storeContract('PostgreSQL', () => openPostgres(server()));
  slashingContract('PostgreSQL', () => openPostgres(server()));
});

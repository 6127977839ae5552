import { jest } from '@jest/globals';

import { slashingContract } from './slashing-contract.ts';
import { openSqlite } from './sqlite-under-test.ts';

jest.setTimeout(30_000);

slashingContract('SQLite', openSqlite);

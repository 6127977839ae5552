import { expect, test } from '@jest/globals';

import { createReadiness } from '../../src/compose/readiness.ts';

test('checks go under the ids that dashboards of Web3Signer know', () => {
  const readiness = createReadiness();
  readiness.up('keys-check/keystores-bulk-loading', { 'keys-loaded': 3n, 'error-count': 0n });
  expect(readiness.checks()).toEqual([
    { id: 'default-check', status: 'UP' },
    { id: 'store', status: 'UP' },
    {
      id: 'keys-check/keystores-bulk-loading',
      status: 'UP',
      data: { 'keys-loaded': 3n, 'error-count': 0n },
    },
    { id: 'slashing-protection-db-health-check', status: 'UP' },
  ]);
});

test('a broken store is a broken slashing protection', () => {
  const readiness = createReadiness();
  readiness.down('store', 'the disk is full');
  const down = readiness.checks().filter(({ status }) => status === 'DOWN');
  expect(down.map(({ id, why }) => [id, why])).toEqual([
    ['store', 'the disk is full'],
    ['slashing-protection-db-health-check', 'the disk is full'],
  ]);
});

test('a check that is up again says no longer why it was down', () => {
  const readiness = createReadiness();
  readiness.down('recovery', 'jobs are being taken up');
  readiness.up('recovery');
  expect(readiness.checks()).toContainEqual({ id: 'recovery', status: 'UP' });
});

import { expect, jest, test } from '@jest/globals';

import { createDutyReader, NETWORKS, type ReadDuty } from '../../../signers/bls12381/index.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { readOnce } from '../../../src/protocols/ethereum/read-once.ts';
import { attestation, forkInfo } from '../../support/duties.ts';

const VOTE = attestation(10n);

function counting() {
  const readDuty = jest.fn<ReadDuty>(createDutyReader(NETWORKS.mainnet));
  return { readDuty, read: readOnce(readDuty) };
}

test('the same duty for another key is read once', () => {
  const { readDuty, read } = counting();
  const first = read('ATTESTATION', { ...VOTE, identifier: '0xaa' });
  expect(read('ATTESTATION', { ...VOTE, identifier: '0xbb' })).toBe(first);
  expect(read('ATTESTATION', { ...VOTE, identifiers: ['0xaa'] })).toBe(first);
  expect(readDuty).toHaveBeenCalledTimes(1);
});

test.each<[string, string, JsonObject]>([
  ['type', 'BLOCK_V2', VOTE],
  ['fork', 'ATTESTATION', { ...VOTE, fork_info: { ...forkInfo } }],
  ['message', 'ATTESTATION', { ...VOTE, attestation: attestation(11n)['attestation'] ?? null }],
  ['root', 'ATTESTATION', { ...VOTE, signingRoot: `0x${'00'.repeat(32)}` }],
])('a duty of another %s is another duty', (_, type, body) => {
  const { readDuty, read } = counting();
  read('ATTESTATION', VOTE);
  const other = read(type, body);
  expect(other).toEqual(createDutyReader(NETWORKS.mainnet)(type, body));
  expect(readDuty).toHaveBeenCalledTimes(2);
});

test('an equal body that is not the same one is read anew', () => {
  const { readDuty, read } = counting();
  read('ATTESTATION', attestation(10n));
  read('ATTESTATION', attestation(10n));
  expect(readDuty).toHaveBeenCalledTimes(2);
});

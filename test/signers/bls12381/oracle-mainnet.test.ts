import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createDutyReader, DUTY_TYPES, NETWORKS } from '../../../signers/bls12381/index.ts';
import { oracleCases } from '../../support/bls-oracle.ts';

describe('the mainnet preset', () => {
  const read = createDutyReader(NETWORKS.sepolia);

  test('is compared for every type of request', () => {
    expect(new Set(oracleCases.map(({ type }) => type))).toEqual(new Set(DUTY_TYPES));
  });

  test.each(oracleCases.map((item) => [item.name, item] as const))(
    'gives any %s the root that Lodestar gives it',
    (_name, { type, body, root }) => {
      fc.assert(
        fc.property(body, (request) => {
          const duty = read(type, request);
          expect(duty.ok ? `0x${duty.value.signingRoot}` : duty.error).toBe(
            root(request, '0x90000069'),
          );
        }),
        { numRuns: 12 },
      );
    },
  );
});

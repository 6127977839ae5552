import { describe, expect, test } from '@jest/globals';
import { PresetName, setActivePreset } from '@lodestar/params/setPreset';
import fc from 'fast-check';

import { createDutyReader, NETWORKS } from '../../../signers/bls12381/index.ts';

setActivePreset(PresetName.minimal);
const { oracleCases } = await import('../../support/bls-oracle.ts');

describe('the minimal preset', () => {
  const read = createDutyReader(NETWORKS.minimal);

  test.each(oracleCases.map((item) => [item.name, item] as const))(
    'gives any %s the root that Lodestar gives it',
    (_name, { type, body, root }) => {
      fc.assert(
        fc.property(body, (request) => {
          const duty = read(type, request);
          expect(duty.ok ? `0x${duty.value.signingRoot}` : duty.error).toBe(
            root(request, '0x00000001'),
          );
        }),
        { numRuns: 8 },
      );
    },
  );
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { DUTY_TYPES } from '../../../signers/bls12381/index.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../../../src/base/json.ts';
import { dutyRequest } from '../../../src/http/ethereum/duty-schemas.ts';
import { oracleCases } from '../../support/bls-oracle.ts';
import { signingRootCases } from '../../support/bls-vectors.ts';

/** As clients write it, with integers as texts. */
function withTexts(value: JsonValue): JsonValue {
  if (typeof value === 'bigint') return String(value);
  if (isJsonArray(value)) return value.map(withTexts);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withTexts(member)]),
  );
}

describe('the description of duties', () => {
  test('has every type, and no other', () => {
    const [types] = dutyRequest.options;
    const described = types.options.map(({ shape }) => [...shape.type.values]).flat();
    expect([...described].sort()).toEqual([...DUTY_TYPES].sort());
  });

  // What is not described is dropped, what is described and not there refused.
  test.each(oracleCases.map((item) => [item.name, item] as const))(
    'fits any %s, member by member',
    (_name, { body }) => {
      fc.assert(
        fc.property(body, (request) => {
          const sent = withTexts(request);
          expect(dutyRequest.parse(sent)).toEqual(sent);
        }),
        { numRuns: 10 },
      );
    },
  );

  test('fits what a validator client was seen to send', () => {
    const seen = signingRootCases('lodestar-1.5.1-captured-minimal-preset');
    expect(seen.length).toBeGreaterThan(40);
    for (const { request } of seen) expect(dutyRequest.parse(request)).toEqual(request);
  });

  test('has roots that nobody shows the message of', () => {
    const raw = { signingRoot: `0x${'11'.repeat(32)}`, domain_name: 'randao' };
    expect(dutyRequest.parse(raw)).toEqual(raw);
    expect(dutyRequest.safeParse({ signingRoot: '0x11' }).success).toBe(false);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  fieldsOfObscuredNumber,
  indexOfNumber,
  obscuredNumberOf,
  obscureNumber,
  obscuringFactor,
} from '../../../signers/lightning/commitment-number.ts';
import { nobleCurve } from '../../../signers/lightning/index.ts';
import { fromHex } from '../../../src/base/hex.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';
import { bolt3Transactions } from '../../support/transaction-vectors.ts';

const uint32 = (littleEndian: string) =>
  Number.parseInt((littleEndian.match(/../g) ?? []).reverse().join(''), 16);

describe('commitment numbers', () => {
  test.each(lightsparkVectors.commitment_number)(
    'official commitment $commitment_number of $funding_path',
    (given) => {
      const fields = {
        sequence: uint32(given.sequence_le_hex),
        lockTime: uint32(given.locktime_le_hex),
      };
      const obscured = obscuredNumberOf(fields);
      const number = BigInt(given.commitment_number);
      expect(obscured).toBe(BigInt(`0x${given.obscured}`));
      expect(obscureNumber(obscured ?? 0n, BigInt(`0x${given.obscure_factor}`))).toBe(number);
      expect(indexOfNumber(number)).toBe(BigInt(given.per_commitment_index));
      expect(fieldsOfObscuredNumber(obscured ?? 0n)).toEqual(fields);
    },
  );

  test('the factor of BOLT 3 shows commitment 42', () => {
    const given = bolt3Transactions.zero_fee_commitments;
    const opener = nobleCurve.publicKey(fromHex(given.local_payment_basepoint_secret));
    const accepter = nobleCurve.publicKey(fromHex(given.remote_payment_basepoint_secret));
    const lockTime = uint32(given.signed_commitment.slice(-8));
    const obscured = obscuredNumberOf({ sequence: uint32('340fef80'), lockTime });
    expect(obscureNumber(obscured ?? 0n, obscuringFactor(opener, accepter))).toBe(42n);
  });

  test('48 bits survive the way into sequence and locktime and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }), (obscured) => {
        expect(obscuredNumberOf(fieldsOfObscuredNumber(obscured))).toBe(obscured);
      }),
    );
  });

  test('a transaction without both marks is no commitment', () => {
    expect(obscuredNumberOf({ sequence: 0x80000000, lockTime: 0x20000000 })).toBe(0n);
    for (const [sequence, lockTime] of [
      [0xffffffff, 0x20000000],
      [0x80000000, 0],
      [0x80000000, 0x21000000],
      [0x81000000, 0x20000000],
    ] as const) {
      expect(obscuredNumberOf({ sequence, lockTime })).toBeUndefined();
    }
  });
});

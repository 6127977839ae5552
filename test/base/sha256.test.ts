import { createHash } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { utf8 } from '../../src/base/bytes.ts';
import { fromHex, toHex } from '../../src/base/hex.ts';
import { sha256, sha256Hex } from '../../src/base/sha256.ts';

describe('SHA-256', () => {
  test('is that of a hash object, for bytes and for texts', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ unit: 'grapheme' }),
        (bytes, text) => {
          const expected = createHash('sha256').update(bytes).digest('hex');
          expect(sha256Hex(bytes)).toBe(expected);
          expect(toHex(sha256(bytes))).toBe(expected);
          expect(sha256Hex(text)).toBe(sha256Hex(utf8(text)));
        },
      ),
    );
  });

  test('is bytes of its own', () => {
    const digest = sha256(utf8('abc'));
    expect(digest.constructor).toBe(Uint8Array);
    expect(digest.buffer.byteLength).toBe(32);
  });
});

describe('hex', () => {
  test('of a part of a buffer is that of the part', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(40), (bytes, from, to) => {
        const part = bytes.subarray(from, to);
        expect(toHex(part)).toHaveLength(2 * part.length);
        expect(fromHex(toHex(part))).toEqual(part.slice());
      }),
    );
  });
});

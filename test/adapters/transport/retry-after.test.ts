import { describe, expect, test } from '@jest/globals';

import { parseRetryAfter } from '../../../src/adapters/transport/retry-after.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    ['0', 0],
    [' 7 ', 7_000],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90_000],
    ['Thursday, 01-Jan-26 00:00:10 GMT', 10_000],
    ['86400', 900_000],
    ['Fri, 01 Jan 2027 00:00:00 GMT', 900_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ])('reads `%s` as %d ms', (header, milliseconds) => {
    expect(parseRetryAfter(header, now)).toBe(milliseconds);
  });

  test.each([undefined, '', '-1', '1.5', '1e3', '99999999999', 'soon', '2026-01-01T00:01:00Z'])(
    'does not read `%s`',
    (header) => {
      expect(parseRetryAfter(header, now)).toBeUndefined();
    },
  );
});

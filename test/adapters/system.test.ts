import { expect, test } from '@jest/globals';

import { systemRandom, uuidV7 } from '../../src/adapters/system.ts';

test('makes the UUID of RFC 9562, appendix A.6', () => {
  const chance = Uint8Array.of(0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f);
  expect(uuidV7(0x017f22e279b0, chance)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('makes ids that differ and sort by time', () => {
  const ids = Array.from({ length: 1_000 }, () => systemRandom.id());
  expect(new Set(ids).size).toBe(1_000);
  expect(uuidV7(1, new Uint8Array(10)) < uuidV7(2, new Uint8Array(10))).toBe(true);
});

import { expect, test } from '@jest/globals';

import { documentOf } from '../../../src/adapters/interchange/document-bytes.ts';
import { concatBytes } from '../../../src/base/bytes.ts';

test('a large document lets others have their turn while it is read', async () => {
  const bytes = Uint8Array.from({ length: 300 * 1024 }, (_, index) => index % 251);
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  const pieces: Uint8Array[] = [];
  for await (const piece of documentOf(bytes).read()) pieces.push(piece);
  clearImmediate(next);
  expect(concatBytes(...pieces)).toEqual(bytes);
  expect(pieces.length).toBeGreaterThanOrEqual(4);
  expect(turns).toBeGreaterThanOrEqual(pieces.length);
});

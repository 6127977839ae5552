import { inspect } from 'node:util';

import { expect, test } from '@jest/globals';

import { Secret } from '../../src/base/secret.ts';

test('a secret refuses to be printed, serialised or inspected', () => {
  const secret = new Secret(Uint8Array.of(71, 72, 73));
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
    Object.keys(secret).join(),
    JSON.stringify(Object.entries(secret)),
  ].join();
  expect(shown).not.toMatch(/71|GHI|474849/);
});

test('a disposed secret holds only zeros', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const secret = new Secret(bytes);
  secret[Symbol.dispose]();
  expect([...bytes]).toEqual([0, 0, 0]);
});

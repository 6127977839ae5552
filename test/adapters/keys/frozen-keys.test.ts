import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import { createFrozenKeys } from '../../../src/adapters/keys/frozen-keys.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
const alarm = (): void => undefined;

test('a freeze by another process takes effect in the next turn, and so does its end', async () => {
  const file = join(root, 'frozen.json');
  const [ours, theirs] = [createFrozenKeys({ file, alarm }), createFrozenKeys({ file, alarm })];
  for (const [change, isFrozen] of [
    ['add', true],
    ['remove', false],
    ['add', true],
  ] as const) {
    // The first look reads the file, the second finds it unchanged.
    expect([ours.has('key'), ours.has('key'), ours.has('key')]).toEqual(
      Array.from({ length: 3 }, () => !isFrozen),
    );
    expect(theirs[change]('key').ok).toBe(true);
    await turn();
    expect(ours.has('key')).toBe(isFrozen);
  }
});

test('our own freeze takes effect at once', () => {
  const ours = createFrozenKeys({ file: join(root, 'own.json'), alarm });
  expect([ours.has('key'), ours.has('key')]).toEqual([false, false]);
  expect(ours.add('key').ok).toBe(true);
  expect(ours.has('key')).toBe(true);
  expect(ours.remove('key').ok).toBe(true);
  expect(ours.has('key')).toBe(false);
});

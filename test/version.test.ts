import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { VERSION } from '../src/version.ts';

test('the program and its package have the same version', () => {
  expect(readFileSync('package.json', 'utf8')).toContain(`"version": "${VERSION}"`);
});

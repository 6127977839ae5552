/**
 * Lighter's official library, for tests that need it. Where it is missing they say that they did not
 * run; under `REQUIRE_ALL=1` they fail instead.
 */
import process from 'node:process';

import { describe, test } from '@jest/globals';

import {
  LIBRARY_FOLDERS,
  type LibraryPlace,
  locateLibrary,
} from '../../src/adapters/lighter-native/locate-library.ts';

/* eslint-disable n/no-process-env -- whoever starts the tests says what must be there, and where */
const requireAll = process.env['REQUIRE_ALL'] === '1';
const path = process.env['LIGHTER_NATIVE_LIBRARY'];
/* eslint-enable n/no-process-env */

export const libraryPlace: LibraryPlace = {
  platform: process.platform,
  arch: process.arch,
  ...(path === undefined ? {} : { path }),
  folders: LIBRARY_FOLDERS,
};

const located = locateLibrary(libraryPlace);

/** A group of tests that call the library. */
export function describeWithLibrary(name: string, tests: (file: string) => void): void {
  if (located.ok) {
    describe(name, () => {
      tests(located.value);
    });
    return;
  }
  const { message } = located.error;
  describe(`${name}: NOT RUN, because Lighter's library is missing`, () => {
    const run = requireAll ? test : test.skip;
    run(message, () => {
      throw new Error(message);
    });
  });
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { admitLibrary } from '../../../src/adapters/lighter-native/admit-library.ts';
import {
  type LibraryLock,
  readLibraryLock,
} from '../../../src/adapters/lighter-native/library-lock.ts';
import {
  type LibraryPlace,
  locateLibrary,
} from '../../../src/adapters/lighter-native/locate-library.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { toHex } from '../../../src/base/hex.ts';
import { sha256 } from '../../../src/base/sha256.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const directory = temporaryDirectory();

function put(folder: string, name: string, content = name): string {
  mkdirSync(join(directory, folder), { recursive: true });
  const path = join(directory, folder, name);
  writeFileSync(path, content);
  return path;
}

const linux = (folder: string): LibraryPlace => ({
  platform: 'linux',
  arch: 'x64',
  folders: [join(directory, folder), join(directory, folder, 'native')],
});

const notInitialized = (why: string): object => ({
  ok: false,
  error: {
    code: 'lighter.native_not_initialized',
    message: expect.stringMatching(new RegExp(`^Signer not initialized: .*${why}`)),
  },
});

describe('where the library is looked for', () => {
  test.each([
    ['linux', 'x64', 'lighter-signer-linux-amd64.so'],
    ['linux', 'x64', 'signer-amd64.so'],
    ['linux', 'arm64', 'lighter-signer-linux-arm64.so'],
    ['darwin', 'arm64', 'lighter-signer-darwin-arm64.dylib'],
    ['darwin', 'arm64', 'signer-arm64.dylib'],
    ['darwin', 'x64', 'lighter-signer-darwin-amd64.dylib'],
    ['win32', 'x64', 'lighter-signer-windows-amd64.dll'],
    ['win32', 'x64', 'signer-amd64.dll'],
  ])('on %s/%s under the name %s', (platform, arch, name) => {
    const path = put(`${platform}-${name}`, name);
    const folders = [join(directory, 'nowhere'), join(directory, `${platform}-${name}`)];
    expect(locateLibrary({ platform, arch, folders })).toEqual({ ok: true, value: path });
  });

  test('in the folders in turn, and under the current name first', () => {
    put('both', 'signer-amd64.so');
    const current = put('both', 'lighter-signer-linux-amd64.so');
    put('both/native', 'lighter-signer-linux-amd64.so');
    expect(locateLibrary(linux('both'))).toEqual({ ok: true, value: current });
  });

  test('nowhere else where its path is configured', () => {
    put('configured', 'lighter-signer-linux-amd64.so');
    const path = put('elsewhere', 'mine.so');
    expect(locateLibrary({ ...linux('configured'), path })).toEqual({ ok: true, value: path });
    expect(locateLibrary({ ...linux('configured'), path: `${path}.gone` })).toMatchObject(
      notInitialized('LIGHTER_NATIVE_LIBRARY.*does not exist'),
    );
  });

  test('with the remedy where it is not found', () => {
    expect(locateLibrary(linux('empty'))).toMatchObject(
      notInitialized('`signer-amd64.so` is in none of .*npm run lighter:native'),
    );
  });

  test.each([
    ['freebsd', 'x64'],
    ['linux', 'riscv64'],
    ['win32', 'arm64'],
  ])('not on %s/%s, for which there is none', (platform, arch) => {
    expect(locateLibrary({ platform, arch, folders: [] })).toMatchObject({
      ok: false,
      error: {
        message: expect.stringMatching(
          `^Unsupported platform/architecture: ${platform}/${arch}.*LIGHTER_BACKEND=kernel`,
        ),
      },
    });
  });
});

describe('which library is admitted', () => {
  const official = put('admit', 'official.so');
  const own = put('admit', 'own.so');
  const digest = (content: string): ReturnType<typeof toHex> => toHex(sha256(utf8(content)));
  const lock: LibraryLock = {
    ...readLibraryLock(),
    libraries: [
      {
        release: '1',
        platform: 'linux-x64',
        file: 'official.so',
        sha256: digest('official.so'),
        abi: '2026-08',
      },
    ],
  };

  test('an official one, which is known by its digest whatever its name', async () => {
    const renamed = put('admit', 'renamed.so', 'official.so');
    for (const path of [official, renamed]) {
      const value = { path, sha256: digest('official.so'), abi: '2026-08' };
      expect(await admitLibrary(path, {}, lock)).toEqual({ ok: true, value });
    }
  });

  test('one that the operator vouches for by digest and generation', async () => {
    const pin = { sha256: digest('own.so').toUpperCase(), abi: '2026-10' };
    const value = { path: own, sha256: digest('own.so'), abi: '2026-10' };
    expect(await admitLibrary(own, pin, lock)).toEqual({ ok: true, value });
  });

  test.each([
    ['is unknown', own, {}, 'is no official library.*lighter:native.*LIGHTER_NATIVE_ABI'],
    ['has a generation only', own, { abi: '2026-10' }, 'is no official library'],
    [
      'has a digest only',
      own,
      { sha256: digest('own.so') },
      'give the generation.*2026-06, 2026-08',
    ],
    ['has an unknown generation', own, { sha256: digest('own.so'), abi: '9' }, '`9`; give'],
    ['differs from the pin', official, { sha256: digest('own.so') }, 'not the one of'],
    ['is said to be of another generation', official, { abi: '2026-10' }, 'leave .* empty'],
    ['cannot be read', `${own}.gone`, {}, 'cannot be read'],
  ])('but none that %s', async (_, path, pin, why) => {
    expect(await admitLibrary(path, pin, lock)).toMatchObject(notInitialized(why));
  });
});

describe('the lock file', () => {
  const { package: wheel, libraries } = readLibraryLock();

  test('has the library of its package for every platform that has one', () => {
    const platforms = libraries
      .filter(({ release }) => release === wheel.version)
      .map(({ platform }) => platform);
    expect(platforms.sort()).toEqual([
      'darwin-arm64',
      'darwin-x64',
      'linux-arm64',
      'linux-x64',
      'win32-x64',
    ]);
  });

  test('gives each digest one generation', () => {
    expect(new Set(libraries.map(({ sha256: known }) => known)).size).toBe(libraries.length);
  });
});

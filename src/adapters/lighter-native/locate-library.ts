/** Where the library lies and what its file may be called. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { unusable } from './unusable.ts';

export interface LibraryPlace {
  /** `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  /** The file itself, of whatever name; then no folder is searched. */
  readonly path?: string;
  /** Searched in this order. */
  readonly folders: readonly string[];
}

/** Where the loader looks by itself, seen from the folder of the product. */
export const LIBRARY_FOLDERS = ['signers', 'signers/lighter/native'] as const;

/** Names of the official files, the current one first. */
const FILE_NAMES: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': ['lighter-signer-linux-amd64.so', 'signer-amd64.so'],
  'linux-arm64': ['lighter-signer-linux-arm64.so', 'signer-arm64.so'],
  'darwin-arm64': ['lighter-signer-darwin-arm64.dylib', 'signer-arm64.dylib'],
  'darwin-x64': ['lighter-signer-darwin-amd64.dylib', 'signer-amd64.dylib'],
  'win32-x64': ['lighter-signer-windows-amd64.dll', 'signer-amd64.dll'],
};

/** The library's file, or what to do to have one. */
export function locateLibrary({
  platform,
  arch,
  path,
  folders,
}: LibraryPlace): Result<string, Reason> {
  if (path !== undefined) {
    if (existsSync(path)) return ok(path);
    return unusable(
      `\`LIGHTER_NATIVE_LIBRARY\` names \`${path}\`, which does not exist; correct the path`,
    );
  }
  const names = FILE_NAMES[`${platform}-${arch}`];
  if (names === undefined) {
    return err({
      code: 'lighter.native_platform',
      message:
        `Unsupported platform/architecture: ${platform}/${arch}: Lighter publishes no library for it; ` +
        'set `LIGHTER_BACKEND=kernel`, or name one that you built in `LIGHTER_NATIVE_LIBRARY`',
    });
  }
  const found = folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((candidate) => existsSync(candidate));
  if (found !== undefined) return ok(found);
  return unusable(
    `${names.map((name) => `\`${name}\``).join(' or ')} is in none of ` +
      `${folders.map((folder) => `\`${folder}\``).join(', ')}; run \`npm run lighter:native\``,
  );
}

/** Which library is admitted: an official one, or one that the operator vouches for by its SHA-256. */
import { readFile } from 'node:fs/promises';

import { type Hex, toHex } from '../../base/hex.ts';
import { ok, type Result } from '../../base/result.ts';
import { sha256 } from '../../base/sha256.ts';
import type { Reason } from '../../core/outcome.ts';
import { ABI_NAMES, type AbiName, isAbiName } from './abi.ts';
import type { LibraryLock } from './library-lock.ts';
import { unusable } from './unusable.ts';

/** `LIGHTER_NATIVE_SHA256` and `LIGHTER_NATIVE_ABI`. */
export interface LibraryPin {
  readonly sha256?: string;
  readonly abi?: string;
}

export interface AdmittedLibrary {
  readonly path: string;
  readonly sha256: Hex;
  readonly abi: AbiName;
}

/** Reads the file and says how to speak to it, or why it must not be loaded. */
export async function admitLibrary(
  path: string,
  pin: LibraryPin,
  lock: LibraryLock,
): Promise<Result<AdmittedLibrary, Reason>> {
  const file = await readFile(path).catch(() => undefined);
  if (file === undefined) return unusable(`\`${path}\` cannot be read; let the daemon read it`);
  const found = toHex(sha256(file));
  if (pin.sha256 !== undefined && pin.sha256.toLowerCase() !== found) {
    return unusable(
      `\`${path}\` has SHA-256 \`${found}\`, not the one of \`LIGHTER_NATIVE_SHA256\`; ` +
        'put the right file there',
    );
  }
  const official = lock.libraries.find(({ sha256: known }) => known === found);
  if (official !== undefined) {
    if (pin.abi === undefined || pin.abi === official.abi) {
      return ok({ path, sha256: found, abi: official.abi });
    }
    return unusable(
      `\`${path}\` is an official library of generation \`${official.abi}\`, not \`${pin.abi}\`; ` +
        'leave `LIGHTER_NATIVE_ABI` empty',
    );
  }
  if (pin.sha256 === undefined) {
    return unusable(
      `\`${path}\` has SHA-256 \`${found}\`, which is no official library's; run ` +
        '`npm run lighter:native`, or vouch for a library that you built by ' +
        '`LIGHTER_NATIVE_SHA256` and `LIGHTER_NATIVE_ABI`',
    );
  }
  if (pin.abi === undefined || !isAbiName(pin.abi)) {
    const given = pin.abi === undefined ? 'not set' : `\`${pin.abi}\``;
    return unusable(
      `\`LIGHTER_NATIVE_ABI\` is ${given}; give the generation of the library's header: ` +
        ABI_NAMES.join(', '),
    );
  }
  return ok({ path, sha256: found, abi: pin.abi });
}

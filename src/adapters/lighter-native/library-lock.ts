/**
 * `signers/lighter/native-lock.json`: the official libraries that are admitted, by SHA-256, each with
 * the generation of its C interface, and the package from which `npm run lighter:native` takes them.
 */
import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { isHexOf, type Hex } from '../../base/hex.ts';
import { ABI_NAMES } from './abi.ts';

const DIGEST_SIZE = 32;

const digest = z.custom<Hex>((value) => typeof value === 'string' && isHexOf(DIGEST_SIZE, value));

const schema = z.strictObject({
  package: z.strictObject({
    name: z.string(),
    version: z.string(),
    file: z.string(),
    sha256: digest,
    /** Where in the package the libraries lie. */
    folder: z.string(),
  }),
  libraries: z.array(
    z.strictObject({
      /** Version of the package that brought the library. */
      release: z.string(),
      /** As Node names platform and architecture: `linux-x64`. */
      platform: z.string(),
      file: z.string(),
      sha256: digest,
      abi: z.enum(ABI_NAMES),
    }),
  ),
});

export type LibraryLock = z.infer<typeof schema>;

const file = new URL('../../../signers/lighter/native-lock.json', import.meta.url);

/** The lock file of this version of the product. */
export function readLibraryLock(): LibraryLock {
  return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** The validators of the benchmark, and their keystores as an operator has them. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SecretKey } from '@chainsafe/blst';

import { deriveWrappingKey, sealUnder } from '../../src/adapters/keys/keystore.ts';
import { writeKeystore } from '../../src/adapters/keys/keystore-document.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { fromHex, type Hex, toHex } from '../../src/base/hex.ts';
import { Secret } from '../../src/base/secret.ts';

export interface Validator {
  readonly secret: Hex;
  readonly pubkey: Hex;
}

export const PASSWORD = 'bench';
/** What a guess costs is not what is measured. */
const CHEAP = { function: 'pbkdf2', c: 1 } as const;

/** The first keys of one seed, always the same. */
export function createValidators(count: number): readonly Validator[] {
  const master = SecretKey.deriveMasterEip2333(new Uint8Array(32).fill(7));
  return Array.from({ length: count }, (_, index) => {
    const key = master.deriveChildEip2333(index);
    return { secret: toHex(key.toBytes()), pubkey: toHex(key.toPublicKey().toBytes()) };
  });
}

/** EIP-2335, one text for each validator. */
export async function writeKeystores(validators: readonly Validator[]): Promise<readonly string[]> {
  using password = new Secret(utf8(PASSWORD));
  const derived = await deriveWrappingKey(password, CHEAP);
  if (!derived.ok) throw new Error(derived.error.message);
  using wrapping = derived.value;
  return validators.map(({ secret: hex, pubkey }) => {
    using secret = new Secret(fromHex(hex));
    return writeKeystore(sealUnder(wrapping, secret, { pubkey, path: '' }));
  });
}

/** `<public key>.json` with `<public key>.txt` in one directory. */
export async function writeKeystoreDirectory(
  directory: string,
  validators: readonly Validator[],
): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  const keystores = await writeKeystores(validators);
  for (const [index, { pubkey }] of validators.entries()) {
    for (const [kind, text] of [
      ['json', keystores[index] ?? ''],
      ['txt', PASSWORD],
    ] as const) {
      const file = join(directory, `${pubkey}.${kind}`);
      await writeFile(file, text);
      await chmod(file, 0o600);
    }
  }
}

/** Interop validator keys, and directories of keystores as operators have them. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { createFrozenKeys } from '../../src/adapters/keys/frozen-keys.ts';
import {
  openValidatorKeys,
  type OpenValidatorKeys,
  type OpenValidatorKeysDeps,
  type ValidatorKeysOptions,
} from '../../src/adapters/bls/open-validator-keys.ts';
import type { Blst } from '../../src/adapters/bls/blst.ts';
import { loadBlst } from '../../src/adapters/bls/blst.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { fromHex, isHex, type Hex } from '../../src/base/hex.ts';
import { ok } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import { cheapCost } from './key-kinds.ts';

const vectors = new URL('../vectors/bls/interop/', import.meta.url);

export function hexIn(text: string): Hex {
  const bare = text.replace(/^0x/, '');
  if (!isHex(bare)) throw new Error('not hex');
  return bare;
}

const keyFile = z.object({
  keys: z.array(z.object({ secret_key: z.string(), pubkey: z.string() })),
});
const keystoreFile = z.object({
  password: z.string(),
  keystores: z.array(z.looseObject({ pubkey: z.string() })),
});

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, vectors), 'utf8'));
}

export interface InteropKey {
  readonly secretHex: Hex;
  readonly pubkey: Hex;
  readonly secret: () => Secret;
}

/** The first sixty-four. */
const interopKeys: readonly InteropKey[] = keyFile
  .parse(read('keys-0-63.json'))
  .keys.map(({ secret_key, pubkey }) => {
    const secretHex = hexIn(secret_key);
    return { secretHex, pubkey: hexIn(pubkey), secret: () => new Secret(fromHex(secretHex)) };
  });

export function interopKey(index: number): InteropKey {
  const key = interopKeys[index];
  if (key === undefined) throw new Error('there are 64 interop keys');
  return key;
}

const { password, keystores } = keystoreFile.parse(read('keystores-0-15.json'));
export const interopPassword = password;

/** The keystore of one of the first sixteen keys; even ones pbkdf2, odd ones scrypt. */
export function interopKeystore(
  index: number,
  changes: Readonly<Record<string, unknown>> = {},
): string {
  const keystore = keystores[index];
  if (keystore === undefined) throw new Error('there are 16 interop keystores');
  return JSON.stringify({ ...keystore, ...changes });
}

export function word(text: string): Secret {
  return new Secret(utf8(text));
}

/** Writes a file of mode 0600 and returns its path. */
export function writeSource(directory: string, name: string, text: string, mode = 0o600): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** `key-<index>.json` with `key-<index>.txt`. */
export function writeInteropKeystores(directory: string, indices: readonly number[]): void {
  for (const index of indices) {
    writeSource(directory, `key-${String(index)}.json`, interopKeystore(index));
    writeSource(directory, `key-${String(index)}.txt`, `${interopPassword}\n`);
  }
}

export async function blst(): Promise<Blst> {
  const loaded = await loadBlst();
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded.value;
}

/** Validator keys of a daemon whose files lie in `home`: `sources`, `imported`, `keys.cache`. */
export async function openIn(
  home: string,
  options: Partial<ValidatorKeysOptions> = {},
  deps: Partial<OpenValidatorKeysDeps> = {},
): Promise<OpenValidatorKeys> {
  const alarm = (): void => undefined;
  const opened = await openValidatorKeys(
    {
      workers: 1,
      concurrency: 2,
      imports: { directory: join(home, 'imported'), password: word('the daemon’s own') },
      sources: [],
      cost: cheapCost,
      ...options,
    },
    {
      frozen: createFrozenKeys({ file: join(home, 'frozen.json'), alarm }),
      alarm,
      beforeActivation: () => Promise.resolve(ok(undefined)),
      onProgress: () => undefined,
      now: () => 1_767_225_600_000,
      ...deps,
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

/** Interop validator keys, and directories of keystores as operators have them. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { loadBlst, type Blst } from '../../src/adapters/bls/blst.ts';
import { createImportedKeys } from '../../src/adapters/bls/imported-keys.ts';
import { openKeyCache } from '../../src/adapters/bls/key-cache.ts';
import { createKeySlots, slotOf, type KeySlots } from '../../src/adapters/bls/key-slots.ts';
import type { KeySource } from '../../src/adapters/bls/key-source.ts';
import {
  openValidatorKeys,
  type OpenValidatorKeys,
  type OpenValidatorKeysDeps,
  type ValidatorKeysOptions,
} from '../../src/adapters/bls/open-validator-keys.ts';
import {
  createValidatorKeyStore,
  type ReloadReport,
  type ValidatorKeyStore,
  type ValidatorKeyStoreDeps,
} from '../../src/adapters/bls/validator-key-store.ts';
import { createValidatorKeys, type ValidatorKeys } from '../../src/adapters/bls/validator-keys.ts';
import { createFrozenKeys } from '../../src/adapters/keys/frozen-keys.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { fromHex, isHex, type Hex } from '../../src/base/hex.ts';
import { ok } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import type { Reason } from '../../src/core/outcome.ts';
import { cheapCost } from './key-kinds.ts';

const NOW = 1_767_225_600_000;
const vectors = new URL('../vectors/bls/interop/', import.meta.url);

function hexIn(text: string): Hex {
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
      now: () => NOW,
      ...deps,
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

export interface StoreRig {
  readonly keys: ValidatorKeys;
  readonly store: ValidatorKeyStore;
  readonly slots: KeySlots;
  /** Loads, and fails where a load is running. */
  readonly reload: () => Promise<ReloadReport>;
}

export interface StoreRigOptions {
  readonly sources?: readonly KeySource[];
  /** Opens `keys.cache` with this secret. */
  readonly cacheSecret?: string;
  readonly password?: Secret;
  readonly beforeActivation?: ValidatorKeyStoreDeps['beforeActivation'];
  readonly onProgress?: ValidatorKeyStoreDeps['onProgress'];
  readonly alarm?: (reason: Reason) => void;
}

/** Validator keys of files in `home`, signing on this thread. */
export async function storeIn(home: string, options: StoreRigOptions = {}): Promise<StoreRig> {
  const { sources = [], cacheSecret, password: own = word('the daemon’s own') } = options;
  const { alarm = () => undefined } = options;
  const library = await blst();
  const slots = createKeySlots(64);
  const keys = createValidatorKeys({
    slots,
    frozen: createFrozenKeys({ file: join(home, 'frozen.json'), alarm }),
    workers: {
      sign: (slot, root) => {
        const key = library.SecretKey.fromBytes(slotOf(slots.memory, slot));
        return Promise.resolve(key.sign(root).toBytes());
      },
      released: () => Promise.resolve(),
    },
  });
  const cache =
    cacheSecret === undefined
      ? undefined
      : await openKeyCache(
          { file: join(home, 'keys.cache'), secret: word(cacheSecret), cost: cheapCost },
          { alarm },
        );
  if (cache?.ok === false) throw new Error(cache.error.message);
  const store = createValidatorKeyStore(
    { sources, concurrency: 2 },
    {
      blst: library,
      keys,
      imported: createImportedKeys(
        { directory: join(home, 'imported'), password: own, cost: cheapCost },
        library,
      ),
      cache: cache?.value,
      beforeActivation: options.beforeActivation ?? (() => Promise.resolve(ok(undefined))),
      onProgress: options.onProgress ?? (() => undefined),
      now: () => NOW,
    },
  );
  return {
    keys,
    store,
    slots,
    async reload() {
      const report = await store.reload();
      if (report === undefined) throw new Error('a load is running');
      return report;
    },
  };
}

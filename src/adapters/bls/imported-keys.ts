/**
 * Keys that came through the Keymanager API: one EIP-2335 keystore for each, named by its public key,
 * under the daemon's own password. They share one derivation, so that a thousand open as fast as one;
 * the password they came with is not kept.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { isHexOf, type Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { DerivationCost } from '../keys/key-derivation.ts';
import { openUnder, sealUnder, type WrappingKey } from '../keys/keystore.ts';
import { parseKeystore, writeKeystore } from '../keys/keystore-document.ts';
import {
  makePrivateDirectory,
  readPrivateFile,
  replacePrivateFile,
  systemCode,
} from '../keys/private-file.ts';
import { createWrappingKeys } from '../keys/wrapping-keys.ts';
import { PUBLIC_KEY_SIZE, publicKeyOf, type Blst } from './blst.ts';
import { FILES_PER_TURN, MAX_KEYSTORE_FILE, type KeyProblem } from './key-source.ts';

export interface ImportedKeysOptions {
  /** Need not exist; made with mode 0700 when the first key is saved. */
  readonly directory: string;
  /** The daemon's; without it nothing can be imported. */
  readonly password?: Secret;
  /** What one guess of the password costs; EIP-2335's own cost if left out. */
  readonly cost?: DerivationCost;
}

export interface ImportedKey {
  readonly pubkey: Hex;
  readonly path: string;
  /** File name in the directory. */
  readonly file: string;
  readonly secret: Secret;
}

export interface ImportedKeys extends Disposable {
  readonly directory: string;
  /**
   * Opens every file but those of the keys to `skip`; one that does not open does not stop the
   * others. The caller disposes of the secrets.
   */
  readonly load: (skip: (pubkey: Hex) => boolean) => Promise<{
    readonly keys: readonly ImportedKey[];
    readonly problems: readonly KeyProblem[];
  }>;
  readonly has: (pubkey: Hex) => boolean;
  /** Durable when it resolves: before, the key is there whole or not at all. Returns the file's name. */
  readonly save: (pubkey: Hex, path: string, secret: Secret) => Promise<Result<string, Reason>>;
  /** `false` where there was none. */
  readonly remove: (pubkey: Hex) => Result<boolean, Reason>;
}

const UNFINISHED = /^[0-9a-f]+\.json\.[0-9]+\.new$/;

export function createImportedKeys(
  { directory, password, cost }: ImportedKeysOptions,
  blst: Blst,
): ImportedKeys {
  const wrappings = createWrappingKeys(cost);
  /** Whether the password has opened a file. */
  let isProven = false;

  async function load(skip: (pubkey: Hex) => boolean): ReturnType<ImportedKeys['load']> {
    const keys: ImportedKey[] = [];
    const problems: KeyProblem[] = [];
    for (const [index, named] of keysIn(directory).entries()) {
      if (skip(named)) continue;
      if (index % FILES_PER_TURN === 0) await setImmediate();
      const key = await open(named);
      if (key.ok) keys.push(key.value);
      else problems.push({ file: join(directory, fileOf(named)), reason: key.error });
    }
    return { keys, problems };
  }

  async function open(named: Hex): Promise<Result<ImportedKey, Reason>> {
    const file = fileOf(named);
    const content = readPrivateFile(join(directory, file), MAX_KEYSTORE_FILE);
    if (!content.ok) return content;
    const keystore = parseKeystore(content.value);
    if (!keystore.ok) return keystore;
    if (password === undefined) return passwordMissing();
    const wrapping = await wrappings.of(keystore.value, password);
    if (!wrapping.ok) return wrapping;
    const secret = openUnder(wrapping.value, keystore.value);
    if (!secret.ok) return secret;
    const pubkey = secret.value.reveal((bytes) => publicKeyOf(blst, bytes));
    if (pubkey === named) {
      isProven = true;
      return ok({ pubkey, path: keystore.value.path, file, secret: secret.value });
    }
    secret.value[Symbol.dispose]();
    return refuse('its name is not the public key of its secret; restore it from a backup');
  }

  async function save(pubkey: Hex, path: string, secret: Secret): Promise<Result<string, Reason>> {
    const made = makePrivateDirectory(directory);
    if (!made.ok) return made;
    const wrapping = await wrappingForNew();
    if (!wrapping.ok) return wrapping;
    const keystore = sealUnder(wrapping.value, secret, { pubkey, path });
    const file = fileOf(pubkey);
    const written = replacePrivateFile(join(directory, file), writeKeystore(keystore));
    if (!written.ok) return written;
    isProven = true;
    return ok(file);
  }

  /** The next start opens all files with one password: one that opens none of them seals no other. */
  async function wrappingForNew(): Promise<Result<WrappingKey, Reason>> {
    if (password === undefined) return passwordMissing();
    const [first] = isProven ? [] : keysIn(directory);
    if (first !== undefined) {
      const opened = await open(first);
      if (!opened.ok) {
        return refuse(`all imported keys share one password: ${opened.error.message}`);
      }
      opened.value.secret[Symbol.dispose]();
    }
    return await wrappings.forNew({
      files: () => ok([]),
      password: () => ok(new Secret(password.reveal((bytes) => bytes.slice()))),
    });
  }

  function remove(pubkey: Hex): Result<boolean, Reason> {
    const path = join(directory, fileOf(pubkey));
    try {
      unlinkSync(path);
      syncDirectory(directory);
      return ok(true);
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined) throw error;
      if (code === 'ENOENT') return ok(false);
      return refuse(`cannot remove \`${path}\` (${code}); remove it by hand`);
    }
  }

  return Object.freeze({
    directory,
    load,
    has: (pubkey: Hex) => existsSync(join(directory, fileOf(pubkey))),
    save,
    remove,
    [Symbol.dispose]: () => {
      wrappings[Symbol.dispose]();
    },
  });
}

function fileOf(pubkey: Hex): string {
  return `${pubkey}.json`;
}

/** Public keys for which there is a file. What a death in the middle of an import has left is cleared away. */
function keysIn(directory: string): readonly Hex[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory);
  for (const name of names.filter((candidate) => UNFINISHED.test(candidate))) {
    unlinkSync(join(directory, name));
  }
  return names
    .map((name) => /^([0-9a-f]{96})\.json$/.exec(name)?.[1] ?? '')
    .filter((name) => isHexOf(PUBLIC_KEY_SIZE, name))
    .sort();
}

/** Makes a removal survive a loss of power. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function passwordMissing(): Result<never, Reason> {
  return refuse('keys that are imported need a password; set `KEYS_PASSWORD_FILE`');
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'bls.imported', message });
}

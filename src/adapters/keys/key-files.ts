/** The keystores of one directory: one file for each key, named after its id. */
import { existsSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

import type { Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { EnvironmentKey, KeyKind } from '../../core/key-storage.ts';
import type { Reason } from '../../core/outcome.ts';
import { deriveWrappingKey, type Keystore, openUnder, type WrappingKey } from './keystore.ts';
import { parseKeystore, writeKeystore } from './keystore-document.ts';
import {
  checkDirectory,
  createPrivateFile,
  readPrivateFile,
  replacePrivateFile,
  systemCode,
} from './private-file.ts';

export interface KeyFile {
  /** File name inside the directory. */
  readonly file: string;
  readonly id: string;
  readonly kind: string;
  readonly fingerprint: Hex;
  readonly keystore: Keystore;
}

/** The one JSON file of the directory that holds no key; an id has a slash, so none is named so. */
export const FROZEN_FILE = 'frozen.json';

const MAX_KEY_FILE = 65_536;

/** World and name, such as `node/main`: lower case, digits and hyphens between slashes. */
export function isKeyId(text: string): boolean {
  return text.length <= 128 && /^[a-z0-9-]+(?:\/[a-z0-9-]+)+$/.test(text);
}

function keyFileName(id: string): string {
  return `${id.replaceAll('/', '.')}.json`;
}

/** Every keystore of the directory, by file name; none where the directory does not exist. */
export function readKeyFiles(directory: string): Result<readonly KeyFile[], Reason> {
  const names = jsonFiles(directory);
  if (!names.ok) return names;
  const files = new Map<string, KeyFile>();
  for (const file of names.value) {
    const read = readKeyFile(directory, file);
    if (!read.ok) return read;
    const twin = files.get(read.value.id);
    if (twin !== undefined) {
      const both = `\`${twin.file}\` and \`${file}\``;
      return refuse(`${both} in \`${directory}\` both hold key \`${twin.id}\`; move one away`);
    }
    files.set(read.value.id, read.value);
  }
  return ok([...files.values()]);
}

function jsonFiles(directory: string): Result<readonly string[], Reason> {
  try {
    const names = readdirSync(directory).filter(isKeyFileName);
    const safe = checkDirectory(directory);
    return safe.ok ? ok(names.sort()) : safe;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code === 'ENOENT') return ok([]);
    return refuse(`cannot read \`${directory}\` (${code}); check the path and its permissions`);
  }
}

function isKeyFileName(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.') && name !== FROZEN_FILE;
}

export function readKeyFile(directory: string, file: string): Result<KeyFile, Reason> {
  const path = join(directory, file);
  const content = readPrivateFile(path, MAX_KEY_FILE);
  if (!content.ok) return content;
  const keystore = parseKeystore(content.value);
  if (!keystore.ok) return refuse(`\`${path}\`: ${keystore.error.message}`);
  const { id, kind, pubkey: fingerprint } = keystore.value;
  if (id === undefined || !isKeyId(id) || kind === undefined || fingerprint === undefined) {
    return refuse(
      `\`${path}\` lacks \`id\`, \`kind\` or \`pubkey\`; only files made by \`keys generate\` or \`keys import\` belong here`,
    );
  }
  return ok({ file, id, kind, fingerprint, keystore: keystore.value });
}

/** Writes a new key file and returns its name. */
export function writeKeyFile(
  directory: string,
  id: string,
  keystore: Keystore,
): Result<string, Reason> {
  const file = keyFileName(id);
  const written = createPrivateFile(join(directory, file), writeKeystore(keystore));
  return written.ok ? ok(file) : written;
}

/**
 * Gives the key of a file another id. At any moment the directory holds the key once: first the label
 * is replaced in place, then the file is named after it.
 */
export function relabelKeyFile(
  directory: string,
  { file, keystore }: KeyFile,
  id: string,
): Result<string, Reason> {
  const path = join(directory, file);
  const replaced = replacePrivateFile(path, writeKeystore({ ...keystore, id }));
  if (!replaced.ok) return replaced;
  const next = keyFileName(id);
  // Any name will do, so a stranger's file of that name stays where it is.
  if (existsSync(join(directory, next))) return ok(file);
  try {
    renameSync(path, join(directory, next));
    return ok(next);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return ok(file);
  }
}

/** Takes back a file that was written and turned out not to hold its key. */
export function removeKeyFile(directory: string, file: string): void {
  unlinkSync(join(directory, file));
}

/** Decrypts a key file and proves that the secret is the one its label speaks of. */
export async function openKeyFile(
  file: KeyFile,
  password: Secret,
  kinds: readonly KeyKind[],
): Promise<Result<Secret, Reason>> {
  const derived = await deriveWrappingKey(password, file.keystore.kdf);
  if (!derived.ok)
    return refuse(`key file \`${file.file}\`: ${derived.error.message}`, derived.error.code);
  using wrapping = derived.value;
  return openKeyFileUnder(file, wrapping, kinds);
}

/** The same with the key that the password gives. */
export function openKeyFileUnder(
  { file, id, kind, keystore, fingerprint }: KeyFile,
  wrapping: WrappingKey,
  kinds: readonly KeyKind[],
): Result<Secret, Reason> {
  const opened = openUnder(wrapping, keystore);
  if (!opened.ok) return refuse(`key file \`${file}\`: ${opened.error.message}`, opened.error.code);
  const proven = fingerprintOf({ id, kind, secret: opened.value }, kinds);
  if (proven.ok && proven.value === fingerprint) return opened;
  opened.value[Symbol.dispose]();
  if (!proven.ok) return refuse(`key file \`${file}\`: ${proven.error.message}`);
  return refuse(
    `key file \`${file}\`: its \`pubkey\` is not that of its secret; restore the file from a backup`,
  );
}

/** The public name of a secret, if it is a key of its kind and has an id that its kind allows. */
export function fingerprintOf(
  { id, kind, secret }: EnvironmentKey,
  kinds: readonly KeyKind[],
): Result<Hex, Reason> {
  const known = kinds.find((candidate) => candidate.kind === kind);
  if (known === undefined) {
    const names = kinds.map((candidate) => `\`${candidate.kind}\``).join(', ');
    return refuse(`kind \`${kind}\` is not known; it must be one of ${names}`);
  }
  const { least, most } = known.size;
  if (secret.length < least || secret.length > most) {
    const length = least === most ? String(least) : `${String(least)} to ${String(most)}`;
    return refuse(`a key of kind \`${kind}\` has ${length} bytes, not ${String(secret.length)}`);
  }
  if (known.isKey?.(secret) === false) {
    return refuse(`these bytes are no key of kind \`${kind}\`; give another key`);
  }
  const fingerprint = known.fingerprint(secret);
  const required = known.idFor?.(fingerprint) ?? id;
  if (id === required) return ok(fingerprint);
  return refuse(`a key of kind \`${kind}\` is named after itself; give it the id \`${required}\``);
}

function refuse(message: string, code = 'keys.file'): Result<never, Reason> {
  return err({ code, message });
}

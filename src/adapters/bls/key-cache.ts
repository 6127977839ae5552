/**
 * Decrypted validator keys at rest, so that a restart pays for one password derivation instead of one
 * for each key. One file of mode 0600, written whole; opt-in.
 *
 * An entry is AES-256-GCM under a key derived once (scrypt) from a secret of the operator's. Its
 * associated data are the SHA-256 of the keystore file, the public key and the path: an entry opens
 * for the very keystore it was made of and for no other. What does not open counts as absent, and the
 * keystore is decrypted as if there were no cache.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { z } from 'zod';

import { concatBytes, utf8, utf8Text } from '../../base/bytes.ts';
import { fromHex, isHex, toHex, type Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import { costProblem, type DerivationCost, type KeyDerivation } from '../keys/key-derivation.ts';
import { deriveWrappingKey } from '../keys/keystore.ts';
import { replacePrivateFile } from '../keys/private-file.ts';
import { PUBLIC_KEY_SIZE, SECRET_KEY_SIZE } from './blst.ts';
import { kindOfPath, readSourceFile } from './source-file.ts';

export interface KeyCacheOptions {
  readonly file: string;
  /** A password, or the content of a key file. */
  readonly secret: Secret;
  /** What one guess of the secret costs; EIP-2335's own cost if left out. */
  readonly cost?: DerivationCost;
}

export interface KeyCacheDeps {
  /** Told where the file is there and cannot be used. */
  readonly alarm: (reason: Reason) => void;
}

export interface CachedKey {
  readonly pubkey: Hex;
  /** EIP-2334 path. */
  readonly path: string;
  readonly secret: Secret;
}

export interface KeyCache extends Disposable {
  /** The key of the keystore file with this SHA-256. The caller disposes of the secret. */
  readonly find: (digest: Hex) => CachedKey | undefined;
  /** The caller keeps the secret. */
  readonly add: (digest: Hex, key: CachedKey) => void;
  /** Writes the file if it has changed, without the entries of keystores that are gone. */
  readonly save: (present: ReadonlySet<Hex>) => Result<void, Reason>;
}

interface Entry {
  readonly digest: Hex;
  readonly pubkey: Hex;
  readonly path: string;
  readonly nonce: Hex;
  /** Ciphertext and tag. */
  readonly sealed: Hex;
}

/** 131,072 entries. */
const MAX_FILE = 64 * 1024 * 1024;
const CIPHER = 'aes-256-gcm';
const NONCE_SIZE = 12;
const TAG_SIZE = 16;
const DIGEST_SIZE = 32;

function hexOf(size: number): z.ZodType<Hex> {
  return z.custom<Hex>(
    (value) => typeof value === 'string' && value.length === 2 * size && isHex(value),
  );
}

const document = z.strictObject({
  version: z.literal(1),
  kdf: z.strictObject({
    function: z.literal('scrypt'),
    n: z.int(),
    r: z.int(),
    p: z.int(),
    dklen: z.literal(32),
    salt: hexOf(32),
  }),
  entries: z.array(
    z.strictObject({
      digest: hexOf(DIGEST_SIZE),
      pubkey: hexOf(PUBLIC_KEY_SIZE),
      path: z.string(),
      nonce: hexOf(NONCE_SIZE),
      sealed: hexOf(SECRET_KEY_SIZE + TAG_SIZE),
    }),
  ),
});

/** Fails only on a secret that cannot be used; a file that cannot be is reported and replaced. */
export async function openKeyCache(
  { file, secret, cost }: KeyCacheOptions,
  { alarm }: KeyCacheDeps,
): Promise<Result<KeyCache, Reason>> {
  const read = kindOfPath(file) === undefined ? undefined : readDocument(file);
  if (read?.ok === false) alarm(read.error);
  const stored = read?.ok === true ? read.value : undefined;
  const derived = await deriveWrappingKey(secret, stored?.kdf ?? cost);
  if (!derived.ok) return derived;
  const { kdf, key } = derived.value;
  const entries = new Map(stored?.entries.map((entry) => [entry.digest, entry]));
  let isChanged = stored === undefined;

  function find(digest: Hex): CachedKey | undefined {
    const entry = entries.get(digest);
    if (entry === undefined) return undefined;
    const opened = key.reveal((bytes) => unseal(bytes, entry));
    return opened && { pubkey: entry.pubkey, path: entry.path, secret: opened };
  }

  function add(digest: Hex, { pubkey, path, secret: plain }: CachedKey): void {
    const nonce = randomBytes(NONCE_SIZE);
    const cipher = key.reveal((bytes) => createCipheriv(CIPHER, bytes, nonce));
    cipher.setAAD(associated({ digest, pubkey, path }));
    const ciphertext = plain.reveal((bytes) => concatBytes(cipher.update(bytes), cipher.final()));
    const sealed = toHex(concatBytes(ciphertext, cipher.getAuthTag()));
    entries.set(digest, { digest, pubkey, path, nonce: toHex(nonce), sealed });
    isChanged = true;
  }

  function save(present: ReadonlySet<Hex>): Result<void, Reason> {
    for (const digest of entries.keys()) {
      if (!present.has(digest) && entries.delete(digest)) isChanged = true;
    }
    if (!isChanged) return ok(undefined);
    const text = JSON.stringify({ version: 1, kdf, entries: [...entries.values()] });
    const written = replacePrivateFile(file, `${text}\n`);
    if (written.ok) isChanged = false;
    return written;
  }

  return ok(
    Object.freeze({
      find,
      add,
      save,
      [Symbol.dispose]: () => {
        key[Symbol.dispose]();
      },
    }),
  );
}

function unseal(key: Uint8Array, entry: Entry): Secret | undefined {
  const sealed = fromHex(entry.sealed);
  const decipher = createDecipheriv(CIPHER, key, fromHex(entry.nonce));
  decipher.setAAD(associated(entry));
  decipher.setAuthTag(sealed.subarray(SECRET_KEY_SIZE));
  const plain = new Uint8Array(decipher.update(sealed.subarray(0, SECRET_KEY_SIZE)));
  try {
    decipher.final();
    return new Secret(plain);
  } catch {
    plain.fill(0);
    return undefined;
  }
}

function associated({
  digest,
  pubkey,
  path,
}: Pick<Entry, 'digest' | 'pubkey' | 'path'>): Uint8Array {
  return utf8(`${digest}/${pubkey}/${path}`);
}

interface Stored {
  readonly kdf: KeyDerivation;
  readonly entries: readonly Entry[];
}

function readDocument(file: string): Result<Stored, Reason> {
  const content = readSourceFile(file, MAX_FILE, 'refused');
  if (!content.ok) return content;
  const parsed = document.safeParse(parse(utf8Text(content.value)));
  if (!parsed.success || costProblem(parsed.data.kdf) !== undefined) {
    const message = `the key cache \`${file}\` is damaged and will be replaced; all keystores are decrypted`;
    return err({ code: 'bls.cache', message });
  }
  return ok(parsed.data);
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** From what was found to a key that is proven to belong to its public key. */
import type { Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { Reason } from '../../core/outcome.ts';
import { openKeystore } from '../keys/keystore.ts';
import { parseKeystore } from '../keys/keystore-document.ts';
import { publicKeyOf, type Blst } from './blst.ts';
import type { KeyCache } from './key-cache.ts';
import type { FoundKey, FoundKeystore } from './key-source.ts';

/** The owner disposes of the secret. */
export interface OpenedKey {
  readonly pubkey: Hex;
  /** EIP-2334 path; empty where none is named. */
  readonly path: string;
  readonly secret: Secret;
}

/** Opens a key that was found, from the cache where it is there. */
export async function openFound(
  found: FoundKey,
  blst: Blst,
  cache: KeyCache | undefined,
): Promise<Result<OpenedKey, Reason>> {
  switch (found.kind) {
    case 'raw':
      return proven(blst, found.secret, { path: '' });
    case 'keystore':
      return fromCache(found, blst, cache) ?? (await decrypted(found, blst, cache));
    default:
      return unreachable(found);
  }
}

function fromCache(
  { digest }: FoundKeystore,
  blst: Blst,
  cache: KeyCache | undefined,
): Result<OpenedKey, Reason> | undefined {
  const cached = cache?.find(digest);
  if (cached === undefined) return undefined;
  const opened = proven(blst, cached.secret, cached);
  return opened.ok ? opened : undefined;
}

async function decrypted(
  { content, digest, password }: FoundKeystore,
  blst: Blst,
  cache: KeyCache | undefined,
): Promise<Result<OpenedKey, Reason>> {
  const word = password();
  if (!word.ok) return word;
  using secret = word.value;
  const opened = await openBlsKeystore(content, secret, blst);
  if (opened.ok) cache?.add(digest, opened.value);
  return opened;
}

/** Decrypts an EIP-2335 keystore that holds a BLS key; its `pubkey`, if given, must be the key's. */
export async function openBlsKeystore(
  text: Uint8Array | string,
  password: Secret,
  blst: Blst,
): Promise<Result<OpenedKey, Reason>> {
  const keystore = parseKeystore(text);
  if (!keystore.ok) return keystore;
  const secret = await openKeystore(keystore.value, password);
  return secret.ok ? proven(blst, secret.value, keystore.value) : secret;
}

/** Takes the secret over: it is in the answer, or disposed of. */
function proven(
  blst: Blst,
  secret: Secret,
  { pubkey, path }: { readonly pubkey?: Hex; readonly path: string },
): Result<OpenedKey, Reason> {
  const own = secret.reveal((bytes) => publicKeyOf(blst, bytes));
  if (own !== undefined && (pubkey === undefined || pubkey === own)) {
    return ok({ pubkey: own, path, secret });
  }
  secret[Symbol.dispose]();
  return err(
    own === undefined
      ? {
          code: 'bls.key',
          message: 'it holds no BLS secret key; it needs 32 bytes below the group order',
        }
      : {
          code: 'bls.pubkey',
          message: 'its `pubkey` is not that of its secret; restore it from a backup',
        },
  );
}

/**
 * Keystores of the validators of one seed (EIP-2333, EIP-2334), named as the deposit tool names them.
 * They share one password and one derivation of it, so that a thousand open as fast as one.
 */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { deriveKey, signingKeyPath } from '../../../signers/bls12381/index.ts';
import type { Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { DerivationCost } from '../keys/key-derivation.ts';
import { deriveWrappingKey, openUnder, sealUnder, type WrappingKey } from '../keys/keystore.ts';
import { writeKeystore } from '../keys/keystore-document.ts';
import { createPrivateFile, makePrivateDirectory } from '../keys/private-file.ts';
import { publicKeyOf, type Blst } from './blst.ts';
import type { LoadProgress } from './operator-keys.ts';

export interface DerivedKeystoresOptions {
  /** Made with mode 0700 if missing. */
  readonly directory: string;
  /** Index of the first validator of the seed. */
  readonly first: number;
  readonly count: number;
  readonly password: Secret;
  /** EIP-2335's own if left out. */
  readonly cost?: DerivationCost;
}

export interface DerivedKeystore {
  readonly index: number;
  readonly pubkey: Hex;
  readonly file: string;
}

export interface DerivedKeystoresDeps {
  readonly blst: Blst;
  readonly onProgress: (progress: LoadProgress) => void;
}

/**
 * Writes one file for each validator and replaces none: where there is one already, it stops, and what
 * it wrote before is whole.
 */
export async function writeDerivedKeystores(
  seed: Secret,
  { directory, first, count, password, cost }: DerivedKeystoresOptions,
  { blst, onProgress }: DerivedKeystoresDeps,
): Promise<Result<readonly DerivedKeystore[], Reason>> {
  const made = makePrivateDirectory(directory);
  if (!made.ok) return made;
  const derived = await deriveWrappingKey(password, cost);
  if (!derived.ok) return derived;
  using wrapping = derived.value;
  const keystores: DerivedKeystore[] = [];
  onProgress({ done: 0, failed: 0, total: count });
  for (let index = first; index < first + count; index += 1) {
    const keystore = writeOne(seed, { directory, index, wrapping, blst });
    if (!keystore.ok) return keystore;
    keystores.push(keystore.value);
    onProgress({ done: keystores.length, failed: 0, total: count });
    await setImmediate();
  }
  return ok(keystores);
}

interface Place {
  readonly directory: string;
  readonly index: number;
  readonly wrapping: WrappingKey;
  readonly blst: Blst;
}

function writeOne(
  seed: Secret,
  { directory, index, wrapping, blst }: Place,
): Result<DerivedKeystore, Reason> {
  const path = signingKeyPath(index);
  const key = deriveKey(seed, path);
  if (!key.ok) return key;
  using secret = key.value;
  const pubkey = secret.reveal((bytes) => publicKeyOf(blst, bytes));
  if (pubkey === undefined) throw new Error('a derived key is no secret key');
  const keystore = sealUnder(wrapping, secret, { pubkey, path });
  const opened = openUnder(wrapping, keystore);
  if (!opened.ok) throw new Error('a keystore does not open again');
  using again = opened.value;
  if (again.reveal((bytes) => publicKeyOf(blst, bytes)) !== pubkey) {
    return err({
      code: 'bls.keystore',
      message: 'a keystore holds another key; suspect the hardware',
    });
  }
  const file = join(directory, `keystore-${path.replaceAll('/', '_')}.json`);
  const written = createPrivateFile(file, writeKeystore(keystore));
  return written.ok ? ok({ index, pubkey, file }) : written;
}

/**
 * Keys of validators from one seed: the tree of EIP-2333 along the paths of EIP-2334.
 *
 * What lies in arrays is overwritten after use. The scalars themselves pass through `bigint`, which
 * JavaScript cannot overwrite; they are gone when the collector has run.
 */
import { hkdfSync } from 'node:crypto';

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import { sha256 } from '../../src/base/sha256.ts';

export interface KeyDerivationProblem {
  readonly code: 'bls.path' | 'bls.seed';
  /** Never contains the seed. */
  readonly message: string;
}

/** Order of the groups of BLS12-381; secret keys are 1 to r − 1, 32 bytes, big endian. */
const GROUP_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
const KEY_SIZE = 32;
const MIN_SEED_SIZE = 32;
/** `ceil((3 * ceil(log2(r))) / 16)`: so many bytes that the remainder is not biased. */
const WIDE_SIZE = 48;
const LAMPORT_CHUNKS = 255;
const MAX_INDEX = 2 ** 32 - 1;

/** Path of the key that signs the duties of the `account`th validator. */
export function signingKeyPath(account: number): string {
  return `m/12381/3600/${String(account)}/0/0`;
}

/** The key at a path, 32 bytes. The caller disposes of it. */
export function deriveKey(seed: Secret, path: string): Result<Secret, KeyDerivationProblem> {
  const indices = readPath(path);
  if (indices === undefined) {
    const message =
      'derivation path must be `m` and indices below 2^32, none of them hardened: `m/12381/3600/0/0/0`';
    return err({ code: 'bls.path', message });
  }
  if (seed.length < MIN_SEED_SIZE) {
    const message = `seed must have ${String(MIN_SEED_SIZE)} bytes or more; a mnemonic of BIP39 gives 64`;
    return err({ code: 'bls.seed', message });
  }
  let key = seed.reveal(keyFromMaterial);
  for (const index of indices) key = childOf(key, index);
  return ok(new Secret(key));
}

function readPath(path: string): readonly number[] | undefined {
  if (!/^m(?:\/(?:0|[1-9][0-9]{0,9})){0,64}$/.test(path)) return undefined;
  const indices = path.split('/').slice(1).map(Number);
  return indices.some((index) => index > MAX_INDEX) ? undefined : indices;
}

/** `derive_child_SK`; overwrites the parent. */
function childOf(parent: Uint8Array, index: number): Uint8Array {
  const lamport = lamportPublicKey(parent, index);
  parent.fill(0);
  const child = keyFromMaterial(lamport);
  lamport.fill(0);
  return child;
}

/** `hkdf_mod_r` with an empty `key_info`. */
function keyFromMaterial(material: Uint8Array): Uint8Array {
  const padded = concatBytes(material, Uint8Array.of(0));
  const info = Uint8Array.of(0, WIDE_SIZE);
  let salt = utf8('BLS-SIG-KEYGEN-SALT-');
  for (;;) {
    salt = sha256(salt);
    const wide = hkdf({ material: padded, salt, info, size: WIDE_SIZE });
    const scalar = integerOf(wide) % GROUP_ORDER;
    wide.fill(0);
    // Zero is no key. It comes up once in 2^255 tries; the loop is the standard's.
    if (scalar === 0n) continue;
    padded.fill(0);
    return bytesOf(scalar);
  }
}

/** `parent_SK_to_lamport_PK`, compressed. */
function lamportPublicKey(parent: Uint8Array, index: number): Uint8Array {
  const salt = new Uint8Array(4);
  new DataView(salt.buffer).setUint32(0, index);
  const flipped = parent.map((byte) => ~byte);
  const publicKey = new Uint8Array(2 * LAMPORT_CHUNKS * KEY_SIZE);
  for (const [half, material] of [parent, flipped].entries()) {
    const size = LAMPORT_CHUNKS * KEY_SIZE;
    const secrets = hkdf({ material, salt, info: new Uint8Array(0), size });
    for (let at = 0; at < size; at += KEY_SIZE) {
      publicKey.set(sha256(secrets.subarray(at, at + KEY_SIZE)), half * size + at);
    }
    secrets.fill(0);
  }
  flipped.fill(0);
  return sha256(publicKey);
}

interface Expansion {
  readonly material: Uint8Array;
  readonly salt: Uint8Array;
  readonly info: Uint8Array;
  /** In bytes. */
  readonly size: number;
}

function hkdf({ material, salt, info, size }: Expansion): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', material, salt, info, size));
}

function integerOf(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function bytesOf(scalar: bigint): Uint8Array {
  return Uint8Array.from({ length: KEY_SIZE }, (_item, index) =>
    Number((scalar >> BigInt(8 * (KEY_SIZE - 1 - index))) & 0xffn),
  );
}

/** From a password to the key that encrypts a keystore: scrypt (RFC 7914) or PBKDF2 (RFC 8018). */
import { pbkdf2, scrypt } from 'node:crypto';

import { fromHex, type Hex } from '../../base/hex.ts';
import { Secret } from '../../base/secret.ts';
import { unreachable } from '../../base/unreachable.ts';

/** How much work one guess of the password costs. */
export type DerivationCost =
  | { readonly function: 'scrypt'; readonly n: number; readonly r: number; readonly p: number }
  /** PRF HMAC-SHA256. */
  | { readonly function: 'pbkdf2'; readonly c: number };

export type KeyDerivation = DerivationCost & {
  /** Length of the derived key in bytes. */
  readonly dklen: number;
  readonly salt: Hex;
};

/** EIP-2335's own parameters: 256 MiB and about half a second for each guess. */
export const STANDARD_COST: DerivationCost = Object.freeze({
  function: 'scrypt',
  n: 262_144,
  r: 8,
  p: 1,
});

/** For a random password of 256 bits, which no number of guesses finds: next to nothing. */
export const RANDOM_PASSWORD_COST: DerivationCost = Object.freeze({
  function: 'pbkdf2',
  c: 16_384,
});

const MAX_MEMORY = 1024 ** 3;
/** Eight times the standard cost. */
const MAX_SCRYPT_WORK = 2 ** 24;
const MAX_ITERATIONS = 10_000_000;
const MAX_PARALLELISM = 64;

/** Why parameters are not followed: outside RFC 7914, section 2, or made to exhaust us. */
export function costProblem(cost: DerivationCost): string | undefined {
  switch (cost.function) {
    case 'scrypt':
      return scryptProblem(cost.n, cost.r, cost.p);
    case 'pbkdf2':
      if (cost.c >= 1 && cost.c <= MAX_ITERATIONS) return undefined;
      return `\`c\` must be from 1 to ${String(MAX_ITERATIONS)}`;
    default:
      return unreachable(cost);
  }
}

function scryptProblem(n: number, r: number, p: number): string | undefined {
  if (n < 2 || !Number.isInteger(Math.log2(n))) return '`n` must be a power of two above 1';
  if (r < 1 || p < 1) return '`r` and `p` must be at least 1';
  if (Math.log2(n) >= 16 * r) return '`n` must be below 2^(16 · `r`)';
  if (128 * n * r > MAX_MEMORY) return '`n` and `r` ask for more than 1 GiB of memory';
  if (p > MAX_PARALLELISM || n * r * p > MAX_SCRYPT_WORK) {
    return '`n`, `r` and `p` ask for more than 8 times the standard work';
  }
  return undefined;
}

/** Runs in the thread pool. The cost must have been checked. The caller disposes of the key. */
export function deriveKey(derivation: KeyDerivation, password: Secret): Promise<Secret> {
  const { dklen } = derivation;
  const salt = fromHex(derivation.salt);
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, key: Uint8Array): void => {
      if (error === null) resolve(new Secret(key));
      else reject(error);
    };
    // Both functions copy the password before they return, so it may be wiped while they run.
    password.reveal((bytes) => {
      switch (derivation.function) {
        case 'scrypt': {
          const { n, r, p } = derivation;
          scrypt(bytes, salt, dklen, { N: n, r, p, maxmem: 128 * r * (n + p + 2) }, done);
          return;
        }
        case 'pbkdf2':
          pbkdf2(bytes, salt, derivation.c, dklen, 'sha256', done);
          return;
        default:
          unreachable(derivation);
      }
    });
  });
}

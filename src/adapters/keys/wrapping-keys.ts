/**
 * The keys derived from the password of the key files, each derived once: a derivation takes half a
 * second and 256 MiB, and key files that a daemon wrote share one.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import { type DerivationCost, RANDOM_PASSWORD_COST, STANDARD_COST } from './key-derivation.ts';
import type { KeyFile } from './key-files.ts';
import { deriveWrappingKey, type Keystore, openUnder, type WrappingKey } from './keystore.ts';
import { isRandomPassword } from './password.ts';

export interface WrappingKeys extends Disposable {
  /** The key with which a keystore was made, if `password` is the one it was made with. */
  readonly of: (keystore: Keystore, password: Secret) => Promise<Result<WrappingKey, Reason>>;
  /**
   * For a new key file: one that opens another file already and costs as much as a new one would, or
   * else one derived from the password. Files and password are asked for only then.
   */
  readonly forNew: (sources: NewFileSources) => Promise<Result<WrappingKey, Reason>>;
}

export interface NewFileSources {
  /** The key files there are, which the password must open too. */
  readonly files: () => Result<readonly KeyFile[], Reason>;
  readonly password: () => Result<Secret, Reason>;
}

/** `cost`: what one guess of a password that people chose costs in new files. */
export function createWrappingKeys(cost: DerivationCost = STANDARD_COST): WrappingKeys {
  const derived = new Map<string, WrappingKey>();

  async function of(keystore: Keystore, password: Secret): Promise<Result<WrappingKey, Reason>> {
    const name = JSON.stringify(keystore.kdf);
    const known = derived.get(name);
    if (known !== undefined) return ok(known);
    const wrapping = await deriveWrappingKey(password, keystore.kdf);
    if (wrapping.ok) derived.set(name, wrapping.value);
    return wrapping;
  }

  async function forNew(sources: NewFileSources): Promise<Result<WrappingKey, Reason>> {
    const dear = derivedAt(cost);
    if (dear !== undefined) return ok(dear);
    const asked = sources.password();
    if (!asked.ok) return asked;
    using secret = asked.value;
    const enough = isRandomPassword(secret) ? RANDOM_PASSWORD_COST : cost;
    const known = derivedAt(enough);
    if (known !== undefined) return ok(known);
    const files = sources.files();
    const shared = files.ok ? await checkShared(files.value, secret) : files;
    if (!shared.ok) return shared;
    const wrapping = await deriveWrappingKey(secret, enough);
    if (wrapping.ok) derived.set(JSON.stringify(wrapping.value.kdf), wrapping.value);
    return wrapping;
  }

  function derivedAt(least: DerivationCost): WrappingKey | undefined {
    return [...derived.values()].find(({ kdf }) => costsAsMuch(kdf, least));
  }

  return Object.freeze({
    of,
    forNew,
    [Symbol.dispose]: () => {
      for (const wrapping of derived.values()) wrapping[Symbol.dispose]();
      derived.clear();
    },
  });
}

/** The next start opens all key files with one password; one with another would stop it. */
export async function checkShared(
  [first]: readonly KeyFile[],
  password: Secret,
): Promise<Result<void, Reason>> {
  if (first === undefined) return ok(undefined);
  const wrapping = await deriveWrappingKey(password, first.keystore.kdf);
  if (!wrapping.ok) return wrapping;
  using tried = wrapping.value;
  const opened = openUnder(tried, first.keystore);
  if (!opened.ok) {
    const message = `all key files share one password: ${opened.error.message}`;
    return err({ code: opened.error.code, message });
  }
  opened.value[Symbol.dispose]();
  return ok(undefined);
}

function costsAsMuch(kdf: DerivationCost, cost: DerivationCost): boolean {
  if (kdf.function === 'pbkdf2') return cost.function === 'pbkdf2' && kdf.c >= cost.c;
  if (cost.function === 'pbkdf2') return false;
  return kdf.n >= cost.n && kdf.r >= cost.r && kdf.p >= cost.p;
}

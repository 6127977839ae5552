/** Keys that are forgotten with the process. */
import { toHex, type Hex } from '../../src/base/hex.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import type { Secret } from '../../src/base/secret.ts';
import type { Reason } from '../../src/core/outcome.ts';
import type { HeldApiKey, LighterKeyStore } from '../../src/adapters/lighter/key-store.ts';

export interface MemoryKeyStoreOptions {
  readonly publicKey: (privateKey: Secret) => Uint8Array;
  readonly walletAddress: (privateKey: Secret) => Result<Hex, Reason>;
}

export function createMemoryKeyStore({
  publicKey,
  walletAddress,
}: MemoryKeyStoreOptions): LighterKeyStore & Disposable {
  const keys = new Map<string, { readonly publicKey: Hex; readonly secret: Secret }>();
  const wallets = new Map<Hex, Secret>();

  function add(keyId: string, secret: Secret): Result<HeldApiKey, Reason> {
    const added = { publicKey: toHex(publicKey(secret)), secret };
    const known = keys.get(keyId);
    const twin = [...keys].find(([, key]) => key.publicKey === added.publicKey);
    if (known !== undefined || twin !== undefined) {
      secret[Symbol.dispose]();
      if (twin?.[0] === keyId) return ok({ keyId, publicKey: added.publicKey });
      return known === undefined
        ? refuse(
            'keys.duplicate',
            `key \`${keyId}\` is the same secret as key \`${twin?.[0] ?? ''}\``,
          )
        : refuse('keys.occupied', `there is a key \`${keyId}\` already`);
    }
    keys.set(keyId, added);
    return ok({ keyId, publicKey: added.publicKey });
  }

  function rename(from: string, to: string): Result<HeldApiKey, Reason> {
    const key = keys.get(from);
    if (key === undefined) return refuse('keys.unknown', `no key \`${from}\``);
    if (keys.has(to)) return refuse('keys.occupied', `there is a key \`${to}\` already`);
    keys.delete(from);
    keys.set(to, key);
    return ok({ keyId: to, publicKey: key.publicKey });
  }

  function addWallet(secret: Secret): Result<Hex, Reason> {
    const address = walletAddress(secret);
    if (!address.ok || wallets.has(address.value)) secret[Symbol.dispose]();
    else wallets.set(address.value, secret);
    return address;
  }

  return Object.freeze({
    apiKeys: () => [...keys].map(([keyId, key]) => ({ keyId, publicKey: key.publicKey })),
    addApiKey: (keyId: string, secret: Secret) => Promise.resolve(add(keyId, secret)),
    renameApiKey: (from: string, to: string) => Promise.resolve(rename(from, to)),
    apiKey: (keyId: string) => keys.get(keyId)?.secret,
    addWallet: (secret: Secret) => Promise.resolve(addWallet(secret)),
    hasWallet: (address: Hex) => wallets.has(address),
    [Symbol.dispose]: () => {
      for (const { secret } of keys.values()) secret[Symbol.dispose]();
      for (const secret of wallets.values()) secret[Symbol.dispose]();
      keys.clear();
      wallets.clear();
    },
  });
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code, message });
}

/**
 * Where Lighter's keys are kept: API keys by the slot they are for, and the wallets that own accounts.
 * The daemon keeps them encrypted in its key ring; a store in memory serves tests.
 */
import type { Hex } from '../../base/hex.ts';
import { ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { OpenKeyRing } from '../keys/key-ring.ts';

export interface HeldApiKey {
  readonly keyId: string;
  /** 40 bytes. */
  readonly publicKey: Hex;
}

/** Every secret that is given is taken over, and wiped where it is refused. */
export interface LighterKeyStore {
  readonly apiKeys: () => readonly HeldApiKey[];
  /** Durable once this resolves. The same key under its id again is no error. */
  readonly addApiKey: (keyId: string, privateKey: Secret) => Promise<Result<HeldApiKey, Reason>>;
  /** Gives a key another id that no key has. */
  readonly renameApiKey: (from: string, to: string) => Promise<Result<HeldApiKey, Reason>>;
  /** Lent, and only ever an API key. */
  readonly apiKey: (keyId: string) => Secret | undefined;
  /** The address, which names the wallet: `wallet/<address>`. */
  readonly addWallet: (privateKey: Secret) => Promise<Result<Hex, Reason>>;
  readonly hasWallet: (address: Hex) => boolean;
}

export interface RingKeyStoreOptions {
  /** The kinds under which the ring knows them. */
  readonly apiKeyKind: string;
  readonly walletKind: string;
  readonly walletAddress: (privateKey: Secret) => Result<Hex, Reason>;
}

/** Keys in the key ring: encrypted files, made while the daemon runs. */
export function createRingKeyStore(
  { apiKeyKind, walletKind, walletAddress }: RingKeyStoreOptions,
  ring: OpenKeyRing,
): LighterKeyStore {
  return Object.freeze({
    apiKeys: () =>
      ring
        .list()
        .filter(({ kind }) => kind === apiKeyKind)
        .map(({ id, fingerprint }) => ({ keyId: id, publicKey: fingerprint })),
    addApiKey: async (keyId: string, secret: Secret) =>
      held(await ring.add({ id: keyId, kind: apiKeyKind, secret })),
    renameApiKey: async (from: string, to: string) => held(await ring.rename(from, to)),
    apiKey: (keyId: string) => ring.secretOfKind(apiKeyKind, keyId),
    async addWallet(secret: Secret) {
      const address = walletAddress(secret);
      if (!address.ok) {
        secret[Symbol.dispose]();
        return address;
      }
      const added = await ring.add({ id: walletId(address.value), kind: walletKind, secret });
      return added.ok ? address : added;
    },
    hasWallet: (address: Hex) => ring.secretOfKind(walletKind, walletId(address)) !== undefined,
  });
}

export function walletId(address: Hex): string {
  return `wallet/${address}`;
}

function held(key: Awaited<ReturnType<OpenKeyRing['add']>>): Result<HeldApiKey, Reason> {
  return key.ok ? ok({ keyId: key.value.id, publicKey: key.value.fingerprint }) : key;
}

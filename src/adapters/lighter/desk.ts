/** Keys and clients of Lighter: made, assigned to slots, compared with the exchange, registered. */
import { parseAddress } from '../../../signers/ethereum-wallet/index.ts';
import {
  ENTROPY_SIZE,
  importPrivateKey,
  privateKeyFromSeed,
} from '../../../signers/lighter/index.ts';
import { toHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type {
  ClientView,
  LighterDesk,
  LighterRefusal,
  NewApiKey,
  NewClient,
  SlotWish,
} from '../../protocols/lighter/ports.ts';
import type { LighterClient } from '../../protocols/lighter/clients.ts';
import { createActivation } from './activation.ts';
import type { DeskOptions, DeskParts } from './desk-parts.ts';
import { exchangeOf } from './exchange-of.ts';
import { chainOf, readExchangeUrl } from './exchange-url.ts';
import { createFollowUp } from './follow-up.ts';
import { walletId } from './key-store.ts';
import { createRegistering } from './register.ts';
import { refusalOf, refuse } from './refusal.ts';
import { listSetup } from './setup.ts';
import { describeSlot, type Slot, slotKeyId, spareKeyId } from './slot.ts';

type Answer<Value> = Result<Value, LighterRefusal>;

export interface OpenLighterDesk extends LighterDesk {
  /** Looks whether the exchange has registered keys that wait for their slots; to be called now and then. */
  readonly followUp: (signal: AbortSignal) => Promise<void>;
}

/** Also takes up registrations that a crash left half done. */
export async function createLighterDesk(
  options: DeskOptions,
  parts: DeskParts,
): Promise<OpenLighterDesk> {
  const { hosts, acceptRawKeys } = options;
  const { keys, book, exchange, kernel } = parts;
  const activation = createActivation(parts);
  await activation.resume();

  async function createClient(asked: NewClient): Promise<Answer<ClientView>> {
    const settled = settleClient(asked);
    if (!settled.ok) {
      if (asked.key.kind === 'raw') asked.key.privateKey[Symbol.dispose]();
      return settled;
    }
    const { slot, notes } = settled.value;
    const placed =
      asked.key.kind === 'raw'
        ? await placeRaw(slot, asked.key.privateKey)
        : await placeStored(slot, asked.key.keyId);
    if (!placed.ok) return placed;
    book.refresh();
    const noted = book.note(slot, notes);
    if (!noted.ok) return err(refusalOf(noted.error));
    const client = book.at(slot);
    if (client === undefined) throw new Error(`there is no key for ${describeSlot(slot)}`);
    if (slot.account === 0n) parts.alarm(ACCOUNT_ZERO);
    return ok(viewOf(client));
  }

  function settleClient({ url: text, chainId: told, account, apiKey, l1Address }: NewClient) {
    const url = text === undefined ? undefined : readExchangeUrl(text, hosts);
    if (url?.ok === false) return err(refusalOf(url.error));
    const chain = chainOf(url?.value, told);
    if (!chain.ok) return err(refusalOf(chain.error));
    const owner = l1Address === undefined ? undefined : parseAddress(l1Address);
    if (l1Address !== undefined && owner === undefined) {
      return refuse('invalid', 'lighter.owner', '`l1_address` is not an address');
    }
    const slot: Slot = { chainId: chain.value, account, apiKey };
    const notes = {
      ...(url === undefined ? {} : { url: url.value.origin }),
      ...(owner === undefined ? {} : { owner }),
    };
    return ok({ slot, notes });
  }

  async function placeRaw(slot: Slot, privateKey: Secret): Promise<Answer<void>> {
    const key = importPrivateKey(kernel, privateKey);
    if (!key.ok) {
      privateKey[Symbol.dispose]();
      return err(refusalOf(key.error));
    }
    const added = await keys.addApiKey(slotKeyId(slot), key.value);
    if (added.ok) return ok(undefined);
    return added.error.code === 'keys.occupied' ? occupied(slot) : err(refusalOf(added.error));
  }

  /** A key that was made for no slot yet gets this one; the slot's own key is there already. */
  async function placeStored(slot: Slot, keyId: string): Promise<Answer<void>> {
    const stored = keys.apiKeys().find((key) => key.keyId === keyId);
    if (stored === undefined) {
      return refuse('unknown', 'keys.unknown', `no API key \`${keyId}\` is kept here`);
    }
    if (keyId === slotKeyId(slot)) return ok(undefined);
    const occupant = book.at(slot);
    if (occupant !== undefined) {
      return occupant.publicKey === stored.publicKey ? ok(undefined) : occupied(slot);
    }
    if (keyId !== spareKeyId(stored.publicKey)) {
      const message = `key \`${keyId}\` belongs to another slot; make a new one for this`;
      return refuse('conflict', 'keys.duplicate', message);
    }
    const moved = await keys.renameApiKey(keyId, slotKeyId(slot));
    return moved.ok ? ok(undefined) : err(refusalOf(moved.error));
  }

  async function createApiKey(seed: Secret | undefined): Promise<Answer<NewApiKey>> {
    const made = makeKey(seed);
    if (!made.ok) return err(refusalOf(made.error));
    const privateKey = made.value;
    const publicKey = toHex(kernel.publicKey(privateKey));
    if (acceptRawKeys) return ok({ publicKey, privateKey });
    const kept = await keys.addApiKey(spareKeyId(publicKey), privateKey);
    return kept.ok ? ok({ publicKey, keyId: kept.value.keyId }) : err(refusalOf(kept.error));
  }

  function makeKey(seed: Secret | undefined): ReturnType<typeof privateKeyFromSeed> {
    if (seed === undefined) {
      using wide = parts.randomSecret(ENTROPY_SIZE);
      return ok(kernel.derivePrivateKey(wide));
    }
    using given = seed;
    return privateKeyFromSeed(kernel, given);
  }

  async function checkClient(wish: SlotWish): Promise<Answer<ClientView>> {
    const client = book.find(wish);
    if (!client.ok) return err(refusalOf(client.error));
    const { account, apiKey } = client.value;
    const url = exchangeOf(client.value, options, parts);
    if (url === undefined) {
      const message = 'the client has no `url` to ask at; call `create_client` again with one';
      return refuse('invalid', 'lighter.no_url', message);
    }
    const registered = await exchange.registeredKey(url, account, apiKey);
    if (!registered.ok) return err(refusalOf(registered.error));
    const there = registered.value?.publicKey;
    if (there !== undefined) {
      const activated = await activation.seen(client.value, there);
      if (!activated.ok) return err(refusalOf(activated.error));
    }
    const now = book.at(client.value) ?? client.value;
    if (now.publicKey === there) return ok(viewOf(now));
    const message = `the exchange has ${there === undefined ? 'no key' : 'another key'} in ${describeSlot(now)}; register this one, or create the client with that one`;
    return refuse('conflict', 'lighter.key_mismatch', message);
  }

  return Object.freeze({
    chainOf({ url: text, chainId }) {
      const url = text === undefined ? undefined : readExchangeUrl(text, hosts);
      if (url?.ok === false) return err(refusalOf(url.error));
      const chain = chainOf(url?.value, chainId);
      return chain.ok ? chain : err(refusalOf(chain.error));
    },
    find(wish) {
      const client = book.find(wish);
      return client.ok ? ok(viewOf(client.value)) : err(refusalOf(client.error));
    },
    createClient,
    createApiKey,
    checkClient,
    async keepWallet(key) {
      const address = await keys.addWallet(key);
      return address.ok ? ok(walletId(address.value)) : err(refusalOf(address.error));
    },
    ...createRegistering(options, parts, activation),
    setup: (wish) => listSetup(wish, options, parts, activation),
    followUp: createFollowUp(activation, parts),
  } satisfies OpenLighterDesk);
}

const ACCOUNT_ZERO: Reason = {
  code: 'lighter.account_zero',
  message:
    "a client of account 0 was created, which Lighter's own client refuses; it serves for trials, so name the account that you mean",
};

function occupied(slot: Slot): Answer<never> {
  const message = `${describeSlot(slot)} has another key; register the new one in its place, or choose another slot`;
  return refuse('conflict', 'keys.occupied', message);
}

function viewOf({ chainId, account, apiKey, publicKey, keyId }: LighterClient): ClientView {
  return { chainId, account, apiKey, publicKey, keyId };
}

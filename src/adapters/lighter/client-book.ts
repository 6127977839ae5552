/**
 * The clients there are: the API keys of the key store, by the slots their ids name, with what else is
 * known of them. Looked up for every request, so it is kept in memory and told of changes.
 */
import { z } from 'zod';

import { type Hex, isHexOf } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { ClientWish, LighterClient, LighterClients } from '../../protocols/lighter/clients.ts';
import type { HeldApiKey, LighterKeyStore } from './key-store.ts';
import { createRecordFile } from './record-file.ts';
import { type Slot, slotKeyId, slotOfKey, slotOfPendingKey } from './slot.ts';

/** What a client has beside its key. */
export interface ClientNotes {
  /** The exchange's origin. */
  readonly url?: string;
  /** Owner of the account, without `0x`. */
  readonly owner?: Hex;
}

export interface ClientBook extends LighterClients {
  /** The slot's own client. */
  readonly at: (slot: Slot) => LighterClient | undefined;
  /** Looks again which keys there are. */
  readonly refresh: () => void;
  /** Adds to what is known of a slot's client, durably. */
  readonly note: (slot: Slot, notes: ClientNotes) => Result<void, Reason>;
}

const record = z.strictObject({
  key_id: z.string(),
  url: z.string().exactOptional(),
  owner: z.custom<Hex>((value) => typeof value === 'string' && isHexOf(20, value)).exactOptional(),
});

export function createClientBook(
  { file: path }: { readonly file: string },
  { keys }: { readonly keys: Pick<LighterKeyStore, 'apiKeys'> },
): Result<ClientBook, Reason> {
  const file = createRecordFile(path, record);
  const read = file.read();
  if (!read.ok) return read;
  const notes = new Map<string, ClientNotes>(
    read.value.map(({ key_id: keyId, ...rest }) => [keyId, rest]),
  );
  let clients: ReadonlyMap<string, LighterClient> = new Map();
  let pending: readonly LighterClient[] = [];

  function refresh(): void {
    const held = keys.apiKeys();
    const own = held.flatMap((key) => clientOf(key, slotOfKey(key.keyId)));
    clients = new Map(own.map((client) => [client.keyId, client]));
    pending = held.flatMap((key) => clientOf(key, slotOfPendingKey(key.keyId)));
  }

  function clientOf({ keyId, publicKey }: HeldApiKey, slot: Slot | undefined): LighterClient[] {
    if (slot === undefined) return [];
    const { url, owner } = notes.get(slotKeyId(slot)) ?? {};
    const client = {
      ...slot,
      publicKey,
      keyId,
      ...(url === undefined ? {} : { url }),
      ...(owner === undefined ? {} : { l1Address: `0x${owner}` }),
    };
    return [Object.freeze(client)];
  }

  function note(slot: Slot, added: ClientNotes): Result<void, Reason> {
    const keyId = slotKeyId(slot);
    const known = notes.get(keyId) ?? {};
    const next = { ...known, ...added };
    if (next.url === known.url && next.owner === known.owner) return ok(undefined);
    // A command of the operator may have written meanwhile.
    const current = file.read();
    if (!current.ok) return current;
    for (const { key_id: other, ...rest } of current.value) {
      if (!notes.has(other)) notes.set(other, rest);
    }
    notes.set(keyId, next);
    const saved = file.replace([...notes].map(([key_id, rest]) => ({ key_id, ...rest })));
    if (!saved.ok) notes.set(keyId, known);
    refresh();
    return saved;
  }

  function find(wish: ClientWish): Result<LighterClient, Reason> {
    const candidates = candidatesFor(wish).filter(({ publicKey }) => {
      return wish.publicKey === undefined || wish.publicKey === publicKey;
    });
    const [first, second] = candidates;
    if (first === undefined) return err(noClient(wish));
    return second === undefined ? ok(first) : err(ambiguous(wish, first, second));
  }

  function candidatesFor(wish: ClientWish): readonly LighterClient[] {
    const { chainId, account, apiKey, publicKey } = wish;
    if (publicKey === undefined && chainId !== undefined && account !== undefined) {
      const client = clients.get(slotKeyId({ chainId, account, apiKey }));
      return client === undefined ? [] : [client];
    }
    const all = publicKey === undefined ? clients.values() : [...clients.values(), ...pending];
    return [...all].filter(
      (client) =>
        client.apiKey === apiKey &&
        (account === undefined || client.account === account) &&
        (chainId === undefined || client.chainId === chainId),
    );
  }

  refresh();
  return ok(
    Object.freeze({
      find,
      list: () => [...clients.values()],
      at: (slot: Slot) => clients.get(slotKeyId(slot)),
      refresh,
      note,
    }),
  );
}

function noClient({ chainId, account, apiKey, publicKey }: ClientWish): Reason {
  const where = [
    `API key index ${String(apiKey)}`,
    ...(account === undefined ? [] : [`account ${String(account)}`]),
    ...(chainId === undefined ? [] : [`chain ${String(chainId)}`]),
  ].join(', ');
  const whose = publicKey === undefined ? 'no client' : 'no client with this public key';
  const message = `Signer not initialized: there is ${whose} for ${where}; call \`create_client\` or \`register_api_key\` first`;
  return { code: 'lighter.no_client', message };
}

function ambiguous({ apiKey }: ClientWish, one: LighterClient, other: LighterClient): Reason {
  const field = one.account === other.account ? 'chain_id' : 'account_index';
  const message = `several clients have API key index ${String(apiKey)}; give \`${field}\``;
  return { code: 'lighter.ambiguous_client', message };
}

/** What a registration rests on, settled before any key is made: slot, nonce, owner, and room for it. */
import { parseAddress } from '../../../signers/ethereum-wallet/index.ts';
import type { Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { LighterRefusal, NewRegistration } from '../../protocols/lighter/ports.ts';
import type { LighterClient } from '../../protocols/lighter/clients.ts';
import type { DeskOptions, DeskParts } from './desk-parts.ts';
import { siblingsOf } from './exchange-of.ts';
import { chainOf, readExchangeUrl } from './exchange-url.ts';
import { refusalOf, refuse } from './refusal.ts';
import { describeSlot, type Slot } from './slot.ts';

export interface RegistrationPlan {
  readonly slot: Slot;
  /** The exchange's origin, where it is known. */
  readonly url?: string;
  readonly nonce: bigint;
  /** Address of the wallet that has to countersign. */
  readonly owner: Hex;
  /** Whether that wallet is kept here and is to countersign at once. */
  readonly byStoredWallet: boolean;
}

type Settled<Value> = Result<Value, LighterRefusal>;
type Parts = Pick<DeskParts, 'keys' | 'book' | 'exchange'>;

export async function planRegistration(
  asked: NewRegistration,
  { hosts }: Pick<DeskOptions, 'hosts'>,
  parts: Parts,
): Promise<Settled<RegistrationPlan>> {
  const place = settlePlace(asked, hosts, parts);
  if (!place.ok) return place;
  const { slot, url } = place.value;
  const wallet = settleWallet(asked, parts);
  if (!wallet.ok) return wallet;
  const free = await checkFree(asked, slot, url, parts);
  if (!free.ok) return free;
  const owner = await settleOwner(asked, slot, url, { ...parts, wallet: wallet.value });
  if (!owner.ok) return owner;
  const nonce = await settleNonce(asked, slot, url, parts);
  if (!nonce.ok) return nonce;
  return ok({
    slot,
    nonce: nonce.value,
    owner: owner.value,
    byStoredWallet: wallet.value !== undefined,
    ...(url === undefined ? {} : { url }),
  });
}

/** Chain and exchange that are not named are those of the account's other clients. */
function settlePlace(
  { url: text, chainId: told, account, apiKey }: NewRegistration,
  hosts: DeskOptions['hosts'],
  { book }: Parts,
): Settled<{ readonly slot: Slot; readonly url?: string }> {
  const siblings = book.list().filter((client) => client.account === account);
  const url = text === undefined ? undefined : readExchangeUrl(text, hosts);
  if (url?.ok === false) return err(refusalOf(url.error));
  const chain = chainOf(url?.value, told ?? (url === undefined ? onlyChain(siblings) : undefined));
  if (!chain.ok) return err(refusalOf(chain.error));
  const slot = { chainId: chain.value, account, apiKey };
  const known = siblingsOf(slot, book).find((client) => client.url !== undefined);
  const origin = url?.value.origin ?? known?.url;
  return ok({ slot, ...(origin === undefined ? {} : { url: origin }) });
}

function onlyChain(clients: readonly LighterClient[]): bigint | undefined {
  const chains = new Set(clients.map(({ chainId }) => chainId));
  return chains.size === 1 ? [...chains][0] : undefined;
}

function settleWallet({ wallet }: NewRegistration, { keys }: Parts): Settled<Hex | undefined> {
  if (wallet === undefined) return ok(undefined);
  const address = parseAddress(wallet.replace(/^wallet\//, ''));
  if (address !== undefined && keys.hasWallet(address)) return ok(address);
  return refuse('unknown', 'keys.unknown', `no wallet \`${wallet}\` is kept here; import it first`);
}

/** A key that the slot has, here or at the exchange, is replaced only on confirmation. */
async function checkFree(
  { replace }: NewRegistration,
  slot: Slot,
  url: string | undefined,
  { book, exchange }: Parts,
): Promise<Settled<void>> {
  if (replace) return ok(undefined);
  const where = describeSlot(slot);
  const confirm = 'confirm with `confirm_replace` that it may be replaced, or choose another slot';
  if (book.at(slot) !== undefined) {
    return refuse('conflict', 'keys.occupied', `${where} has a key here; ${confirm}`);
  }
  if (url === undefined) return ok(undefined);
  const registered = await exchange.registeredKey(url, slot.account, slot.apiKey);
  if (!registered.ok) return err(refusalOf(registered.error));
  if (registered.value === undefined || /^0+$/.test(registered.value.publicKey)) {
    return ok(undefined);
  }
  return refuse('conflict', 'keys.occupied', `${where} has a key at the exchange; ${confirm}`);
}

/** Who must countersign: the exchange knows best, then the caller, then what was learned before. */
async function settleOwner(
  asked: NewRegistration,
  { chainId, account }: Slot,
  url: string | undefined,
  {
    book,
    exchange,
    wallet,
  }: Pick<Parts, 'book' | 'exchange'> & { readonly wallet: Hex | undefined },
): Promise<Settled<Hex>> {
  const told = url === undefined ? ok(undefined) : await exchange.owner(url, account);
  if (!told.ok) return err(refusalOf(told.error));
  const siblings = siblingsOf({ chainId, account }, book);
  const named =
    asked.l1Address ?? siblings.find(({ l1Address }) => l1Address !== undefined)?.l1Address;
  const claimed = named === undefined ? undefined : parseAddress(named);
  if (named !== undefined && claimed === undefined) {
    return refuse('invalid', 'lighter.owner', '`l1_address` is not an address');
  }
  return agreeOnOwner(account, [told.value, claimed, wallet]);
}

function agreeOnOwner(account: bigint, opinions: readonly (Hex | undefined)[]): Settled<Hex> {
  const [owner, ...others] = opinions.filter((opinion) => opinion !== undefined);
  if (owner === undefined) {
    const message = 'give `l1_address`, the owner of the account, whose wallet is to countersign';
    return refuse('invalid', 'lighter.owner', message);
  }
  if (others.every((other) => other === owner)) return ok(owner);
  const message = `account ${String(account)} belongs to \`0x${owner}\`; its wallet has to countersign`;
  return refuse('conflict', 'lighter.owner', message);
}

async function settleNonce(
  { nonce }: NewRegistration,
  { account, apiKey }: Slot,
  url: string | undefined,
  { exchange }: Parts,
): Promise<Settled<bigint>> {
  if (nonce >= 0n) return ok(nonce);
  if (url === undefined) {
    const message = 'give `nonce` (0 for a slot that was never used), or the `url` of the exchange';
    return refuse('invalid', 'lighter.nonce', message);
  }
  const next = await exchange.nextNonce(url, account, apiKey);
  return next.ok ? next : err(refusalOf(next.error));
}

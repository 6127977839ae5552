/** At which exchange a slot is looked up. */
import type { DeskOptions, DeskParts } from './desk-parts.ts';
import { usualExchange } from './exchange-url.ts';
import type { Slot } from './slot.ts';

/**
 * The origin that is known of the slot's client, of its newest registration or of another client of the
 * account; else the chain's usual one, if it is allowed.
 */
export function exchangeOf(
  slot: Slot,
  { hosts }: Pick<DeskOptions, 'hosts'>,
  { book, registrations }: Pick<DeskParts, 'book' | 'registrations'>,
): string | undefined {
  const known = [book.at(slot), ...registrations.of(slot), ...siblingsOf(slot, book)];
  return known.find((one) => one?.url !== undefined)?.url ?? usualExchange(slot.chainId, hosts);
}

/** The clients of its account. */
export function siblingsOf(
  { chainId, account }: Pick<Slot, 'chainId' | 'account'>,
  { list }: Pick<DeskParts['book'], 'list'>,
): ReturnType<typeof list> {
  return list().filter((client) => client.chainId === chainId && client.account === account);
}

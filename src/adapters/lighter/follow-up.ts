/**
 * Follows registered keys up that wait for the slot of another one: once the exchange has the new key,
 * nothing that the old one signs is worth anything, whether somebody asks for it or not.
 */
import type { Activation } from './activation.ts';
import type { DeskParts } from './desk-parts.ts';
import { type RegistrationRecord, slotOfRegistration } from './registrations.ts';

/** Milliseconds. */
export const FOLLOW_UP_TIMES = { first: 5_000, interval: 20_000 } as const;

type Parts = Pick<DeskParts, 'exchange' | 'clock' | 'alarm'>;

/**
 * Asks the exchange about each key that waits, for as long as it can take the registration and once
 * afterwards. One that cannot be asked is asked the next time.
 */
export function createFollowUp(
  activation: Pick<Activation, 'waiting' | 'seen'>,
  { exchange, clock, alarm }: Parts,
): (signal: AbortSignal) => Promise<void> {
  const over = new Set<string>();

  async function look(registration: RegistrationRecord): Promise<void> {
    const { id, url, expired_at: expiredAt } = registration;
    if (url === undefined || over.has(id)) return;
    const slot = slotOfRegistration(registration);
    const askedAt = BigInt(clock.now());
    const asked = await exchange.registeredKey(url, slot.account, slot.apiKey);
    if (!asked.ok) return;
    if (askedAt > expiredAt) over.add(id);
    if (asked.value === undefined) return;
    const activated = await activation.seen(slot, asked.value.publicKey);
    if (!activated.ok) alarm(activated.error);
  }

  return async (signal) => {
    for (const registration of activation.waiting()) {
      if (!signal.aborted) await look(registration);
    }
  };
}

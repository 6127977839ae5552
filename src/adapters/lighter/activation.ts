/**
 * When a registered key gets its slot here: as soon as its registration is complete where the slot is
 * free. Where another key has the slot, that one goes on signing until the exchange has the new one,
 * because a transaction that never arrives must not cost the account its only key; without an exchange
 * to ask, the completed registration decides. A key that loses its slot is kept under another id.
 */
import { ok, type Result } from '../../base/result.ts';
import { createTurns } from '../../base/turns.ts';
import type { Reason } from '../../core/outcome.ts';
import type { DeskParts } from './desk-parts.ts';
import { type RegistrationRecord, slotOfRegistration } from './registrations.ts';
import { describeSlot, pendingKeyId, retiredKeyId, type Slot, slotKeyId } from './slot.ts';

export interface Activation {
  /** After a registration became complete. */
  readonly completed: (registration: RegistrationRecord) => Promise<Result<void, Reason>>;
  /** After the exchange showed the public key that a slot has there. */
  readonly seen: (slot: Slot, publicKey: string) => Promise<Result<void, Reason>>;
  /** Takes up what a crash left half done. */
  readonly resume: () => Promise<void>;
  /** Complete, but without their slot. */
  readonly waiting: () => readonly RegistrationRecord[];
}

type Parts = Pick<DeskParts, 'keys' | 'book' | 'registrations' | 'alarm' | 'onActivated'>;

export function createActivation({
  keys,
  book,
  registrations,
  alarm,
  onActivated,
}: Parts): Activation {
  // One slot at a time, because several may see that the exchange has a key.
  const inTurn = createTurns();

  async function activate(
    registration: RegistrationRecord,
    mayReplace: boolean,
  ): Promise<Result<void, Reason>> {
    const slot = slotOfRegistration(registration);
    const { public_key: publicKey, owner, url } = registration;
    const occupant = book.at(slot);
    if (occupant !== undefined && occupant.publicKey !== publicKey) {
      if (!mayReplace) return ok(undefined);
      const retired = await keys.renameApiKey(
        occupant.keyId,
        retiredKeyId(slot, occupant.publicKey),
      );
      if (!retired.ok) return retired;
    }
    if (occupant?.publicKey !== publicKey) {
      const moved = await keys.renameApiKey(pendingKeyId(slot, publicKey), slotKeyId(slot));
      if (!moved.ok) return moved;
    }
    book.refresh();
    const noted = book.note(slot, { owner, ...(url === undefined ? {} : { url }) });
    if (!noted.ok) return noted;
    const saved = registrations.put({ ...registration, active: true });
    if (saved.ok) onActivated(slot, publicKey);
    return saved;
  }

  /** Complete and waiting for its slot; only the newest one of a slot may have it. */
  function waitingFor(slot: Slot): RegistrationRecord | undefined {
    const [newest] = registrations.of(slot).filter((other) => other.l1_signature !== undefined);
    return newest?.active === false ? newest : undefined;
  }

  function waiting(): readonly RegistrationRecord[] {
    return registrations.all().filter((one) => waitingFor(slotOfRegistration(one))?.id === one.id);
  }

  return Object.freeze({
    completed: (registration: RegistrationRecord) =>
      inTurn(() => activate(registration, registration.url === undefined)),
    seen: (slot: Slot, publicKey: string) =>
      inTurn(async () => {
        const registration = waitingFor(slot);
        if (registration?.public_key !== publicKey) return ok(undefined);
        return activate(registration, true);
      }),
    async resume() {
      for (const registration of waiting()) {
        const done = await inTurn(() => activate(registration, false));
        if (done.ok) continue;
        const where = describeSlot(slotOfRegistration(registration));
        const message = `the registered key for ${where} is not in use: ${done.error.message}`;
        alarm({ code: done.error.code, message });
      }
    },
    waiting,
  });
}

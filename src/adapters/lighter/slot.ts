/** Slots, and the ids of the keys that belong to them. */
import type { Hex } from '../../base/hex.ts';
import { lighterKeyId } from '../../protocols/lighter/clients.ts';

/** One place for an API key of an account. */
export interface Slot {
  readonly chainId: bigint;
  readonly account: bigint;
  readonly apiKey: bigint;
}

export function slotKeyId({ chainId, account, apiKey }: Slot): string {
  return lighterKeyId(chainId, account, apiKey);
}

/** Of a key whose registration in the slot is under way; it signs that and nothing else. */
export function pendingKeyId(slot: Slot, publicKey: Hex): string {
  return besideSlot('pending', slot, publicKey);
}

/** Of a key that another took the place of. */
export function retiredKeyId(slot: Slot, publicKey: Hex): string {
  return besideSlot('retired', slot, publicKey);
}

/** Of a key that was made for no slot yet. */
export function spareKeyId(publicKey: Hex): string {
  return `lighter-spare/${publicKey.slice(0, 32)}`;
}

function besideSlot(state: 'pending' | 'retired', slot: Slot, publicKey: Hex): string {
  return `${slotKeyId(slot).replace('/', `-${state}/`)}/${publicKey.slice(0, 32)}`;
}

const SLOT = '([1-9][0-9]{0,9})/(0|[1-9][0-9]{0,14})/(0|[1-9][0-9]{0,2})';
const OWN = new RegExp(`^lighter/${SLOT}$`);
const PENDING = new RegExp(`^lighter-pending/${SLOT}/[0-9a-f]{32}$`);
const LAST_SLOT = 254n;

/** The slot whose key has this id; `undefined` for other ids. */
export function slotOfKey(keyId: string): Slot | undefined {
  return readSlot(OWN.exec(keyId));
}

/** The slot in which the key with this id is to be registered. */
export function slotOfPendingKey(keyId: string): Slot | undefined {
  return readSlot(PENDING.exec(keyId));
}

function readSlot(match: RegExpExecArray | null): Slot | undefined {
  const [, chainId, account, apiKey] = match ?? [];
  if (chainId === undefined || account === undefined || apiKey === undefined) return undefined;
  const slot = { chainId: BigInt(chainId), account: BigInt(account), apiKey: BigInt(apiKey) };
  return slot.apiKey <= LAST_SLOT ? slot : undefined;
}

export function describeSlot({ chainId, account, apiKey }: Slot): string {
  return `slot ${String(apiKey)} of account ${String(account)} on chain ${String(chainId)}`;
}

/** Registrations under way and done, kept durably: a wallet may take its time to countersign. */
import { z } from 'zod';

import { type Hex, isHexOf } from '../../base/hex.ts';
import { ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { createRecordFile } from './record-file.ts';
import type { Slot } from './slot.ts';

const hex = (length: number) =>
  z.custom<Hex>((value) => typeof value === 'string' && isHexOf(length, value));

const record = z.strictObject({
  id: z.string(),
  chain_id: z.bigint(),
  account: z.bigint(),
  api_key: z.bigint(),
  public_key: hex(40),
  /** Of the wallet that has to countersign. */
  owner: hex(20),
  url: z.string().exactOptional(),
  nonce: z.bigint(),
  message_to_sign: z.string(),
  tx_type: z.bigint(),
  tx_info: z.string(),
  tx_hash: hex(40),
  expired_at: z.bigint(),
  l1_signature: hex(65).exactOptional(),
  /** Whether the key has its slot here. */
  active: z.boolean(),
});

/** `l1_signature` makes it complete. */
export type RegistrationRecord = z.infer<typeof record>;

export interface Registrations {
  readonly get: (id: string) => RegistrationRecord | undefined;
  /** Newest first. */
  readonly of: (slot: Slot) => readonly RegistrationRecord[];
  readonly all: () => readonly RegistrationRecord[];
  /** Adds or replaces the one with this id. */
  readonly put: (registration: RegistrationRecord) => Result<void, Reason>;
}

/** The oldest that are done make way for new ones. */
const KEPT = 1_000;

export function createRegistrations({
  file: path,
}: {
  readonly file: string;
}): Result<Registrations, Reason> {
  const file = createRecordFile(path, record);
  const read = file.read();
  if (!read.ok) return read;
  let records: readonly RegistrationRecord[] = read.value;

  function put(registration: RegistrationRecord): Result<void, Reason> {
    const index = records.findIndex(({ id }) => id === registration.id);
    const next = index === -1 ? [...records, registration] : records.with(index, registration);
    const spare = new Set(next.filter(({ active }) => active).slice(0, next.length - KEPT));
    const kept = next.length > KEPT ? next.filter((other) => !spare.has(other)) : next;
    const saved = file.replace(kept);
    if (saved.ok) records = kept;
    return saved;
  }

  return ok(
    Object.freeze({
      get: (id: string) => records.find((other) => other.id === id),
      of: ({ chainId, account, apiKey }: Slot) =>
        records
          .filter(
            (other) =>
              other.chain_id === chainId && other.account === account && other.api_key === apiKey,
          )
          .toReversed(),
      all: () => records,
      put,
    }),
  );
}

export function slotOfRegistration(registration: RegistrationRecord): Slot {
  const { chain_id: chainId, account, api_key: apiKey } = registration;
  return { chainId, account, apiKey };
}

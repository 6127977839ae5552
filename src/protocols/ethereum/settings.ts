/** What the operator ordered for single keys: who earns, and the gas limit. */
import { z } from 'zod';

import type { Hex } from '../../base/hex.ts';
import type { JsonObject } from '../../base/json.ts';
import type { StateView } from '../../core/protocol.ts';

export interface KeySettings {
  /** 20 bytes. */
  readonly feeRecipient?: Hex;
  readonly gasLimit?: bigint;
}

const hex20 = z.custom<Hex>((value) => typeof value === 'string' && /^[0-9a-f]{40}$/.test(value));
const document = z.strictObject({
  fee_recipient: hex20.nullable(),
  gas_limit: z.bigint().nullable(),
});

/** The state document of a key's settings. */
export function settingsKey(pubkey: Hex): string {
  return `settings/${pubkey}`;
}

export function readSettings(pubkey: Hex, state: StateView): KeySettings {
  const stored = state.get(settingsKey(pubkey));
  if (stored === undefined) return {};
  const { fee_recipient: feeRecipient, gas_limit: gasLimit } = document.parse(stored);
  return {
    ...(feeRecipient === null ? {} : { feeRecipient }),
    ...(gasLimit === null ? {} : { gasLimit }),
  };
}

export function writeSettings({ feeRecipient, gasLimit }: KeySettings): JsonObject {
  return { fee_recipient: feeRecipient ?? null, gas_limit: gasLimit ?? null };
}

/** What an operator may order for a key: who earns by its duties, and the gas limit. */
import { z } from 'zod';

import type { Hex } from '../../base/hex.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Operation, Operations } from '../../core/protocol.ts';
import { readIdentifier } from './events.ts';
import { type KeySettings, readSettings, settingsKey, writeSettings } from './settings.ts';

const MAX_GAS_LIMIT = 2n ** 63n - 1n;

const pubkey = z.string('must be a public key, 48 bytes in hex').transform((text, context): Hex => {
  const hex = readIdentifier(text);
  if (hex !== undefined) return hex;
  context.addIssue('must be a public key, 48 bytes in hex');
  return z.NEVER;
});
const ADDRESS = 'must be an execution address, 20 bytes in hex with `0x`';
const address = z
  .string(ADDRESS)
  .regex(/^0x[0-9a-fA-F]{40}$/, ADDRESS)
  .transform((text, context): Hex => {
    const hex = text.slice(2).toLowerCase();
    // The zero address burns what is sent to it.
    if (/^0+$/.test(hex))
      context.addIssue('must not be the zero address, which burns what it earns');
    // SAFETY: the pattern has found 40 hex digits.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    return hex as Hex;
  });
const GAS_LIMIT = `must be an integer from 1 to ${String(MAX_GAS_LIMIT)}`;
const gasLimit = z.bigint(GAS_LIMIT).min(1n, GAS_LIMIT).max(MAX_GAS_LIMIT, GAS_LIMIT);

function setting<Asked extends { readonly pubkey: Hex }>(
  about: string,
  schema: z.ZodType<Asked>,
  change: (before: KeySettings, asked: Asked) => KeySettings,
): Operation {
  const read = (args: JsonObject): Result<Asked, Reason> => {
    const parsed = schema.safeParse(args);
    if (parsed.success) return ok(parsed.data);
    const [issue] = parsed.error.issues;
    const message = `\`${(issue?.path ?? []).join('.')}\` ${issue?.message ?? 'cannot be read'}`;
    return err({ code: 'ethereum.settings', message });
  };
  return {
    about,
    plan(args) {
      const asked = read(args);
      if (!asked.ok) return asked;
      const key = settingsKey(asked.value.pubkey);
      return ok({ lanes: [`key/${asked.value.pubkey}`], reads: [key] });
    },
    apply(args, state) {
      const asked = read(args);
      if (!asked.ok) return asked;
      const after = change(readSettings(asked.value.pubkey, state), asked.value);
      const key = settingsKey(asked.value.pubkey);
      return ok({
        message: `${about} of \`0x${asked.value.pubkey}\``,
        changes: new Map([[key, writeSettings(after)]]),
      });
    },
  };
}

export const operations: Operations = {
  set_fee_recipient: setting(
    'set the fee recipient',
    // As the Keymanager API calls it.
    z.strictObject({ pubkey, ethaddress: address }),
    (before, { ethaddress: feeRecipient }) => ({ ...before, feeRecipient }),
  ),
  clear_fee_recipient: setting(
    'clear the fee recipient',
    z.strictObject({ pubkey }),
    ({ gasLimit: kept }) => (kept === undefined ? {} : { gasLimit: kept }),
  ),
  set_gas_limit: setting(
    'set the gas limit',
    z.strictObject({ pubkey, gas_limit: gasLimit }),
    (before, { gas_limit: limit }) => ({ ...before, gasLimit: limit }),
  ),
  clear_gas_limit: setting(
    'clear the gas limit',
    z.strictObject({ pubkey }),
    ({ feeRecipient: kept }) => (kept === undefined ? {} : { feeRecipient: kept }),
  ),
};

/**
 * Records of API keys as in-browser signers store them: one for each owner, in JSON, under the name
 * `lifi-perps-lighter-key:<address>`, or with a provider's name between. The record does not say on which
 * chain the key is.
 */
import { z } from 'zod';

import { parseAddress } from '../../../signers/ethereum-wallet/index.ts';
import { fromHex, type Hex, isHexOf, toHex } from '../../base/hex.ts';
import { isJsonObject, type JsonValue, parseJson, stringifyJson } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';

export interface KeyRecord {
  readonly account: bigint;
  readonly apiKey: bigint;
  readonly publicKey: Hex;
  readonly privateKey: Secret;
  /** Address of the wallet that owns the account. */
  readonly owner?: Hex;
}

const NAME = /^lifi-perps-lighter-key:(?:[^:]+:)?(0x[0-9a-fA-F]{40})$/;

const record = z.object({
  accountIndex: z
    .bigint()
    .min(0n)
    .max(2n ** 48n - 2n),
  apiKeyIndex: z.bigint().min(0n).max(254n),
  apiKeyPrivateKey: hexOf(40),
  apiKeyPublicKey: hexOf(40),
});

/** One record by itself, or an object of them by their names, each as JSON or as a text of it. */
export function readKeyRecords(content: Uint8Array): Result<readonly KeyRecord[], Reason> {
  const json = parseJson(content);
  if (!json.ok) return refuse(json.error.message);
  if (!isJsonObject(json.value)) return refuse('not an object');
  const bare = readRecord(json.value, undefined);
  if (bare !== undefined) return ok([bare]);
  const found: KeyRecord[] = [];
  for (const [name, value] of Object.entries(json.value)) {
    const address = NAME.exec(name)?.[1];
    if (address === undefined) continue;
    const owner = parseAddress(address);
    const read = owner === undefined ? undefined : readRecord(unwrap(value), owner);
    if (read === undefined) return refuse(`what stands under \`${name}\` is not one`);
    found.push(read);
  }
  return found.length === 0 ? refuse('there is none in it') : ok(found);
}

/** As a file that `readKeyRecords` reads; the name goes into the storage, the member is its value. */
export function writeKeyRecord(
  owner: Hex,
  { account, apiKey, publicKey, privateKey }: KeyRecord,
): string {
  const name = `lifi-perps-lighter-key:0x${owner}`;
  const value = {
    accountIndex: account,
    apiKeyIndex: apiKey,
    apiKeyPrivateKey: `0x${privateKey.reveal(toHex)}`,
    apiKeyPublicKey: `0x${publicKey}`,
  };
  return `${stringifyJson({ [name]: value })}\n`;
}

/** Web storage holds texts only. */
function unwrap(value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value;
  const json = parseJson(value);
  return json.ok ? json.value : null;
}

function readRecord(value: JsonValue, owner: Hex | undefined): KeyRecord | undefined {
  const read = record.safeParse(value);
  if (!read.success) return undefined;
  const { accountIndex, apiKeyIndex, apiKeyPrivateKey, apiKeyPublicKey } = read.data;
  return {
    account: accountIndex,
    apiKey: apiKeyIndex,
    publicKey: apiKeyPublicKey,
    privateKey: new Secret(fromHex(apiKeyPrivateKey)),
    ...(owner === undefined ? {} : { owner }),
  };
}

function hexOf(length: number): z.ZodType<Hex, string> {
  return z.string().transform((text, context) => {
    const digits = text.replace(/^0x/i, '').toLowerCase();
    if (isHexOf(length, digits)) return digits;
    context.addIssue('must be hex');
    return z.NEVER;
  });
}

function refuse(what: string): Result<never, Reason> {
  const message = `not a record of an API key, as \`lifi-perps-lighter-key:<address>\` holds it: ${what}`;
  return err({ code: 'lighter.record', message });
}

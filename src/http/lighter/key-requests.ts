import type { SlotWish } from '../../protocols/lighter/ports.ts';
/** The bodies of routes about keys and clients. */
import { z } from 'zod';

import { flagOr, hexOf, integer, integerOr, text } from '../../base/request-fields.ts';

const account = integer({
  about: 'The account.',
  min: 0n,
  max: 2n ** 48n - 2n,
  example: 123n,
});
const apiKey = { about: 'Index of the API key.', min: 0n, max: 254n, example: 5n };
/** Where in-browser signers register their key. */
const BROWSER_SLOT = 42n;
const chainId = integer({
  about: '304 is mainnet, 300 testnet.',
  min: 1n,
  max: 2n ** 32n - 1n,
  example: 304n,
});
const url = text(
  {
    about:
      "The exchange's REST base. It names the chain where `chain_id` is absent; signing never calls it.",
    example: 'https://mainnet.zklighter.elliot.ai',
  },
  /^https?:\/\/[\x21-\x7e]{1,500}$/,
  'must be a URL',
);
const l1Address = text(
  { about: "Address of the account's owner." },
  /^0x[0-9a-fA-F]{40}$/,
  'must be an address, `0x` and 40 hex digits',
).transform((address) => address.toLowerCase());
const wallet = text(
  { about: 'The stored L1 wallet that countersigns: its address, or `wallet/` and the address.' },
  /^(?:wallet\/)?(?:0x)?[0-9a-fA-F]{40}$/,
  'must be an address, `0x` and 40 hex digits',
).transform((named) => `wallet/${named.slice(-40).toLowerCase()}`);
const keyId = text(
  { about: 'Id of a stored key.' },
  /^[\x21-\x7e]{1,200}$/,
  'must be the id of a key',
);

export const slotRequest = z.object({
  api_key_index: integer(apiKey),
  account_index: account.optional(),
  chain_id: chainId.optional(),
});

export const createClientRequest = z.object({
  url: url.optional(),
  chain_id: chainId.optional(),
  api_key_index: integer(apiKey),
  account_index: account,
  key_id: keyId.optional(),
  l1_address: l1Address.optional(),
});

export const createApiKeyRequest = z.object({
  seed: z
    .string({ error: 'must be a text' })
    .default('')
    .meta({ description: '32 bytes of hex or more. Empty: a random key.', default: '' }),
});

export const registerRequest = z.object({
  url: url.optional(),
  chain_id: chainId.optional(),
  account_index: account,
  api_key_index: integerOr(BROWSER_SLOT, apiKey),
  nonce: integerOr(-1n, {
    about: 'Nonce of the slot; -1: as the exchange says.',
    min: -1n,
    max: 2n ** 48n - 1n,
  }),
  wallet: wallet.optional(),
  l1_address: l1Address.optional(),
  confirm_replace: flagOr(0n, '1: a key that the slot already has may be replaced.'),
});

export const countersignRequest = z.object({
  signature: hexOf(65, { about: 'Signature of the L1 wallet over `message_to_sign`, EIP-191.' }),
});

export const setupQuery = z.object({
  account_index: account,
  api_key_index: integerOr(BROWSER_SLOT, apiKey),
  chain_id: chainId.optional(),
});

export type SlotRequest = z.output<typeof slotRequest>;
export type CreateClientRequest = z.output<typeof createClientRequest>;
export type CreateApiKeyRequest = z.output<typeof createApiKeyRequest>;
export type RegisterRequest = z.output<typeof registerRequest>;
export type CountersignRequest = z.output<typeof countersignRequest>;

export function slotOf(asked: {
  readonly api_key_index: bigint;
  readonly account_index?: bigint | undefined;
  readonly chain_id?: bigint | undefined;
}): SlotWish {
  return {
    apiKey: asked.api_key_index,
    ...(asked.account_index !== undefined && { account: asked.account_index }),
    ...(asked.chain_id !== undefined && { chainId: asked.chain_id }),
  };
}

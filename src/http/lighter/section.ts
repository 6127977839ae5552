/** Lighter's part of the API's description, by the table that its routes are made of. */
import { z } from 'zod';

import type { LighterEndpoint } from '../../protocols/lighter/index.ts';
import type { ApiOperation, ApiSection } from '../docs/section.ts';
import {
  countersignRequest,
  createApiKeyRequest,
  createClientRequest,
  registerRequest,
  setupQuery,
  slotRequest,
} from './key-requests.ts';

const rawKey = (size: number, of: string) =>
  z
    .string()
    .optional()
    .meta({
      description: `${of}, ${String(size)} bytes of hex; taken only while \`LIGHTER_ACCEPT_RAW_KEYS\` holds, then kept encrypted.`,
      writeOnly: true,
    });
const apiPrivateKey = rawKey(40, 'The API key itself');
const walletPrivateKey = rawKey(32, "The L1 wallet's key");

const hex = z.string();
const integer = z.bigint().meta({ type: 'integer', format: 'int64' });

const transactionReply = z.object({
  tx_info: z.string().meta({ description: "What the exchange's `sendTx` takes." }),
  tx_type: integer,
  tx_hash: hex,
  message_to_sign: z.string().optional().meta({ description: 'The text for the L1 wallet.' }),
  nonce: integer,
  expired_at: integer.meta({ description: 'Milliseconds since 1970.' }),
  signature: hex,
});
const tokenReply = z.object({
  auth_token: z.string(),
  deadline: integer.meta({ description: 'Seconds since 1970.' }),
});
const actionReply = z.object({
  txType: integer.nullable(),
  txInfo: z.string().nullable(),
  txHash: z.string().nullable(),
});
const clientReply = z.object({
  message: z.string(),
  client_key: z.string().meta({ description: 'API key index and account: `5:123`.' }),
  chain_id: integer,
  public_key: hex,
  key_id: z.string(),
});
const registrationReply = z.object({
  id: z.string(),
  state: z.enum(['awaiting_countersignature', 'complete']),
  chain_id: integer,
  account_index: integer,
  api_key_index: integer,
  new_public_key: hex,
  message_to_sign: z.string(),
  tx_type: integer,
  tx_info: z.string(),
  tx_hash: hex,
  nonce: integer,
  expired_at: integer,
});

const keyOperations: readonly ApiOperation[] = [
  {
    method: 'post',
    path: '/create_client',
    title: 'Give an API key its slot',
    about:
      'Takes a raw key, or names a stored one. The same key again gives the same client; another key for an occupied slot is refused with 409.',
    access: 'callers',
    body: createClientRequest.extend({ private_key: apiPrivateKey }),
    reply: { about: 'The client.', schema: clientReply },
    refusals: [400, 401, 403, 404, 409],
  },
  {
    method: 'post',
    path: '/check_client',
    title: 'Ask the exchange whether it knows the key of a client',
    about: 'Also where it does not, the status is 200: the answer then has an `error`.',
    access: 'callers',
    body: slotRequest,
    reply: { about: '`message`, or `error`.' },
    refusals: [400, 401, 403],
  },
  {
    method: 'post',
    path: '/switch_api_key',
    title: 'Ask whether a client is there',
    about: 'There is nothing to switch, since every request names its key.',
    access: 'callers',
    body: slotRequest,
    reply: { about: '`message`.' },
    refusals: [400, 401, 403, 404],
  },
  {
    method: 'post',
    path: '/create_api_key',
    title: 'Make a pair of keys',
    about:
      'The private key is given away only while `LIGHTER_ACCEPT_RAW_KEYS` holds; `register_api_key` makes one that never leaves.',
    access: 'callers',
    body: createApiKeyRequest,
    reply: {
      about: 'The pair.',
      schema: z.object({
        private_key: hex.optional(),
        public_key: hex,
        key_id: z.string().optional(),
      }),
    },
    refusals: [400, 401, 403],
  },
  {
    method: 'post',
    path: '/register_api_key',
    title: 'Make an API key and sign its registration',
    about:
      'The new key signs; the L1 wallet countersigns here where it is kept, otherwise `message_to_sign` is to be signed and brought to `countersign`.',
    access: 'operator',
    body: registerRequest.extend({ eth_private_key: walletPrivateKey }),
    reply: { about: 'The registration.', schema: registrationReply },
    refusals: [400, 401, 403, 404, 409, 502, 503],
  },
  {
    method: 'post',
    path: '/register_api_key/:id/countersign',
    title: 'Bring the L1 signature of a registration',
    access: 'operator',
    body: countersignRequest,
    reply: { about: 'The registration, complete.', schema: registrationReply },
    refusals: [400, 401, 403, 404, 409],
  },
  {
    method: 'get',
    path: '/setup/:account',
    title: 'List what an account still lacks before it can trade',
    access: 'callers',
    query: setupQuery.omit({ account_index: true }),
    reply: { about: 'The steps, done and not done.' },
    refusals: [400, 401],
  },
];

const nonceBody = z.object({
  chain: integer
    .optional()
    .meta({ description: 'Absent: the chain of the only client that fits.' }),
});
const nonce = integer.meta({ description: 'The nonce that is meant.' });

const nonceOperation = (
  name: string,
  title: string,
  body: z.ZodObject = nonceBody,
  reply: ApiOperation['reply'] = { about: '`message`: what was done.' },
): ApiOperation => ({
  method: 'post',
  path: `/admin/v1/nonces/:account/:key/${name}`,
  title,
  access: 'operator',
  body,
  reply,
  refusals: [400, 401, 403, 404, 409, 502],
});

const nonceOperations: readonly ApiOperation[] = [
  nonceOperation(
    'acknowledge',
    'Say how a transaction ended, so that its nonce is settled',
    nonceBody.extend({
      nonce,
      status: z.enum(['accepted', 'rejected', 'failed']).meta({
        description:
          '`accepted` by the exchange, `rejected` by its API before the nonce was used, or `failed` afterwards.',
      }),
      tx_hash: hex
        .optional()
        .meta({ description: 'The transaction that is meant, 40 bytes of hex.' }),
    }),
  ),
  nonceOperation(
    'rollback',
    'Give back the newest nonce, if it was only reserved',
    nonceBody.extend({ nonce }),
  ),
  nonceOperation(
    'reserve',
    'Set a row of nonces aside, to be named one by one',
    nonceBody.extend({
      count: integer.meta({ description: 'How many.' }),
      mode: z.enum(['skip', 'strict']).optional(),
    }),
    {
      about: 'The first and the last of the row.',
      schema: z.object({ message: z.string(), from: integer, to: integer }),
    },
  ),
  nonceOperation(
    'refresh',
    'Ask the exchange which nonce it expects next, or say so',
    nonceBody.extend({
      next_nonce: integer.optional().meta({ description: 'Absent: the exchange is asked.' }),
    }),
  ),
];

export function lighterSection(endpoints: readonly LighterEndpoint[]): ApiSection {
  return {
    name: 'Lighter',
    about:
      'The routes of the Lighter signing service, with those of newer transactions, and the action names of signers that run in a browser.',
    operations: [...keyOperations, ...endpoints.map(operationOf), ...nonceOperations],
  };
}

function operationOf({ path, title, about, dialect, does }: LighterEndpoint): ApiOperation {
  const described = { method: 'post', path, title, about, access: 'callers' } as const;
  if (does.kind === 'wallet') {
    return { ...described, refusals: [501] };
  }
  const { schema, countersigned, isToken } = does.signing;
  const inWords = dialect === 'action' ? actionReply : isToken ? tokenReply : transactionReply;
  return {
    ...described,
    isJob: true,
    body: countersigned ? schema.extend({ eth_private_key: walletPrivateKey }) : schema,
    reply: { about: 'What was signed.', schema: inWords },
    refusals: [400, 401, 403, 409, 503],
  };
}

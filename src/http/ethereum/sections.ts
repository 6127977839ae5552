/** Ethereum's part of the api's description. */
import { z } from 'zod';

import type { ApiOperation, ApiSection } from '../docs/section.ts';
import { dutyRequest, pubkey, signature } from './duty-schemas.ts';
import { deletion, imports } from './keymanager-requests.ts';
import { moment, question, watermarks } from './slashing-requests.ts';

/** How these clients read a refusal. */
const refusal = z
  .object({
    code: z.string().meta({ description: 'A permanent name of the reason.' }),
    message: z.string().meta({ description: 'What is wrong, and what to do about it.' }),
  })
  .meta({ id: 'Refusal' });

const uint64 = z.string().meta({ description: 'A decimal integer.' });

const signing: ApiSection = {
  name: 'Ethereum signing',
  about:
    "Web3Signer's routes, and with them the Remote Signing API. A refusal is 403 where policy refuses, 404 where the key is not here, 412 where slashing protection refuses or the key is frozen, and 503 where time mends it.",
  operations: [
    {
      method: 'post',
      path: '/api/v1/eth2/sign/:identifier',
      title: 'Sign a duty with one key',
      about:
        '`identifier` is the public key, with `0x` or without. Types and versions may be written in any case, and integers as numbers, too; what is not known here is ignored.',
      access: 'callers',
      isJob: true,
      body: dutyRequest,
      reply: { about: 'The signature.', schema: z.object({ signature }), orText: true },
      refusals: [400, 401, 403, 404, 409, 412, 413, 415, 429, 503],
      refusal,
    },
    {
      method: 'post',
      path: '/api/v1/eth2/sign',
      title: 'Sign a duty with many keys (experimental)',
      about:
        'Each key is decided by itself, and the results stand in the order of the keys. Follows a proposal for the standard (remote-signing-api, pull request 29) and may change with it.',
      access: 'callers',
      isJob: true,
      body: dutyRequest.and(z.object({ identifiers: z.array(pubkey) })),
      reply: {
        about: 'A result for each key; also where none is signed the status is 200.',
        schema: z.object({
          data: z.array(
            z.object({
              identifier: pubkey,
              status: z.enum(['signed', 'not_found', 'slashing_protection', 'policy', 'error']),
              signature: signature.optional(),
              message: z.string().optional(),
            }),
          ),
        }),
      },
      refusals: [400, 401, 403, 409, 413, 415, 429, 503],
      refusal,
    },
    {
      method: 'get',
      path: '/api/v1/eth2/publicKeys',
      title: 'List the public keys that sign',
      access: 'callers',
      reply: { about: 'The keys; 503 while they are being loaded.', schema: z.array(pubkey) },
      refusals: [401, 403, 503],
      refusal,
    },
    {
      method: 'get',
      path: '/api/v1/eth2/highWatermark',
      title: 'Show where all signing ends',
      access: 'callers',
      reply: {
        about: 'The slot and epoch from which on nothing is signed; empty where none is set.',
        schema: z.object({ slot: uint64.optional(), epoch: uint64.optional() }),
      },
      refusals: [401, 403],
      refusal,
    },
    {
      method: 'post',
      path: '/reload',
      title: 'Load keys again',
      about: 'Reads the directories of keystores anew, and applies what differs.',
      access: 'operator',
      reply: {
        status: 202,
        about: 'Loading has begun.',
        schema: z.object({ status: z.literal('accepted'), message: z.string() }),
      },
      refusals: [401, 403, 409],
      refusal,
    },
    {
      method: 'get',
      path: '/reload',
      title: 'Tell how loading went',
      access: 'callers',
      reply: {
        about: 'The last time that keys were loaded.',
        schema: z.object({
          status: z.enum(['idle', 'running', 'completed', 'completed_with_errors', 'failed']),
          lastOperationTime: z.iso.datetime().optional(),
          lastError: z.string().optional(),
        }),
      },
      refusals: [401, 403],
      refusal,
    },
  ],
};

const keystoreStatus = (...statuses: readonly [string, ...string[]]): z.ZodObject =>
  z.object({ status: z.enum(statuses), message: z.string().optional() });

const forOperators = { access: 'operator', refusal } as const;

/** What is ordered for one key. */
function settingOperations(
  name: string,
  what: string,
  schema: z.ZodObject,
): readonly ApiOperation[] {
  const described = { ...forOperators, path: `/eth/v1/validator/:pubkey/${name}` };
  return [
    {
      ...described,
      method: 'get',
      title: `Show the ${what} ordered for a key`,
      reply: {
        about: 'What is ordered; 404 where nothing is.',
        schema: z.object({ data: schema.extend({ pubkey }) }),
      },
      refusals: [400, 401, 403, 404],
    },
    {
      ...described,
      method: 'post',
      title: `Order the ${what} of a key`,
      about: 'A registration or preference of this key that says otherwise is not signed.',
      body: schema,
      reply: { status: 202, about: 'It is ordered.' },
      refusals: [400, 401, 403, 404],
    },
    {
      ...described,
      method: 'delete',
      title: `Order no ${what} for a key any more`,
      reply: { status: 204, about: 'Nothing is ordered.' },
      refusals: [400, 401, 403, 404],
    },
  ];
}

const graffiti = (method: ApiOperation['method']): ApiOperation => ({
  ...forOperators,
  ...{ method, path: '/eth/v1/validator/:pubkey/graffiti' },
  title: 'Graffiti, which a signer does not see',
  refusals: [501],
});

const keys: ApiSection = {
  name: 'Ethereum keys',
  about:
    'The Keymanager API, as far as a signer has something to say. What it calls a setting of a validator is an order here: the signer holds clients to it.',
  operations: [
    {
      ...forOperators,
      method: 'get',
      path: '/eth/v1/keystores',
      title: 'List keys',
      reply: {
        about: 'The keys; 503 while they are being loaded.',
        schema: z.object({
          data: z.array(
            z.object({
              validating_pubkey: pubkey,
              derivation_path: z.string().optional(),
              readonly: z.boolean().meta({ description: 'Whether it is of a directory.' }),
            }),
          ),
        }),
      },
      refusals: [401, 403, 503],
    },
    {
      ...forOperators,
      method: 'post',
      path: '/eth/v1/keystores',
      title: 'Import keystores with their history',
      about:
        'A key whose history cannot be imported is not activated; a document that cannot be used refuses the whole.',
      body: imports,
      reply: {
        about: 'A status for each keystore, in their order.',
        schema: z.object({ data: z.array(keystoreStatus('imported', 'duplicate', 'error')) }),
      },
      refusals: [400, 401, 403],
    },
    {
      ...forOperators,
      method: 'delete',
      path: '/eth/v1/keystores',
      title: 'Delete keys and take their history along',
      about: 'Each key stops signing before its history is read.',
      body: deletion,
      reply: {
        about: 'A status for each key, in their order, and the history of all of them.',
        schema: z.object({
          data: z.array(keystoreStatus('deleted', 'not_active', 'not_found', 'error')),
          slashing_protection: z
            .string()
            .meta({ description: 'An interchange document (EIP-3076) as text.' }),
        }),
      },
      refusals: [400, 401, 403],
    },
    ...settingOperations('feerecipient', 'fee recipient', z.object({ ethaddress: z.string() })),
    ...settingOperations('gas_limit', 'gas limit', z.object({ gas_limit: uint64 })),
    ...(['get', 'post', 'delete'] as const).map(graffiti),
  ],
};

const operator = { access: 'operator', refusals: [400, 401, 403] } as const;
const interchange = z.object({
  metadata: z.object({
    interchange_format_version: z.literal('5'),
    genesis_validators_root: z.string(),
  }),
  data: z.array(
    z.object({
      pubkey,
      signed_blocks: z.array(z.object({ slot: uint64, signing_root: z.string().optional() })),
      signed_attestations: z.array(
        z.object({
          source_epoch: uint64,
          target_epoch: uint64,
          signing_root: z.string().optional(),
        }),
      ),
    }),
  ),
});
const count = z.bigint().meta({ type: 'integer' });

const protection: ApiSection = {
  name: 'Ethereum slashing protection',
  about: 'What keys have signed (EIP-3076), up to where they may not sign, and a question.',
  operations: [
    {
      ...operator,
      method: 'get',
      path: '/admin/v1/ethereum/slashing-protection',
      title: 'Export what all keys have signed',
      reply: { about: 'An interchange document, as a stream.', schema: interchange },
      refusals: [401, 403],
    },
    {
      ...operator,
      method: 'post',
      path: '/admin/v1/ethereum/slashing-protection',
      title: 'Import what keys have signed elsewhere',
      body: interchange,
      reply: {
        about: 'How each key of the document fared.',
        schema: z.object({
          genesis_validators_root: z.string(),
          data: z.array(
            z.object({
              pubkey,
              status: z.enum(['imported', 'error']),
              blocks: count.optional(),
              attestations: count.optional(),
              message: z.string().optional(),
            }),
          ),
        }),
      },
    },
    {
      ...operator,
      method: 'post',
      path: '/admin/v1/ethereum/watermarks',
      title: 'Raise the watermarks of keys',
      about: 'Nothing at or below them is signed any more; they never fall.',
      body: watermarks,
      reply: { about: 'Of how many keys.', schema: z.object({ keys: count }) },
    },
    {
      ...operator,
      method: 'post',
      path: '/admin/v1/ethereum/high-watermark',
      title: 'Say where all signing ends',
      about: 'From this slot and epoch on no key signs, such as before a move to other signers.',
      body: moment,
      reply: { about: 'The watermark.', schema: z.object({ slot: uint64, epoch: uint64 }) },
    },
    {
      ...operator,
      method: 'delete',
      path: '/admin/v1/ethereum/high-watermark',
      title: 'Let signing go on',
      reply: { status: 204, about: 'There is no high watermark.' },
      refusals: [401, 403],
    },
    {
      ...operator,
      method: 'post',
      path: '/admin/v1/ethereum/check',
      title: 'Ask whether a block or attestation would be slashable',
      about: 'Nothing is signed, and nothing recorded.',
      body: question,
      reply: {
        about: 'What slashing protection would say.',
        schema: z.object({
          allowed: z.boolean(),
          signed_before: z.boolean().optional(),
          rule: z.string().optional(),
          message: z.string().optional(),
        }),
      },
    },
  ],
};

export const ethereumSections: readonly ApiSection[] = [signing, keys, protection];

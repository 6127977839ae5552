/** Routes about keys and clients: made, checked, named. Nothing here signs a transaction. */
import type { Request } from 'express';

import { toHex } from '../../base/hex.ts';
import type { Secret } from '../../base/secret.ts';
import type { LighterDesk, NewClient } from '../../protocols/lighter/ports.ts';
import type { Access } from '../access.ts';
import type { Answer, Route } from '../app.ts';
import { jsonReply, type Reply } from '../reply.ts';
import { bodyRoute, type HandleBody } from './body-route.ts';
import {
  type CreateApiKeyRequest,
  createApiKeyRequest,
  type CreateClientRequest,
  createClientRequest,
  slotOf,
  type SlotRequest,
  slotRequest,
} from './key-requests.ts';
import { clientJson, nameOf } from './client-json.ts';
import { readSeed, takeRawKey } from './raw-keys.ts';
import { invalid, refusalReply } from './refusals.ts';

/** What scopes call that these routes do; a policy has no say in it. */
export const KEY_ACTIONS = [
  'create_client',
  'check_client',
  'switch_api_key',
  'create_api_key',
] as const;
type KeyAction = (typeof KEY_ACTIONS)[number];

export interface KeyRouteDeps {
  readonly access: Access;
  readonly keys: LighterDesk;
  /** The world's name, for scopes. */
  readonly world: string;
  readonly acceptRawKeys: boolean;
}

type Authorised = ReturnType<Access['require']>;

export function keyRoutes(deps: KeyRouteDeps): readonly Route[] {
  const { access, keys, world, acceptRawKeys } = deps;

  function requireFor(request: Request, action: KeyAction, key: string): Authorised {
    return access.requireSigning(request, { world, key, action });
  }

  /**
   * Keys change by the operator's hand. Where raw keys are accepted, callers bring their own as they
   * do to the Lighter signing service, and a free slot is theirs to fill.
   */
  function requireForKeys(request: Request, action: KeyAction, key: string): Authorised {
    if (acceptRawKeys) return requireFor(request, action, key);
    return access.require(request, { may: 'admin' });
  }

  const createClient: HandleBody<CreateClientRequest> = async (request, asked, body) => {
    const taken = takeRawKey('private_key', body, acceptRawKeys);
    if (!taken.ok) return refusalReply(taken.error);
    const privateKey = taken.value.key;
    const refuse = (reply: Reply): Reply => {
      privateKey?.[Symbol.dispose]();
      return reply;
    };
    const key = keyOf(privateKey, asked.key_id);
    if (key === undefined) {
      return refuse(invalid('give either `private_key`, or `key_id` of a stored key'));
    }
    const { url, chain_id, account_index: account, api_key_index: apiKey } = asked;
    const named = {
      ...(url !== undefined && { url }),
      ...(chain_id !== undefined && { chainId: chain_id }),
    };
    const chainId = keys.chainOf(named);
    if (!chainId.ok) return refuse(refusalReply(chainId.error));
    const slot = { chainId: chainId.value, account, apiKey };
    const caller = requireForKeys(request, 'create_client', nameOf(slot));
    if (!caller.ok) return refuse(caller.error);
    const owner = asked.l1_address === undefined ? {} : { l1Address: asked.l1_address };
    const created = await keys.createClient(
      { ...named, ...slot, ...owner, key },
      caller.value.name,
    );
    if (!created.ok) return refusalReply(created.error);
    return jsonReply(200, {
      message: 'Client created successfully',
      client_key: `${String(apiKey)}:${String(account)}`,
      ...clientJson(created.value),
    });
  };

  /** As the Lighter signing service answers: 200 also where the check fails. */
  async function checkClient(request: Request, asked: SlotRequest): Promise<Answer> {
    const client = keys.find(slotOf(asked));
    if (!client.ok) return jsonReply(200, { error: client.error.reason.message });
    const caller = requireFor(request, 'check_client', nameOf(client.value));
    if (!caller.ok) return caller.error;
    const checked = await keys.checkClient(client.value);
    if (!checked.ok) return jsonReply(200, { error: checked.error.reason.message });
    return jsonReply(200, { message: 'Client check successful', ...clientJson(checked.value) });
  }

  /** Every request names its key, so there is nothing to switch; whether the key is there, is told. */
  function switchApiKey(request: Request, asked: SlotRequest): Answer {
    const client = keys.find(slotOf(asked));
    if (!client.ok) return refusalReply(client.error);
    const caller = requireFor(request, 'switch_api_key', nameOf(client.value));
    if (!caller.ok) return caller.error;
    return jsonReply(200, { message: `Switched to API key ${String(client.value.apiKey)}` });
  }

  async function createApiKey(request: Request, asked: CreateApiKeyRequest): Promise<Answer> {
    const caller = requireForKeys(request, 'create_api_key', 'new');
    if (!caller.ok) return caller.error;
    const seed = readSeed(asked.seed);
    if (!seed.ok) return refusalReply(seed.error);
    const made = await keys.createApiKey(seed.value, caller.value.name);
    if (!made.ok) return refusalReply(made.error);
    const { publicKey, keyId, privateKey } = made.value;
    const reply = {
      ...(privateKey !== undefined && {
        private_key: privateKey.reveal((bytes) => `0x${toHex(bytes)}`),
      }),
      public_key: `0x${publicKey}`,
      ...(keyId !== undefined && { key_id: keyId }),
    };
    privateKey?.[Symbol.dispose]();
    return jsonReply(200, reply);
  }

  return [
    { path: '/create_client', POST: bodyRoute(access, createClientRequest, createClient) },
    { path: '/check_client', POST: bodyRoute(access, slotRequest, checkClient) },
    { path: '/switch_api_key', POST: bodyRoute(access, slotRequest, switchApiKey) },
    { path: '/create_api_key', POST: bodyRoute(access, createApiKeyRequest, createApiKey) },
  ];
}

/** `undefined` unless exactly one is given. */
function keyOf(
  privateKey: Secret | undefined,
  keyId: string | undefined,
): NewClient['key'] | undefined {
  if (privateKey === undefined) return keyId === undefined ? undefined : { kind: 'stored', keyId };
  return keyId === undefined ? { kind: 'raw', privateKey } : undefined;
}

/**
 * Routes of the scheme with two keys: a new API key signs its own registration, and the L1 wallet of
 * the account's owner countersigns it, here or elsewhere. Registering replaces keys, so it is the
 * operator's.
 */
import type { Request } from 'express';

import type { Caller } from '../../core/caller.ts';
import type {
  LighterRefusal,
  NewRegistration,
  Registration,
} from '../../protocols/lighter/ports.ts';
import type { Answer, Route } from '../app.ts';
import { jsonReply, type Reply } from '../reply.ts';
import type { Result } from '../../base/result.ts';
import { bodyRoute, type HandleBody, readFields } from './body-route.ts';
import { registrationJson, setupJson } from './client-json.ts';
import {
  type CountersignRequest,
  countersignRequest,
  type RegisterRequest,
  registerRequest,
  setupQuery,
  slotOf,
} from './key-requests.ts';
import type { KeyRouteDeps } from './key-routes.ts';
import { takeRawKey } from './raw-keys.ts';
import { invalid, refusalReply } from './refusals.ts';

export function registrationRoutes({
  access,
  keys,
  acceptRawKeys,
}: Pick<KeyRouteDeps, 'access' | 'keys' | 'acceptRawKeys'>): readonly Route[] {
  const operatorOf = (request: Request): Result<Caller, Reply> =>
    access.require(request, { may: 'admin' });

  const register: HandleBody<RegisterRequest> = async (request, asked, body) => {
    const operator = operatorOf(request);
    if (!operator.ok) return operator.error;
    const taken = takeRawKey('eth_private_key', body, acceptRawKeys);
    if (!taken.ok) return refusalReply(taken.error);
    const { key } = taken.value;
    if (key === undefined) {
      return registrationReply(await keys.register(registrationOf(asked), operator.value.name));
    }
    const kept = await keys.keepWallet(key, operator.value.name);
    if (!kept.ok) return refusalReply(kept.error);
    const registration = { ...registrationOf(asked), wallet: kept.value };
    return registrationReply(await keys.register(registration, operator.value.name));
  };

  const countersign: HandleBody<CountersignRequest> = async (request, { signature }) => {
    const operator = operatorOf(request);
    if (!operator.ok) return operator.error;
    const { id } = request.params;
    if (typeof id !== 'string') throw new Error('the route has no id');
    return registrationReply(await keys.countersign(id, `0x${signature}`, operator.value.name));
  };

  /** Names no secret and changes nothing, so whoever may call at all may ask. */
  async function setup(request: Request): Promise<Answer> {
    const caller = access.authenticate(request);
    if (!caller.ok) return caller.error;
    const query = Object.fromEntries(new URL(request.url, 'http://localhost').searchParams);
    const { account } = request.params;
    const asked = readFields(setupQuery, {
      ...query,
      account_index: typeof account === 'string' ? account : '',
    });
    if (!asked.ok) return invalid(asked.error);
    const steps = await keys.setup(slotOf(asked.value));
    if (!steps.ok) return refusalReply(steps.error);
    return jsonReply(200, setupJson(asked.value.account_index, steps.value));
  }

  return [
    { path: '/register_api_key', POST: bodyRoute(access, registerRequest, register) },
    {
      path: '/register_api_key/:id/countersign',
      POST: bodyRoute(access, countersignRequest, countersign),
    },
    { path: '/setup/:account', GET: setup },
  ];
}

function registrationOf(asked: RegisterRequest): NewRegistration {
  return {
    ...slotOf(asked),
    account: asked.account_index,
    nonce: asked.nonce,
    replace: asked.confirm_replace === 1n,
    ...(asked.url !== undefined && { url: asked.url }),
    ...(asked.wallet !== undefined && { wallet: asked.wallet }),
    ...(asked.l1_address !== undefined && { l1Address: asked.l1_address }),
  };
}

function registrationReply(registration: Result<Registration, LighterRefusal>): Reply {
  return registration.ok
    ? jsonReply(200, registrationJson(registration.value))
    : refusalReply(registration.error);
}

/** What operators do about nonces: say what became of one, take one back, ask the exchange. */
import type { Request } from 'express';
import { z } from 'zod';

import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Operator } from '../../core/operator.ts';
import type { Reason } from '../../core/outcome.ts';
import type { LighterClients } from '../../protocols/lighter/clients.ts';
import { nonceOwner } from '../../protocols/lighter/index.ts';
import type { Access } from '../access.ts';
import type { Answer, Handler, Route } from '../app.ts';
import { readJsonBody, refuseOtherTypes } from '../json-body.ts';
import { problemReply } from '../problem.ts';
import { jsonReply, type Reply } from '../reply.ts';
import { MAX_BODY_BYTES, membersOf, readFields } from './body-route.ts';
import { invalid } from './refusals.ts';

export interface NonceRouteDeps {
  readonly access: Pick<Access, 'require'>;
  readonly operator: Pick<Operator, 'operate'>;
  readonly clients: Pick<LighterClients, 'find'>;
  readonly exchange: {
    readonly nextNonce: (
      url: string,
      account: bigint,
      apiKey: bigint,
    ) => Promise<Result<bigint, Reason>>;
  };
  readonly world: string;
}

const slot = z.object(nonceOwner);

export function nonceRoutes(deps: NonceRouteDeps): readonly Route[] {
  const { access, operator, clients, exchange, world } = deps;

  const route = (
    name: string,
    complete: (args: JsonObject) => Promise<Result<JsonObject, Reply>> = (args) =>
      Promise.resolve(ok(args)),
  ): Route => {
    const POST: Handler = async (request): Promise<Answer> => {
      const refused = refuseOtherTypes(request);
      if (refused !== undefined) return refused;
      const caller = access.require(request, { may: 'admin' });
      if (!caller.ok) return caller.error;
      const owner = ownerOf(request);
      if (owner === undefined) return problemReply(400, NO_OWNER);
      const body = await readJsonBody(request, MAX_BODY_BYTES);
      if (!body.ok) return body.error;
      const args = await complete({ ...membersOf(body.value), ...owner });
      if (!args.ok) return args.error;
      const by = caller.value.name;
      const done = await operator.operate({ world, operation: name, args: args.value, by });
      return done.ok ? jsonReply(200, done.value) : refusal(done.error);
    };
    return { path: `/admin/v1/nonces/:account/:key/${name}`, POST };
  };

  /** What the exchange expects next, unless the caller has asked it already. */
  async function askExchange(args: JsonObject): Promise<Result<JsonObject, Reply>> {
    if (args['next_nonce'] !== undefined) return ok(args);
    const named = readFields(slot, args);
    if (!named.ok) return err(invalid(named.error));
    const { account, key: apiKey, chain: chainId } = named.value;
    const client = clients.find({
      account,
      apiKey,
      ...(chainId === undefined ? {} : { chainId }),
    });
    if (!client.ok) return err(refusal(client.error));
    const { url } = client.value;
    if (url === undefined) return err(problemReply(409, NO_URL));
    const next = await exchange.nextNonce(url, account, apiKey);
    return next.ok ? ok({ ...args, next_nonce: next.value }) : err(problemReply(502, next.error));
  }

  return [route('acknowledge'), route('rollback'), route('reserve'), route('refresh', askExchange)];
}

function ownerOf({
  params,
}: Request): { readonly account: bigint; readonly key: bigint } | undefined {
  const [account, key] = [String(params['account']), String(params['key'])];
  const isNumber = (text: string): boolean => /^(?:0|[1-9][0-9]{0,14})$/.test(text);
  if (!isNumber(account) || !isNumber(key)) return undefined;
  return { account: BigInt(account), key: BigInt(key) };
}

const STATUS: ReadonlyMap<string, number> = new Map([
  ['arguments', 400],
  ['lighter.ambiguous_client', 400],
  ['lighter.no_client', 404],
]);

/** What a nonce's state does not allow is a conflict. */
function refusal(reason: Reason): Reply {
  return problemReply(STATUS.get(reason.code) ?? 409, reason);
}

const NO_OWNER: Reason = {
  code: 'lighter.nonces',
  message: 'name the account and its key as numbers: `/admin/v1/nonces/123/5/refresh`',
};
const NO_URL: Reason = {
  code: 'lighter.nonces',
  message:
    'the exchange of this client is not known; give `next_nonce`, or create the client with its `url`',
};

/** A route for each kind of request that an API key signs: asked in line, answered in the response. */
import type { Request } from 'express';

import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Desk } from '../../core/desk.ts';
import type {
  LighterEndpoint,
  PreparedRequest,
  SigningEndpoint,
} from '../../protocols/lighter/index.ts';
import type { LighterDesk } from '../../protocols/lighter/ports.ts';
import type { Access } from '../access.ts';
import type { Answer, Route } from '../app.ts';
import { readJsonBody, refuseOtherTypes } from '../json-body.ts';
import { problemReply } from '../problem.ts';
import { jsonReply, ofJob, type Reply } from '../reply.ts';
import { MAX_BODY_BYTES } from './body-route.ts';
import { takeRawKey } from './raw-keys.ts';
import { invalid, refusalReply, refusedReply, undecidedReply } from './refusals.ts';

export interface SigningRouteDeps {
  readonly access: Access;
  readonly core: Pick<Desk, 'ask'>;
  readonly keys: Pick<LighterDesk, 'keepWallet'>;
  /** The desk's name for these calls. */
  readonly source: string;
  readonly acceptRawKeys: boolean;
}

export function signingRoute(
  { path, does }: LighterEndpoint,
  { access, core, keys, source, acceptRawKeys }: SigningRouteDeps,
): Route {
  if (does.kind === 'wallet') {
    return { path, POST: () => problemReply(501, does.reason) };
  }
  const { signing } = does;

  async function sign(request: Request): Promise<Answer> {
    const refused = refuseOtherTypes(request);
    if (refused !== undefined) return refused;
    const known = access.authenticate(request);
    if (!known.ok) return known.error;
    const id = idempotencyKey(request);
    if (!id.ok) return id.error;
    const body = await readJsonBody(request, MAX_BODY_BYTES);
    if (!body.ok) return body.error;
    const opened = openBody(signing, body.value, acceptRawKeys);
    if (!opened.ok) return opened.error;
    const { fields, wallet } = opened.value;
    const allowed = authorise(request, fields);
    if (!allowed.ok) {
      wallet?.[Symbol.dispose]();
      return allowed.error;
    }
    const { prepared, caller } = allowed.value;
    if (wallet === undefined) return tell(prepared, caller, id.value);
    const kept = await keys.keepWallet(wallet, caller);
    if (!kept.ok) return refusalReply(kept.error);
    const countersigned = signing.prepare({ ...fields, wallet: kept.value });
    if (!countersigned.ok) return problemReply(400, countersigned.error.reason);
    return tell(countersigned.value, caller, id.value);
  }

  /** Which key is meant is known only when the body is read. */
  function authorise(
    request: Request,
    fields: JsonObject,
  ): Result<{ readonly prepared: PreparedRequest; readonly caller: string }, Reply> {
    const prepared = signing.prepare(fields);
    if (!prepared.ok) return err(problemReply(400, prepared.error.reason));
    const caller = access.requireSigning(request, prepared.value.task);
    if (!caller.ok) return caller;
    return ok({ prepared: prepared.value, caller: caller.value.name });
  }

  async function tell(
    { eventType, entityId, data }: PreparedRequest,
    caller: string,
    id: string | undefined,
  ): Promise<Reply> {
    const asked = { source, caller, eventType, entityId, data };
    const told = await core.ask(id === undefined ? asked : { ...asked, id });
    if (told.kind !== 'decided') return undecidedReply(told);
    const [ending] = told.parts;
    if (ending === undefined) throw new Error('a decided request has no parts');
    const reply =
      ending.outcome === 'signed'
        ? jsonReply(200, signing.reply(ending.answer))
        : refusedReply(ending);
    return ofJob(reply, told.job);
  }

  return { path, POST: sign };
}

interface OpenedBody {
  readonly fields: JsonObject;
  /** The raw key of the L1 wallet. */
  readonly wallet: Secret | undefined;
}

/** An API key belongs to a client, whose creation alone takes it. */
function openBody(
  { countersigned }: SigningEndpoint,
  body: JsonObject,
  acceptRawKeys: boolean,
): Result<OpenedBody, Reply> {
  if ('private_key' in body) {
    return err(invalid('`private_key` must not be sent; `create_client` takes it once'));
  }
  if (!countersigned) return ok({ fields: body, wallet: undefined });
  const taken = takeRawKey('eth_private_key', body, acceptRawKeys);
  if (!taken.ok) return err(refusalReply(taken.error));
  return ok({ fields: taken.value.fields, wallet: taken.value.key });
}

/** The caller's id of its request: what is sent twice under one is signed once. */
function idempotencyKey(request: Request): Result<string | undefined, Reply> {
  const [given, ...more] = request.headersDistinct['idempotency-key'] ?? [];
  if (given === undefined) return ok(undefined);
  if (more.length === 0 && /^[\x21-\x7e]{1,200}$/.test(given)) return ok(given);
  return err(invalid('header `Idempotency-Key` must be 1 to 200 printable characters, once'));
}

/** The Remote Signing API of Ethereum: one duty of one key, and (experimental) of many keys. */
import type { IncomingMessage } from 'node:http';

import type { Hex } from '../../base/hex.ts';
import { isJsonArray, type JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Caller } from '../../core/caller.ts';
import type { Ask, Desk, PartEnding, Told } from '../../core/desk.ts';
import {
  EVENT_TYPE,
  MAX_PARTS,
  readIdentifier,
  signingAction,
  subEventOf,
  WORLD,
} from '../../protocols/ethereum/index.ts';
import type { Access } from '../access.ts';
import type { Answer, Route } from '../app.ts';
import { readJsonBody, refuseOtherTypes } from '../json-body.ts';
import { jsonReply, ofJob, type Reply, textReply } from '../reply.ts';
import { acceptsJson } from './negotiate.ts';
import type { EthereumKeys } from './ports.ts';
import { createRepeatedBodies } from './repeated-bodies.ts';
import {
  badRequest,
  batchStatus,
  messageOf,
  refusedReply,
  stillLoading,
  undecidedReply,
  unknownKey,
} from './refusals.ts';

export interface SignRouteDeps {
  readonly access: Pick<Access, 'authenticate' | 'requireSigning'>;
  readonly desk: Pick<Desk, 'ask'>;
  readonly keys: Pick<EthereumKeys, 'has' | 'isLoaded'>;
}

export const API_SOURCE = 'ethereum-api';
/** As metrics name it. */
export const SIGN_ROUTE = '/api/v1/eth2/sign/:identifier';

/** A whole payload of a later fork has several MB as JSON. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export function signRoutes(deps: SignRouteDeps): readonly Route[] {
  const { access, desk, keys } = deps;
  const parse = createRepeatedBodies();
  const duties = new WeakMap<JsonObject, JsonObject>();

  /** The key is looked up before a byte of the body is read. */
  async function signOne(request: IncomingMessage, identifier: string): Promise<Answer> {
    const refused = refuseStrangers(request);
    if (refused !== undefined) return refused;
    const pubkey = readIdentifier(identifier);
    if (pubkey === undefined) return badRequest('the identifier must be 48 bytes in hex');
    if (!keys.has(pubkey)) return keys.isLoaded() ? unknownKey() : stillLoading();
    const body = await readJsonBody(request, MAX_BODY_BYTES, parse);
    if (!body.ok) return body.error;
    const caller = mayHave(request, body.value, [pubkey]);
    if (!caller.ok) return caller.error;
    const told = await ask(request, caller.value, {
      entityId: pubkey,
      data: { ...dutyOf(body.value), identifier: pubkey },
    });
    if (told.kind !== 'decided') return undecidedReply(told);
    const [ending] = told.parts;
    if (ending === undefined) throw new Error('a decided request has no ending');
    return ofJob(endingReply(request, ending), told.job);
  }

  async function signMany(request: IncomingMessage): Promise<Answer> {
    const refused = refuseStrangers(request);
    if (refused !== undefined) return refused;
    if (!keys.isLoaded()) return stillLoading();
    const body = await readJsonBody(request, MAX_BODY_BYTES, parse);
    if (!body.ok) return body.error;
    const pubkeys = readIdentifiers(body.value);
    if (!pubkeys.ok) return badRequest(pubkeys.error);
    const caller = mayHave(request, body.value, pubkeys.value);
    if (!caller.ok) return caller.error;
    const told = await ask(request, caller.value, {
      entityId: 'batch',
      data: { ...dutyOf(body.value), identifiers: pubkeys.value },
    });
    if (told.kind !== 'decided') return undecidedReply(told);
    return ofJob(jsonReply(200, { data: told.parts.map(batchResult) }), told.job);
  }

  /** A repeated body is the same object each time. */
  function dutyOf(body: JsonObject): JsonObject {
    const known = duties.get(body) ?? dutyIn(body);
    duties.set(body, known);
    return known;
  }

  /** What a caller may do is asked once the body tells what it wants. */
  function refuseStrangers(request: IncomingMessage): Reply | undefined {
    const refused = refuseOtherTypes(request);
    if (refused !== undefined) return refused;
    const known = access.authenticate(request);
    return known.ok ? undefined : known.error;
  }

  function mayHave(
    request: IncomingMessage,
    body: JsonObject,
    [first, ...others]: readonly [Hex, ...Hex[]],
  ): Result<Caller, Reply> {
    const action = signingAction(body);
    // A type that nobody knows is refused when it is read, whoever asks.
    if (action === undefined) return access.authenticate(request);
    const task = (pubkey: Hex) => ({ world: WORLD, key: `0x${pubkey}`, action });
    return access.requireSigning(request, task(first), ...others.map(task));
  }

  function ask(
    request: IncomingMessage,
    caller: Caller,
    asked: Pick<Ask, 'entityId' | 'data'>,
  ): Promise<Told> {
    const id = request.headers['idempotency-key'];
    return desk.ask({
      source: API_SOURCE,
      ...(typeof id === 'string' ? { id } : {}),
      caller: caller.name,
      eventType: EVENT_TYPE,
      ...asked,
    });
  }

  return [
    {
      path: SIGN_ROUTE,
      POST: (request) => signOne(request, String(request.params['identifier'])),
      frequentPOST: signOne,
    },
    { path: '/api/v1/eth2/sign', POST: signMany },
  ];
}

/**
 * The duty that a body asks for. Which keys sign it was said elsewhere and permitted there, so what a
 * webhook would name them by is left out.
 */
function dutyIn(body: JsonObject): JsonObject {
  const duty = Object.entries(body).filter(([name]) => !NAMES_OF_KEYS.has(name));
  return { ...Object.fromEntries(duty), sub_event_type: subEventOf(body) };
}

const NAMES_OF_KEYS: ReadonlySet<string> = new Set(['identifier', 'identifiers', 'signing_jobs']);

function readIdentifiers({ identifiers }: JsonObject): Result<readonly [Hex, ...Hex[]], string> {
  const given = isJsonArray(identifiers) ? identifiers : [];
  const [first, ...others] = given.map(readIdentifier);
  const rest = others.filter((pubkey) => pubkey !== undefined);
  if (first === undefined || rest.length < others.length) {
    return err('`identifiers` must be a list of public keys, 48 bytes in hex each');
  }
  if (given.length > MAX_PARTS)
    return err(`more than ${String(MAX_PARTS)} keys; split the request`);
  return ok([first, ...rest]);
}

function endingReply(request: IncomingMessage, ending: PartEnding): Reply {
  if (ending.outcome !== 'signed') return refusedReply(ending);
  const { signature } = ending.answer;
  if (typeof signature !== 'string') throw new Error('an answer has no signature');
  return acceptsJson(request) ? jsonReply(200, { signature }) : textReply(signature);
}

function batchResult(ending: PartEnding): JsonObject {
  const identifier = `0x${ending.id}`;
  return ending.outcome === 'signed'
    ? { identifier, status: 'signed', ...ending.answer }
    : { identifier, status: batchStatus(ending), message: messageOf(ending) };
}

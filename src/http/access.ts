/**
 * Who is calling, and whether this caller may: the one door to every route that is not open to all.
 *
 * A token names its holder wherever it is shown, so one that was revoked is refused on loopback too.
 * Without a token, whoever calls from this machine may sign and read metrics, unless `API_AUTH` says
 * otherwise; nobody changes keys, policy or state without one.
 */
import type { IncomingMessage } from 'node:http';

import { err, ok, type Result } from '../base/result.ts';
import {
  type Caller,
  describeNeed,
  type Identify,
  isAllowed,
  type Need,
  type Scope,
  type SigningTask,
} from '../core/caller.ts';
import type { Reason } from '../core/outcome.ts';
import { bearerToken, isLocal } from './caller.ts';
import { peerOf } from './peer.ts';
import type { Recognise } from './recognise.ts';
import { problemReply } from './problem.ts';
import { type RateLimit, tooMany } from './rate-limit.ts';
import type { Reply } from './reply.ts';

export interface AccessOptions {
  /** `required`: a call from this machine proves nothing. */
  readonly auth: 'loopback' | 'required';
  /** Whether requests come over a Unix socket, whose callers are all on this machine. */
  readonly overSocket: boolean;
}

export interface AccessDeps {
  readonly identify: Identify;
  /** Requests to sign, by name of the caller. */
  readonly signing: RateLimit;
  /** Tokens that nobody holds, by address. */
  readonly guesses: RateLimit;
  /** Who proves itself without a token, and not by calling from this machine. */
  readonly recognise: Recognise;
}

export interface Access {
  /** Who calls, from the head of the request alone; before a body is read. */
  readonly authenticate: (request: IncomingMessage) => Result<Caller, Reply>;
  readonly require: (request: IncomingMessage, need: Need) => Result<Caller, Reply>;
  /**
   * For a request to sign: every one of its tasks must be in scope, and the whole counts once; what only
   * takes risk away does not count.
   */
  readonly requireSigning: (
    request: IncomingMessage,
    ...tasks: readonly [SigningTask, ...SigningTask[]]
  ) => Result<Caller, Reply>;
}

/** What a call from this machine may do without a token. */
const LOCAL_SCOPES: readonly Scope[] = [{ may: 'metrics' }, { may: 'sign-anything' }];

const NO_TOKEN: Reason = {
  code: 'caller.token',
  message: "send a token as `Authorization: Bearer …`; `API_TOKEN_FILE` holds the operator's",
};

export function createAccess({ auth, overSocket }: AccessOptions, deps: AccessDeps): Access {
  const { identify, signing, guesses } = deps;
  const proven = new Set<string>();

  function authenticate(request: IncomingMessage): Result<Caller, Reply> {
    if (request.headers.authorization !== undefined) return holderOf(request);
    const recognised = overSocket ? undefined : deps.recognise(request);
    if (recognised?.via === 'certificate') return ok(recognised);
    if (auth === 'required' || !isLocal(request, overSocket)) {
      return recognised === undefined ? err(unauthorized(NO_TOKEN)) : ok(recognised);
    }
    const via = overSocket ? 'socket' : 'loopback';
    return ok({ name: via, scopes: LOCAL_SCOPES, via });
  }

  /**
   * An address that guessed too often is not told whether its next token is right. Callers who once
   * showed theirs get in nevertheless: behind a proxy they share an address with strangers.
   */
  function holderOf(request: IncomingMessage): Result<Caller, Reply> {
    const peer = peerOf(request);
    const token = bearerToken(request);
    const holder = token === undefined ? err(NO_TOKEN) : identify(token);
    if (holder.ok && proven.has(holder.value.name)) return ok({ ...holder.value, via: 'token' });
    const wait = holder.ok ? guesses.look(peer) : guesses.take(peer);
    if (wait !== undefined) {
      const message = 'too many unknown tokens came from your address; wait before the next';
      return err(tooMany('guesses', message, wait));
    }
    if (!holder.ok) return err(unauthorized(holder.error, 'invalid_token'));
    proven.add(holder.value.name);
    return ok({ ...holder.value, via: 'token' });
  }

  function require(request: IncomingMessage, ...needs: readonly Need[]): Result<Caller, Reply> {
    const caller = authenticate(request);
    if (!caller.ok) return caller;
    const missing = needs.find((need) => !isAllowed(caller.value.scopes, need));
    if (missing === undefined) return caller;
    const { via } = caller.value;
    const isNamed = via === 'token' || via === 'certificate';
    return err(isNamed ? outOfScope(caller.value, missing) : unauthorized(NO_TOKEN));
  }

  function requireSigning(
    request: IncomingMessage,
    ...tasks: readonly [SigningTask, ...SigningTask[]]
  ): Result<Caller, Reply> {
    const caller = require(request, ...tasks.map((task) => ({ may: 'sign', ...task }) as const));
    if (!caller.ok || tasks.every(({ isRelief = false }) => isRelief)) return caller;
    const wait = signing.take(caller.value.name);
    if (wait === undefined) return caller;
    const message = 'more requests than `API_RATE_LIMIT` allows; send it again later';
    return err(tooMany('rate', message, wait));
  }

  return Object.freeze({ authenticate, require, requireSigning });
}

/** RFC 6750, section 3.1. */
function unauthorized(reason: Reason, error?: string): Reply {
  return challenge(401, reason, error);
}

function outOfScope({ name }: Caller, missing: Need): Reply {
  const message = `\`${name}\` lacks the scope ${describeNeed(missing)}; ask the operator for a token that has it`;
  return challenge(403, { code: 'caller.scope', message }, 'insufficient_scope');
}

function challenge(status: number, reason: Reason, error?: string): Reply {
  const told = error === undefined ? 'Bearer' : `Bearer error="${error}"`;
  return { ...problemReply(status, reason), headers: { 'www-authenticate': told } };
}

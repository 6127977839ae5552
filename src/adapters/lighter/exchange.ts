/**
 * What the exchange knows, by its REST api: which keys an account has, which nonce comes next, and who
 * owns it. Only reading; sending transactions is the caller's business.
 *
 * Only allowed hosts are asked. Each name must lead to public addresses, unless the operator allowed a
 * name of this machine. Redirects are not followed, and answers are bounded in time and size.
 */
import { types } from 'node:util';

import { Agent } from 'undici';
import { z } from 'zod';

import { concatBytes } from '../../base/bytes.ts';
import { type Hex, isHexOf } from '../../base/hex.ts';
import type { HostPort } from '../../base/host-port.ts';
import { parseJson } from '../../base/json.ts';
import { isLoopback } from '../../base/loopback.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { createGuardedConnect, type Resolve } from '../transport/guarded-connect.ts';
import { isAllowedAddress } from '../transport/public-address.ts';
import { readExchangeUrl } from './exchange-url.ts';

export interface LighterExchangeOptions {
  readonly hosts: readonly HostPort[];
  readonly userAgent: string;
  /** Milliseconds for a whole exchange. */
  readonly timeout?: number;
  /** Certificate authority to trust instead of Node's own, in PEM. */
  readonly ca?: string;
}

export interface LighterExchangeDeps {
  /** Looks names up instead of the system. */
  readonly resolve?: Resolve;
}

/** A key in a slot of an account, as the exchange has it. */
export interface RegisteredKey {
  readonly apiKey: bigint;
  /** 40 bytes; zeros where the key was revoked. */
  readonly publicKey: Hex;
}

/**
 * `exchange.unreachable` where there is no answer, `exchange.refused` where it is a refusal,
 * `exchange.account_unknown` where there is no such account.
 */
export interface LighterExchange {
  readonly nextNonce: (
    url: string,
    account: bigint,
    apiKey: bigint,
  ) => Promise<Result<bigint, Reason>>;
  /** `undefined` where the slot was never used. */
  readonly registeredKey: (
    url: string,
    account: bigint,
    apiKey: bigint,
  ) => Promise<Result<RegisteredKey | undefined, Reason>>;
  /** The address of the wallet that owns the account, where the exchange tells. */
  readonly owner: (url: string, account: bigint) => Promise<Result<Hex | undefined, Reason>>;
  readonly close: () => Promise<void>;
}

const TIMEOUT = 5_000;
const MAX_ANSWER = 262_144;

const SUCCESS = 200n;
const ACCOUNT_NOT_FOUND = 21_100n;
const API_KEY_NOT_FOUND = 21_109n;

const answer = z.object({ code: z.bigint(), message: z.string().optional() });
const nonceAnswer = z.object({ nonce: z.bigint().min(0n) });
const keysAnswer = z.object({
  api_keys: z.array(z.object({ api_key_index: z.bigint(), public_key: hexOf(40) })),
});
const accountAnswer = z.object({
  accounts: z.array(z.object({ l1_address: hexOf(20).optional() })),
});

export function createLighterExchange(
  { hosts, userAgent, timeout = TIMEOUT, ca }: LighterExchangeOptions,
  deps: LighterExchangeDeps = {},
): LighterExchange {
  const agent = (allowPrivate: boolean): Agent =>
    new Agent({
      connections: 8,
      connect: createGuardedConnect(
        {
          isAllowed: (address) => isAllowedAddress(address, allowPrivate),
          timeout,
          ...(ca === undefined ? {} : { ca }),
        },
        deps,
      ),
    });
  const toTheWorld = agent(false);
  const toThisMachine = agent(true);

  async function ask<Value>(
    base: string,
    call: string,
    query: Readonly<Record<string, string>>,
    schema: z.ZodType<Value>,
  ): Promise<Result<Value, Reason>> {
    const url = readExchangeUrl(base, hosts);
    if (!url.ok) return url;
    const { origin, hostname, host } = url.value;
    const text = await get(isLoopback(hostname) ? toThisMachine : toTheWorld, {
      origin,
      path: `/api/v1/${call}?${new URLSearchParams(query).toString()}`,
    });
    if (!text.ok) return text;
    return readAnswer(text.value, host, schema);
  }

  async function get(
    to: Agent,
    { origin, path }: { readonly origin: string; readonly path: string },
  ): Promise<Result<Uint8Array, Reason>> {
    const deadline = AbortSignal.timeout(timeout);
    try {
      const { body } = await to.request({
        origin,
        path,
        method: 'GET',
        headers: { accept: 'application/json', 'user-agent': userAgent },
        signal: deadline,
      });
      const chunks: Uint8Array[] = [];
      let size = 0;
      // SAFETY: without a decoder a body yields bytes.
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        size += chunk.length;
        if (size > MAX_ANSWER) return unreachable(origin, 'its answer is too large');
        chunks.push(chunk);
      }
      return ok(concatBytes(...chunks));
    } catch (error) {
      return unreachable(origin, deadline.aborted ? 'timeout' : causeOf(error));
    }
  }

  return Object.freeze({
    async nextNonce(url: string, account: bigint, apiKey: bigint) {
      const told = await ask(url, 'nextNonce', slotQuery(account, apiKey), nonceAnswer);
      if (told.ok) return ok(told.value.nonce);
      // A slot that was never used begins at zero.
      return told.error.code === NO_KEY ? ok(0n) : told;
    },
    async registeredKey(url: string, account: bigint, apiKey: bigint) {
      const told = await ask(url, 'apikeys', slotQuery(account, apiKey), keysAnswer);
      if (!told.ok) return told.error.code === NO_KEY ? ok(undefined) : told;
      const found = told.value.api_keys.find((key) => key.api_key_index === apiKey);
      return ok(found === undefined ? undefined : { apiKey, publicKey: found.public_key });
    },
    async owner(url: string, account: bigint) {
      const query = { by: 'index', value: String(account) };
      const told = await ask(url, 'account', query, accountAnswer);
      return told.ok ? ok(told.value.accounts[0]?.l1_address) : told;
    },
    close: async () => {
      await Promise.all([toTheWorld.destroy(), toThisMachine.destroy()]);
    },
  });
}

function slotQuery(account: bigint, apiKey: bigint): Record<string, string> {
  return { account_index: String(account), api_key_index: String(apiKey) };
}

/** The code in the body counts, whatever the status of the response. */
function readAnswer<Value>(
  body: Uint8Array,
  host: string,
  schema: z.ZodType<Value>,
): Result<Value, Reason> {
  const json = parseJson(body);
  const head = answer.safeParse(json.ok ? json.value : undefined);
  if (!json.ok || !head.success) return garbled(host);
  const { code, message } = head.data;
  if (code !== SUCCESS) return refused(host, code, message);
  const value = schema.safeParse(json.value);
  return value.success ? ok(value.data) : garbled(host);
}

const NO_KEY = 'exchange.key_unknown';

function refused(host: string, code: bigint, message = ''): Result<never, Reason> {
  const words = message.replace(/[^\x20-\x7e]/g, ' ').slice(0, 200);
  const said = `\`${host}\` answered ${String(code)}${words === '' ? '' : ` (${words})`}`;
  if (code === ACCOUNT_NOT_FOUND) return err({ code: 'exchange.account_unknown', message: said });
  if (code === API_KEY_NOT_FOUND) return err({ code: NO_KEY, message: said });
  return err({ code: 'exchange.refused', message: said });
}

function garbled(host: string): Result<never, Reason> {
  const message = `\`${host}\` answered something else than Lighter's api does; check the URL`;
  return err({ code: 'exchange.garbled', message });
}

function unreachable(origin: string, cause: string): Result<never, Reason> {
  const message = `no answer from \`${new URL(origin).host}\` (${cause}); try again later`;
  return err({ code: 'exchange.unreachable', message });
}

/** The system's or undici's code; messages can quote what was sent. */
function causeOf(error: unknown): string {
  const code = types.isNativeError(error) && 'code' in error ? String(error.code) : '';
  return /^[A-Z][A-Z0-9_]{1,47}$/.test(code) ? code : 'error';
}

function hexOf(length: number): z.ZodType<Hex, string> {
  return z.string().transform((text, context) => {
    const digits = text.replace(/^0x/, '').toLowerCase();
    if (isHexOf(length, digits)) return digits;
    context.addIssue('must be hex');
    return z.NEVER;
  });
}

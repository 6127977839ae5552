/** One call to the admin routes of a running daemon. */
import { utf8Text } from '../base/bytes.ts';
import { isJsonObject, parseJson, stringifyJson, type JsonObject } from '../base/json.ts';
import { isLoopback } from '../base/loopback.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Secret } from '../base/secret.ts';
import type { Reason } from '../core/outcome.ts';
import { printable } from './table.ts';

export interface AdminTarget {
  /** Where the api listens, such as `http://127.0.0.1:9000`. */
  readonly url: string;
  readonly tokenFile: string;
}

export interface AdminCallDeps {
  readonly readSecretFile: (path: string) => Result<Secret, Reason>;
}

/** Milliseconds. */
const TIMEOUT = 10_000;

/** What is asked of a daemon, and how long its answer may take. */
export interface AdminRequest<T> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Under `/admin/v1/`. */
  readonly path: string;
  /** JSON. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Milliseconds. */
  readonly timeout: number;
  /** Of an answer that is no refusal. */
  readonly read: (response: Response) => Promise<T>;
}

/** Posts to `/admin/v1/<path>` and returns the daemon's answer. */
export async function callAdmin(
  target: AdminTarget,
  path: string,
  body: JsonObject,
  deps: AdminCallDeps,
): Promise<Result<JsonObject, Reason>> {
  const read = async (response: Response): Promise<JsonObject> => objectIn(await response.text());
  const request = { path, body: stringifyJson(body), timeout: TIMEOUT, read };
  return await requestAdmin(target, { method: 'POST', ...request }, deps);
}

export async function requestAdmin<T>(
  { url, tokenFile }: AdminTarget,
  { method, path, body, timeout, read }: AdminRequest<T>,
  { readSecretFile }: AdminCallDeps,
): Promise<Result<T, Reason>> {
  const target = URL.parse(`/admin/v1/${path}`, url);
  if (target === null || !keepsTokenPrivate(target)) {
    return refuse(`\`${url}\` is not an https URL (http only to this machine); correct \`--url\``);
  }
  const token = readSecretFile(tokenFile);
  if (!token.ok) return token;
  using secret = token.value;
  const authorization = secret.reveal(bearer);
  if (authorization === undefined) {
    return refuse(`\`${tokenFile}\` holds no token; give the file of API_TOKEN_FILE`);
  }
  try {
    const response = await fetch(target, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    if (response.ok) return ok(await read(response));
    return refusalOf(response.status, await response.text());
  } catch (error) {
    return refuse(
      `no answer from ${target.origin} (${causeOf(error)}); is the daemon running there?`,
    );
  }
}

function keepsTokenPrivate(target: URL): boolean {
  if (target.protocol === 'https:') return true;
  return target.protocol === 'http:' && isLoopback(target.hostname);
}

/** `undefined` where it would not be a valid header, whose error would quote the token. */
function bearer(token: Uint8Array): string | undefined {
  const text = utf8Text(token);
  return text !== undefined && /^[\x21-\x7e]+$/.test(text) ? `Bearer ${text}` : undefined;
}

export function objectIn(text: string): JsonObject {
  const json = parseJson(text);
  return json.ok && isJsonObject(json.value) ? json.value : {};
}

function refusalOf(status: number, text: string): Result<never, Reason> {
  const answer = objectIn(text);
  const why = answer['detail'] ?? answer['title'];
  const said = typeof why === 'string' ? `: ${printable(why.slice(0, 500))}` : '';
  return refuse(`the daemon refused with status ${String(status)}${said}`);
}

/** The innermost code or name; messages of the network layer may quote what was sent. */
function causeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('cause' in error && error.cause !== undefined) return causeOf(error.cause);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown';
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'cli.admin', message });
}

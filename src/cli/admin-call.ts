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

/** Posts to `/admin/v1/<path>` and returns the daemon's answer. */
export async function callAdmin(
  { url, tokenFile }: AdminTarget,
  path: string,
  body: JsonObject,
  { readSecretFile }: AdminCallDeps,
): Promise<Result<JsonObject, Reason>> {
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
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: stringifyJson(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
    });
    return answerOf(response.status, await response.text());
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

function answerOf(status: number, text: string): Result<JsonObject, Reason> {
  const json = parseJson(text);
  const answer = json.ok && isJsonObject(json.value) ? json.value : {};
  if (status >= 200 && status < 300) return ok(answer);
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

/** The kinds of value a variable can have; each refusal says the rule and never repeats the value. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

import { utf8 } from '../base/bytes.ts';
import { parseDuration } from '../base/duration.ts';
import { fromHex, isHex } from '../base/hex.ts';
import { readHostPort } from '../base/host-port.ts';
import { isLoopback } from '../base/loopback.ts';
import { Secret } from '../base/secret.ts';
import { webhookKey } from '../core/standard-webhooks.ts';

/** A host to listen on: a name or an address; brackets around IPv6 are taken off. */
export const host = z
  .string()
  .regex(/^(?:[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?)$/, 'must be a host name or an IP address')
  .transform((text) => text.replace(/^\[(.*)\]$/, '$1'));

export const port = z
  .string()
  .regex(/^[0-9]{1,5}$/, 'must be a port number from 0 to 65535')
  .transform(Number)
  .refine((number) => number <= 65535, 'must be a port number from 0 to 65535');

/** A path as the operator wrote it; relative ones are relative to the working directory. */
export const path = z.string();

/** The user name of HTTP Basic authentication, which a colon would end (RFC 7617, section 2). */
export const userName = z
  .string()
  .regex(/^[\x21-\x39\x3b-\x7e]+$/, 'must be printable ASCII without blanks and colons');

/** `sun_path` of a Unix socket address holds 107 bytes on Linux and 103 on macOS. */
export const socketPath = z
  .string()
  .refine((text) => utf8(text).length <= 103, 'must be a path of at most 103 bytes');

export const flag = z.stringbool({
  truthy: ['true'],
  falsy: ['false'],
  case: 'sensitive',
  error: 'must be `true` or `false`',
});

/** One of a closed set, in capitals or not. */
export function choice<const Choices extends readonly string[]>(
  choices: Choices,
): z.ZodType<Choices[number], string> {
  return z.string().transform((text, context): Choices[number] => {
    const chosen = choices.find((name) => name.toLowerCase() === text.toLowerCase());
    if (chosen !== undefined) return chosen;
    context.addIssue(`must be one of ${choices.map((name) => `\`${name}\``).join(', ')}`);
    return z.NEVER;
  });
}

/** Comma-separated texts; blanks around them and empty ones do not count. */
export const list = z.string().transform(items);

/** A length of time such as `30d`, `12h`, `10m`, `45s`, in milliseconds. */
export const duration = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue('must be a length of time such as `30d`, `12h`, `10m` or `45s`');
  return z.NEVER;
});

const DAY = 86_400_000;

/** A length of time of a day or more, in milliseconds; `forever` is `undefined`. */
export const durationOrForever = z.string().transform((text, context) => {
  if (text === 'forever') return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds >= DAY) return milliseconds;
  context.addIssue('must be a length of time of `1d` or more, or `forever`');
  return z.NEVER;
});

/** `100`, or `100:500` where 500 at once are well after a rest; `0` is no limit, as `undefined`. */
export const rate = z.string().transform((text, context) => {
  const [, perSecond, burst = perSecond] =
    /^([1-9][0-9]{0,5})(?::([1-9][0-9]{0,6}))?$/.exec(text) ?? [];
  if (perSecond !== undefined) return { perSecond: Number(perSecond), burst: Number(burst) };
  if (text === '0') return undefined;
  context.addIssue('must be requests per second such as `100`, or with a burst `100:500`, or `0`');
  return z.NEVER;
});

/** Comma-separated secrets whose text bytes are the key. */
export const textSecrets = z.string().transform((text, context) => {
  const secrets = items(text).map((item) => new Secret(utf8(item)));
  if (secrets.length === 0) context.addIssue('must hold at least one secret');
  return secrets;
});

export const textSecret = z.string().transform((text) => new Secret(utf8(text)));

/** Comma-separated keys of Standard Webhooks: base64 of at least 24 bytes, `whsec_` before it or not. */
export const webhookKeys = z.string().transform((text, context) => {
  const keys = items(text).map(webhookKey);
  const broken = keys.find((key) => !key.ok);
  if (keys.length === 0 || broken !== undefined) {
    context.addIssue(
      'must be `whsec_` and base64 of at least 24 bytes, or several such; `openssl rand -base64 32` makes one',
    );
  }
  return keys.flatMap((key) => (key.ok ? [key.value] : []));
});

/** Comma-separated hosts, each perhaps with a port. */
export const hosts = z.string().transform((text, context) => {
  const read = items(text).map(readHostPort);
  if (read.some((entry) => entry === undefined)) {
    context.addIssue('must be host names, comma-separated, each perhaps with a port');
  }
  return read.filter((entry) => entry !== undefined);
});

/** Comma-separated networks in CIDR notation. */
export const networks = z.string().transform((text, context) => {
  const cidrs = items(text);
  if (!cidrs.every((cidr) => ipaddr.isValidCIDR(cidr))) {
    context.addIssue('must be networks such as `10.0.0.0/8`, comma-separated');
  }
  return cidrs;
});

/** SHA-256 of a file, hex. */
export const sha256Hex = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits, as `sha256sum` prints them');

/** A number of things, at least one. */
export const count = z
  .string()
  .regex(/^[1-9][0-9]{0,5}$/, 'must be a whole number from 1 to 999999')
  .transform(Number);

/** A bearer token (RFC 6750), as hard to guess as 128 bits of hex. */
export const token = z
  .string()
  .regex(
    /^[\x21-\x7e]{32,512}$/,
    'must be 32 to 512 printable characters; `openssl rand -hex 32` makes one',
  )
  .transform((text) => new Secret(utf8(text)));

/** A BIP32 seed: 16 to 64 bytes in hex. */
export const seed = z.string().transform((text, context) => {
  const hex = text.toLowerCase();
  if (isHex(hex) && hex.length >= 32 && hex.length <= 128) return new Secret(fromHex(hex));
  context.addIssue('must be 32 to 128 hex digits (a seed of 16 to 64 bytes)');
  return z.NEVER;
});

/** An endpoint that receives secrets: encrypted, unless it is on this machine. */
export const endpoint = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url !== null && url.username === '' && url.password === '' && isPrivateEnough(url))
    return url.href;
  context.addIssue('must be an https URL without user name (http only to a loopback host)');
  return z.NEVER;
});

/**
 * Of a PostgreSQL database; it may hold a password. Its host may be empty where the query names a
 * socket's directory, which only PostgreSQL's own notion of a URL allows beside a user.
 */
export const databaseUrl = z.string().transform((text, context) => {
  const url = URL.parse(text) ?? URL.parse(text.replace('@/', '@localhost/'));
  if (url !== null && /^postgres(?:ql)?:$/.test(url.protocol)) return new Secret(utf8(text));
  context.addIssue('must be a URL such as `postgres://user@host/database`');
  return z.NEVER;
});

/** A URL whose further rules depend on other settings. */
export const webUrl = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '') return url.href;
  context.addIssue('must be an https URL without user name');
  return z.NEVER;
});

function isPrivateEnough(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function items(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

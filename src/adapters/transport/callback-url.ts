/**
 * Where callbacks may go. A URL can be the choice of whoever sends a request, so it has to meet
 * rules of the operator before anything is done with it.
 *
 * One parser (the URL standard's) serves both these rules and the connection, so no spelling can
 * mean one host here and another there. It also writes numeric hosts in their one usual form:
 * `0x7f.1`, `2130706433` and `127.0.0.1.` all arrive here as `127.0.0.1`.
 */
import { isIP } from 'node:net';

import { type HostPort, isAt } from '../../base/host-port.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { isAllowedAddress } from './public-address.ts';

export interface CallbackRules {
  readonly allowedHosts: readonly HostPort[];
  /** Also to loopback and private addresses, and without TLS. */
  readonly allowPrivate: boolean;
}

/** Same limit as for the URL in a request's envelope. */
const LONGEST_URL = 2_048;

/** Said here of a numeric host, and while connecting of a name. */
export const forbiddenAddress: Reason = {
  code: 'callback.forbidden_address',
  message:
    'the host leads to an address that is not public; `CALLBACK_ALLOW_PRIVATE` admits private ones too',
};

/** Judges a URL by itself; the addresses that its name leads to are judged while connecting. */
export function readCallbackUrl(text: string, rules: CallbackRules): Result<URL, Reason> {
  const url = text.length > LONGEST_URL ? null : URL.parse(text);
  if (url === null) return refuse('url', 'the callback URL is not a URL');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && rules.allowPrivate)) {
    return refuse('url', 'the callback URL is not an https URL');
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('url', 'the callback URL has a user name; leave it out');
  }
  if (!rules.allowedHosts.some((allowed) => isAt(url, allowed))) {
    return refuse('host', `\`${url.host}\` is not allowed; add it to \`CALLBACK_ALLOWED_HOSTS\``);
  }
  const address = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && !isAllowedAddress(address, rules.allowPrivate)) {
    return err(forbiddenAddress);
  }
  return ok(url);
}

/** The URL that declines go to: `/decline_to_sign` beneath its path, the query as it was. */
export function declineUrl(url: URL): URL {
  const decline = new URL(url);
  decline.pathname = `${url.pathname.replace(/\/+$/, '')}/decline_to_sign`;
  return decline;
}

function refuse(what: 'url' | 'host', message: string): Result<never, Reason> {
  return err({ code: `callback.forbidden_${what}`, message });
}

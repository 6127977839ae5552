/**
 * Who may call the api, from what the connection and the head of a request say.
 *
 * A browser on this machine can reach a loopback port on behalf of any page it shows: by a name that
 * an attacker resolves to loopback (DNS rebinding), or by a plain cross-site request. A reverse proxy
 * makes strangers look like loopback. Each check below takes one of these away.
 */
import type { IncomingMessage } from 'node:http';

import { isLoopback } from '../base/loopback.ts';
import { problemReply } from './problem.ts';
import type { Reply } from './reply.ts';

/** Refuses a request that is addressed to somebody else or sent by a foreign web page. */
export function refuseForeign(
  request: IncomingMessage,
  allowedHosts: readonly string[],
): Reply | undefined {
  const [host, ...moreHosts] = request.headersDistinct['host'] ?? [];
  if (host === undefined || moreHosts.length > 0 || !isAllowedHost(host, allowedHosts)) {
    return forbidden('host', 'the Host header is not one of `API_ALLOWED_HOSTS`');
  }
  const origins = request.headersDistinct['origin'] ?? [];
  if (!origins.every((origin) => isOriginOf(origin, host))) {
    return forbidden('origin', 'web pages of other origins may not call this api');
  }
  const sites = request.headersDistinct['sec-fetch-site'] ?? [];
  if (!sites.every((site) => site === 'same-origin' || site === 'none')) {
    return forbidden('origin', 'web pages of other sites may not call this api');
  }
  return undefined;
}

/** Whether the request was made on this machine, as far as can be told. */
export function isLocal(request: IncomingMessage, overSocket: boolean): boolean {
  if (Object.keys(request.headers).some(isForwarded)) return false;
  return overSocket || isLoopback(request.socket.remoteAddress ?? '');
}

/** The bearer token of a request (RFC 6750, section 2.1). */
export function bearerToken(request: IncomingMessage): string | undefined {
  const [given, ...more] = request.headersDistinct['authorization'] ?? [];
  if (given === undefined || more.length > 0) return undefined;
  return /^Bearer +([\x21-\x7e]+)$/i.exec(given)?.[1];
}

function isAllowedHost(host: string, allowedHosts: readonly string[]): boolean {
  const named = host.toLowerCase();
  const withoutPort = named.replace(/:[0-9]{1,5}$/, '');
  return allowedHosts.some((allowed) => {
    const wanted = allowed.toLowerCase();
    return wanted === named || wanted === withoutPort;
  });
}

function isOriginOf(origin: string, host: string): boolean {
  const page = URL.parse(origin);
  return page !== null && page.host === URL.parse(`http://${host}`)?.host;
}

/** A proxy names its client in one of these; who the client is, we cannot know. */
function isForwarded(header: string): boolean {
  return header === 'forwarded' || header === 'via' || /^x-(?:forwarded-|real-ip$)/.test(header);
}

function forbidden(what: string, message: string): Reply {
  return problemReply(403, { code: `caller.${what}`, message });
}

/**
 * Which addresses a URL that others chose may lead to.
 *
 * Public means: unicast, and not in any block that the IANA special-purpose registries set aside
 * (RFC 6890). In IPv6 that is a part of 2000::/3, the only block from which public addresses are
 * given out; the rest holds forms that carry an IPv4 address within them (::a.b.c.d, NAT64, …).
 */
import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

/** Ranges within reach of this machine or its network, by their names in ipaddr.js. */
const PRIVATE: ReadonlySet<string> = new Set([
  'loopback',
  'private',
  'uniqueLocal',
  'carrierGradeNat',
]);

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Services that cloud providers offer to any program on a machine, credentials among them, outside
 * of the link-local ranges: Azure (which looks public), Alibaba, AWS, Google.
 */
const METADATA = [
  '168.63.129.16/32',
  '100.100.100.200/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
].map((block) => ipaddr.parseCIDR(block));

/** Judges one numeric address, as resolvers write it; any other spelling is not allowed. */
export function isAllowedAddress(address: string, allowPrivate: boolean): boolean {
  if (!isPlain(address)) return false;
  // An IPv4 address that is mapped into IPv6 (::ffff:a.b.c.d) is judged as what it is.
  const parsed = ipaddr.process(address);
  if (METADATA.some(([block, bits]) => block.kind() === parsed.kind() && parsed.match(block, bits)))
    return false;
  const range = parsed.range();
  if (range === 'unicast') return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST);
  return allowPrivate && PRIVATE.has(range);
}

/**
 * Spellings that Node and ipaddr.js read alike. IPv6 with a dotted end is not one of them, unless it
 * is a mapped address; a zone means an address of this link.
 */
function isPlain(address: string): boolean {
  if (isIP(address) === 4) return true;
  return isIP(address) === 6 && /^(?:::ffff:[0-9.]+|[0-9a-f:]+)$/i.test(address);
}

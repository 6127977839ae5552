/** Where a connection comes from, as far as guesses are counted. */
import type { IncomingMessage } from 'node:http';

import ipaddr from 'ipaddr.js';

/** Groups of an IPv6 address that name a network; the rest of it its owner chooses freely. */
const NETWORK_GROUPS = 4;

/** An IPv4 address, the /64 of an IPv6 address, or `socket`. */
export function peerOf({ socket }: IncomingMessage): string {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined || !ipaddr.isValid(remoteAddress)) return 'socket';
  const address = ipaddr.process(remoteAddress);
  if (!('parts' in address)) return address.toString();
  return address.parts
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.toString(16))
    .join(':');
}

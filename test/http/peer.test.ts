import type { IncomingMessage } from 'node:http';

import { expect, test } from '@jest/globals';

import { peerOf } from '../../src/http/peer.ts';

function from(remoteAddress: string | undefined): string {
  // SAFETY: nothing else of the request is looked at.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return peerOf({ socket: { remoteAddress } } as unknown as IncomingMessage);
}

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::1', '0:0:0:0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::1', '2001:db8:1:2'],
  ['2001:db8:1:3::1', '2001:db8:1:3'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  [undefined, 'socket'],
])('guesses from %s are counted for %s', (address, peer) => {
  expect(from(address)).toBe(peer);
});

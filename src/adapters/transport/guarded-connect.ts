/**
 * Connections to allowed addresses only.
 *
 * The name is looked up once, all its addresses are judged, and the connection is made to these very
 * addresses: there is no second lookup whose answer could differ. A numeric host is never looked up
 * by Node, so it is judged before. A connection that is kept alive stays with the address it was
 * opened to, so what was judged remains true for every request on it.
 */
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';

import { buildConnector } from 'undici';

/** All addresses of a name, in the order to be tried. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** The code of the error with which a connection to another address ends. */
export const FORBIDDEN_ADDRESS = 'FORBIDDEN_ADDRESS';

class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
  readonly code = FORBIDDEN_ADDRESS;
}

export interface GuardedConnectOptions {
  readonly isAllowed: (address: string) => boolean;
  /** Milliseconds to establish a connection, name lookup and TLS included. */
  readonly timeout: number;
  /** Certificate authority to trust instead of Node's own, in PEM. */
  readonly ca?: string;
}

/** Connects as undici asks for it; `resolve` looks names up instead of the system. */
export function createGuardedConnect(
  { isAllowed, timeout, ca }: GuardedConnectOptions,
  { resolve = systemResolve }: { readonly resolve?: Resolve } = {},
): buildConnector.connector {
  const connect = buildConnector({
    timeout,
    lookup: guardedLookup(resolve, isAllowed),
    ...(ca === undefined ? {} : { ca }),
  });
  return (target, callback) => {
    if (isIP(target.hostname) === 0 || isAllowed(target.hostname)) connect(target, callback);
    else {
      queueMicrotask(() => {
        callback(new ForbiddenAddress(), null);
      });
    }
  };
}

/** A name with one forbidden address is refused whole: which of them answers would be chance. */
function guardedLookup(
  resolve: Resolve,
  isAllowed: GuardedConnectOptions['isAllowed'],
): LookupFunction {
  const judged = async (name: string): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const addresses = await resolve(name);
    if (!addresses.every(isAllowed)) throw new ForbiddenAddress();
    const [first, ...others] = addresses.map((address) => ({ address, family: isIP(address) }));
    if (first === undefined) throw new Error('the name has no address');
    return [first, ...others];
  };
  return (name, { all }, callback) => {
    judged(name).then(
      (found) => {
        if (all === true) callback(null, found);
        else callback(null, found[0].address, found[0].family);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error('name lookup failed'), '');
      },
    );
  };
}

async function systemResolve(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}

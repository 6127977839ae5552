/**
 * Callers that prove themselves without a token: by a client certificate, or, for signing Ethereum
 * duties alone, by the network they call from.
 */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

import ipaddr from 'ipaddr.js';

import type { Caller, Scope } from '../core/caller.ts';

export interface RecogniseOptions {
  /** Fingerprint (SHA-256, upper-case hex with colons) to common name; asked for anew each time. */
  readonly knownClients: () => ReadonlyMap<string, string>;
  /** Networks from which Ethereum duties may be signed (CIDR). */
  readonly allowedClients: readonly string[];
  /** Whether Ethereum duties are signed for anybody who can connect. */
  readonly allowInsecure: boolean;
  /** The world of these duties. */
  readonly dutiesOf: string;
}

export type Recognise = (request: IncomingMessage) => Caller | undefined;

const SIGNS: readonly Scope[] = [{ may: 'metrics' }, { may: 'sign-anything' }];

export function createRecognise(options: RecogniseOptions): Recognise {
  const networks = options.allowedClients.map((cidr) => ipaddr.parseCIDR(cidr));

  const signsDuties: readonly Scope[] = [{ may: 'sign-all-of', world: options.dutiesOf }];
  const asksAddress = networks.length > 0 || options.allowInsecure;

  return (request) => {
    const name = certifiedName(request, options.knownClients());
    if (name !== undefined) return { name, scopes: SIGNS, via: 'certificate' };
    const address = asksAddress ? addressOf(request) : undefined;
    if (address === undefined) return undefined;
    const isAllowed = networks.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    );
    if (isAllowed || options.allowInsecure) {
      return { name: `address:${address.toString()}`, scopes: signsDuties, via: 'address' };
    }
    return undefined;
  };
}

/** The file names both; a certificate of another name is not the one that was meant. */
function certifiedName(
  { socket }: IncomingMessage,
  known: ReadonlyMap<string, string>,
): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  // Without a certificate Node gives an empty object, whatever its types say.
  const { fingerprint256, subject } = socket.getPeerCertificate();
  const name = known.get(fingerprint256);
  return name !== undefined && name === subject.CN ? name : undefined;
}

function addressOf({ socket }: IncomingMessage): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined || !ipaddr.isValid(remoteAddress)) return undefined;
  return ipaddr.process(remoteAddress);
}

/** Which exchange a URL means: where it may lead, and which chain is there. */
import { type HostPort, isAt } from '../../base/host-port.ts';
import { isLoopback } from '../../base/loopback.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';

/**
 * Lighter's own hosts. The signing service that clients know from before takes a URL with "mainnet" in
 * it for mainnet and all others for testnet, `api.lighter.xyz` among them, which is mainnet.
 */
const CHAINS: ReadonlyMap<string, bigint> = new Map([
  ['mainnet.zklighter.elliot.ai', 304n],
  ['api.lighter.xyz', 304n],
  ['testnet.zklighter.elliot.ai', 300n],
  ['api-testnet.lighter.xyz', 300n],
  ['api.rh.lighter.xyz', 466_324n],
  ['api.rh-testnet.lighter.xyz', 300n],
]);

const LONGEST_URL = 2_048;

/** The origin of an exchange's REST api. Without TLS only to this machine, where a stand-in runs. */
export function readExchangeUrl(text: string, hosts: readonly HostPort[]): Result<URL, Reason> {
  const url = text.length > LONGEST_URL ? null : URL.parse(text);
  if (url === null) return refuse('lighter.url', '`url` is not a URL');
  const isPlain = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !isPlain) {
    return refuse('lighter.url', '`url` is not an https URL');
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('lighter.url', '`url` has a user name; leave it out');
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return refuse('lighter.url', "`url` has a path; give the start of the exchange's api only");
  }
  if (!hosts.some((host) => isAt(url, host))) {
    const message = `\`${url.host}\` is not allowed; add it to \`LIGHTER_API_HOSTS\``;
    return refuse('lighter.api_host', message);
  }
  return ok(url);
}

/** The chain of a client: as its URL says, as it is told, or both where they agree. */
export function chainOf(url: URL | undefined, told: bigint | undefined): Result<bigint, Reason> {
  const known = url === undefined ? undefined : CHAINS.get(url.hostname);
  if (known !== undefined && told !== undefined && known !== told) {
    const message = `\`chain_id\` is ${String(told)}, but \`${url?.host ?? ''}\` is chain ${String(known)}; leave \`chain_id\` out`;
    return refuse('lighter.chain_id', message);
  }
  const chainId = told ?? known;
  if (chainId !== undefined) return ok(chainId);
  const message =
    'the chain does not follow from `url`; give `chain_id`, 304 is mainnet, 300 testnet';
  return refuse('lighter.chain_id', message);
}

/** Where a chain is looked up unless a client says otherwise: the first host of ours that is allowed. */
export function usualExchange(chainId: bigint, hosts: readonly HostPort[]): string | undefined {
  for (const [host, chain] of CHAINS) {
    const url = new URL(`https://${host}`);
    if (chain === chainId && hosts.some((allowed) => isAt(url, allowed))) return url.origin;
  }
  return undefined;
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code, message });
}

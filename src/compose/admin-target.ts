/** Where commands of this machine meet the daemon that has the same settings. */
import type { Config } from '../config.ts';
import type { AdminTarget } from '../cli/admin-call.ts';

/** Addresses that mean every address: nobody can be called by them. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export function adminTarget({
  host,
  port,
  tls,
  tokenFile,
}: Pick<Config['api'], 'host' | 'port' | 'tls' | 'tokenFile'>): AdminTarget {
  const scheme = tls === undefined ? 'http' : 'https';
  const met = EVERY_ADDRESS[host] ?? host;
  const name = met.includes(':') ? `[${met}]` : met;
  return { url: `${scheme}://${name}:${String(port)}`, tokenFile };
}

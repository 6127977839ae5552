/**
 * Whether a host name or an address can only mean this machine.
 *
 * Names other than `localhost` are never resolved: a name that happens to point here today is not
 * loopback. Unusual spellings of an address (`127.1`) count as foreign, which is the safe mistake.
 */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (bare === 'localhost' || bare === '::1') return true;
  return /^(?:::ffff:)?127(?:\.[0-9]{1,3}){3}$/.test(bare);
}

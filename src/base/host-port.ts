/** Places on a network, as URLs name them and as allowlists do. */

/** A host, and a port where one is named: `signer.example`, `localhost:3000`, `[::1]:3000`. */
export interface HostPort {
  /** As the URL standard writes it: lower case, punycode, addresses in their usual form. */
  readonly host: string;
  readonly port?: number;
}

/** Reads one entry of an allowlist; `undefined` where it is anything but a host and its port. */
export function readHostPort(text: string): HostPort | undefined {
  // What would end the host, or be taken for a pattern.
  if (/[\s/?#@\\*]/.test(text)) return undefined;
  const host = URL.parse(`https://${text}`)?.hostname;
  if (host === undefined) return undefined;
  // Read from the text, because a parsed URL leaves out the usual port of its scheme.
  const port = /:([0-9]{1,5})$/.exec(text)?.[1];
  return port === undefined ? { host } : { host, port: Number(port) };
}

/** Where a URL leads. */
export function hostPortOf(url: URL): Required<HostPort> {
  return { host: url.hostname, port: url.port === '' ? usualPort(url) : Number(url.port) };
}

/** Whether a URL leads there; an entry without a port means the usual one of the scheme. */
export function isAt(url: URL, entry: HostPort): boolean {
  const { host, port } = hostPortOf(url);
  return host === entry.host && port === (entry.port ?? usualPort(url));
}

function usualPort(url: URL): number {
  return url.protocol === 'https:' ? 443 : 80;
}

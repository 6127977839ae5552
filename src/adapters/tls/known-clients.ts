/**
 * Clients known by their certificate, in the file format of Web3Signer and Teku: a line for each, the
 * common name and the SHA-256 fingerprint in hex with colons; `#` begins a comment.
 */
import { readFileSync } from 'node:fs';

import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { systemCode } from '../keys/private-file.ts';

/** Fingerprint, as Node writes it, to common name. */
export type KnownClients = ReadonlyMap<string, string>;

const LINE = /^(?<name>[\x21-\x7e]{1,64})[ \t]+(?<fingerprint>(?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/i;

export function readKnownClients(path: string): Result<KnownClients, Reason> {
  try {
    return parseKnownClients(readFileSync(path, 'utf8'), path);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return refuse(`cannot read \`${path}\` (${code}); check the path and its permissions`);
  }
}

/** The first line that breaks the format is named. */
export function parseKnownClients(text: string, path: string): Result<KnownClients, Reason> {
  const clients = new Map<string, string>();
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    const line = written.replace(/#.*$/, '').trim();
    if (line === '') continue;
    const { name, fingerprint } = LINE.exec(line)?.groups ?? {};
    if (name === undefined || fingerprint === undefined) {
      const where = `\`${path}\` line ${String(index + 1)}`;
      return refuse(`${where}: write a common name and a SHA-256 fingerprint in hex with colons`);
    }
    clients.set(fingerprint.toUpperCase(), name);
  }
  return ok(clients);
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'tls.known_clients', message });
}

/** Encryption of the api listener: files at start, and again whenever they are replaced. */
import { type KnownClients, readKnownClients } from '../adapters/tls/known-clients.ts';
import { readTlsIdentity, stampOf, type TlsIdentity } from '../adapters/tls/tls-identity.ts';
import { fileStamp } from '../adapters/keys/file-stamp.ts';
import { ok, type Result } from '../base/result.ts';
import type { TlsSettings } from '../config.ts';
import type { Reason } from '../core/outcome.ts';
import type { Clock } from '../core/ports.ts';

export interface Tls {
  readonly identity: TlsIdentity;
  readonly knownClients: () => KnownClients;
  /** Tells of every new certificate until it is stopped. */
  readonly watch: (onRenewed: (identity: TlsIdentity) => void) => () => void;
}

/** Milliseconds between two looks at the files. */
const LOOK = 30_000;

/** A file that cannot be used later on is an alarm, and what was read before stays in force. */
export function openTls(
  { files, knownClientsFile }: TlsSettings,
  { clock, alarm }: { readonly clock: Clock; readonly alarm: (reason: Reason) => void },
): Result<Tls, Reason> {
  const identity = readTlsIdentity(files);
  if (!identity.ok) return identity;
  const clients = readClients(knownClientsFile);
  if (!clients.ok) return clients;
  let known = clients.value;
  let stamp = identity.value.stamp;

  function look(onRenewed: (identity: TlsIdentity) => void): void {
    const current = stampOf(files);
    if (current !== stamp) {
      stamp = current;
      const read = readTlsIdentity(files);
      if (read.ok) onRenewed(read.value);
      else alarm(read.error);
    }
    const currentClients = stampOfClients(knownClientsFile);
    if (currentClients === known.stamp) return;
    const read = readClients(knownClientsFile);
    known = read.ok ? read.value : { ...known, stamp: currentClients };
    if (!read.ok) alarm(read.error);
  }

  return ok({
    identity: identity.value,
    knownClients: () => known.clients,
    watch(onRenewed) {
      let cancel = (): void => undefined;
      const again = (): void => {
        cancel = clock.after(LOOK, () => {
          look(onRenewed);
          again();
        });
      };
      again();
      return () => {
        cancel();
      };
    },
  });
}

interface StampedClients {
  readonly clients: KnownClients;
  readonly stamp: string;
}

function readClients(path: string | undefined): Result<StampedClients, Reason> {
  const stamp = stampOfClients(path);
  if (path === undefined) return ok({ clients: new Map(), stamp });
  const clients = readKnownClients(path);
  return clients.ok ? ok({ clients: clients.value, stamp }) : clients;
}

function stampOfClients(path: string | undefined): string {
  return path === undefined ? 'none' : fileStamp(path);
}

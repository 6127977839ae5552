/** Encryption of the api listener, and who proves itself by certificate. */
import type { Secret } from '../base/secret.ts';
import type { Problem } from './read.ts';
import type { Values } from './variables.ts';

export interface TlsSettings {
  readonly files:
    | { readonly certFile: string; readonly keyFile: string }
    | { readonly pfxFile: string; readonly password: Secret | undefined };
  readonly knownClientsFile: string | undefined;
}

export function tlsOf(values: Values): TlsSettings | undefined {
  const {
    API_TLS_CERT_FILE: certFile,
    API_TLS_KEY_FILE: keyFile,
    API_TLS_PFX_FILE: pfxFile,
    API_TLS_PFX_PASSWORD: password,
    API_TLS_KNOWN_CLIENTS_FILE: knownClientsFile,
  } = values;
  if (pfxFile !== undefined) return { files: { pfxFile, password }, knownClientsFile };
  if (certFile === undefined || keyFile === undefined) return undefined;
  return { files: { certFile, keyFile }, knownClientsFile };
}

export function tlsContradictions(values: Values): readonly Problem[] {
  const { API_TLS_CERT_FILE: cert, API_TLS_KEY_FILE: key, API_TLS_PFX_FILE: pfx } = values;
  const problems: Problem[] = [];
  if ((cert === undefined) !== (key === undefined)) {
    const name = cert === undefined ? 'API_TLS_CERT_FILE' : 'API_TLS_KEY_FILE';
    problems.push({
      name,
      message: 'is missing; a certificate needs its key in a file of its own',
    });
  }
  if (pfx !== undefined && (cert ?? key) !== undefined) {
    problems.push({
      name: 'API_TLS_PFX_FILE',
      message: 'contradicts `API_TLS_CERT_FILE`; keep one of them',
    });
  }
  if (values.API_TLS_KNOWN_CLIENTS_FILE !== undefined && (pfx ?? cert) === undefined) {
    problems.push({
      name: 'API_TLS_KNOWN_CLIENTS_FILE',
      message:
        'needs `API_TLS_CERT_FILE` or `API_TLS_PFX_FILE`; without TLS there are no certificates',
    });
  }
  return problems;
}

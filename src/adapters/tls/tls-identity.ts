/** The certificate of the api listener, from files that may be replaced while the daemon runs. */
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

import { utf8Text } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import { fileStamp } from '../keys/file-stamp.ts';
import { readPrivateFile, systemCode } from '../keys/private-file.ts';

export type TlsFiles =
  | { readonly certFile: string; readonly keyFile: string }
  | { readonly pfxFile: string; readonly password: Secret | undefined };

export interface TlsIdentity {
  readonly context: SecureContextOptions;
  /** Differs whenever one of the files was replaced. */
  readonly stamp: string;
}

const MAX_FILE = 1024 * 1024;

/** Reads the files and proves that certificate and key belong together. */
export function readTlsIdentity(files: TlsFiles): Result<TlsIdentity, Reason> {
  const stamp = stampOf(files);
  const context = 'pfxFile' in files ? readPfx(files) : readPem(files);
  if (!context.ok) return context;
  try {
    createSecureContext(context.value);
    return ok({ context: context.value, stamp });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason';
    return refuse(
      `${pathsOf(files)} hold no certificate with its key (${code}); check that they belong together and that the password is right`,
    );
  }
}

export function stampOf(files: TlsFiles): string {
  return 'pfxFile' in files
    ? fileStamp(files.pfxFile)
    : `${fileStamp(files.certFile)} ${fileStamp(files.keyFile)}`;
}

function readPem(files: {
  readonly certFile: string;
  readonly keyFile: string;
}): Result<SecureContextOptions, Reason> {
  const key = readPrivateFile(files.keyFile, MAX_FILE);
  if (!key.ok) return key;
  const cert = readPublic(files.certFile);
  return cert.ok ? ok({ ...MINIMUM, cert: cert.value, key: toBuffer(key.value) }) : cert;
}

function readPfx(files: {
  readonly pfxFile: string;
  readonly password: Secret | undefined;
}): Result<SecureContextOptions, Reason> {
  const pfx = readPrivateFile(files.pfxFile, MAX_FILE);
  if (!pfx.ok) return pfx;
  const passphrase = files.password?.reveal(utf8Text);
  return ok({
    ...MINIMUM,
    pfx: toBuffer(pfx.value),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
}

function toBuffer(bytes: Uint8Array): Buffer {
  // eslint-disable-next-line no-restricted-globals -- Node's TLS takes nothing else
  return Buffer.from(bytes);
}

const MINIMUM: SecureContextOptions = { minVersion: 'TLSv1.2' };

function readPublic(path: string): Result<Buffer, Reason> {
  try {
    return ok(readFileSync(path));
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return refuse(`cannot read \`${path}\` (${code}); check the path and its permissions`);
  }
}

function pathsOf(files: TlsFiles): string {
  return 'pfxFile' in files
    ? `the contents of \`${files.pfxFile}\``
    : `\`${files.certFile}\` and \`${files.keyFile}\``;
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'tls.identity', message });
}

/** A self-signed TLS certificate with its key, made on the spot, so that none is ever stored. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

import { base64 } from '@scure/base';

import { concatBytes, utf8 } from '../../src/base/bytes.ts';

/** For the `ca`, `cert` and `key` options of Node's TLS. */
export interface ThrowawayCertificate {
  readonly cert: string;
  readonly key: string;
}

/** X.509 version 3 (RFC 5280, section 4.1), ECDSA on P-256, valid from 2020 to 2049. */
export function throwawayCertificate(dnsName: string): ThrowawayCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const commonName = sequence(objectId(0x55, 0x04, 0x03), der(0x0c, utf8('throwaway')));
  const name = sequence(der(0x31, commonName));
  const subjectAltName = sequence(
    objectId(0x55, 0x1d, 0x11),
    der(0x04, sequence(der(0x82, utf8(dnsName)))),
  );
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1, ...randomBytes(8)),
    ecdsaWithSha256,
    name,
    sequence(utcTime('200101000000Z'), utcTime('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(subjectAltName)),
  );
  const signature = concatBytes(Uint8Array.of(0), sign('sha256', body, privateKey));
  const certificate = sequence(body, ecdsaWithSha256, der(0x03, signature));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64.encode(certificate)}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Tag, length and value (ITU-T X.690, section 8.1), up to 65,535 bytes. */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = concatBytes(...parts);
  const { length } = value;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...size), value);
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return der(0x30, ...parts);
}

function objectId(...bytes: readonly number[]): Uint8Array {
  return der(0x06, Uint8Array.from(bytes));
}

function integer(...bytes: readonly number[]): Uint8Array {
  return der(0x02, Uint8Array.from(bytes));
}

function utcTime(text: string): Uint8Array {
  return der(0x17, utf8(text));
}

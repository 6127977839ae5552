import { expect, test } from '@jest/globals';

import { adminTarget } from '../../src/compose/admin-target.ts';

const api = { host: '127.0.0.1', port: 9000, tls: undefined, tokenFile: 'token' };
const tls = { files: { certFile: 'c', keyFile: 'k' }, knownClientsFile: undefined };

test.each([
  ['127.0.0.1', 'http://127.0.0.1:9000'],
  ['::1', 'http://[::1]:9000'],
  ['0.0.0.0', 'http://127.0.0.1:9000'],
  ['::', 'http://[::1]:9000'],
  ['signer.example', 'http://signer.example:9000'],
])('a daemon that listens on %s is met at %s', (host, url) => {
  expect(adminTarget({ ...api, host })).toEqual({ url, tokenFile: 'token' });
});

test('one with a certificate is met over TLS', () => {
  expect(adminTarget({ ...api, tls }).url).toBe('https://127.0.0.1:9000');
});

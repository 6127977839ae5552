import { describe, expect, test } from '@jest/globals';

import { hostPortOf, isAt, readHostPort } from '../../src/base/host-port.ts';

describe('an entry of an allowlist', () => {
  test.each([
    ['signer.example', { host: 'signer.example' }],
    ['Signer.EXAMPLE', { host: 'signer.example' }],
    ['signer.example:8443', { host: 'signer.example', port: 8443 }],
    ['signer.example:443', { host: 'signer.example', port: 443 }],
    ['bücher.example', { host: 'xn--bcher-kva.example' }],
    ['127.1:3000', { host: '127.0.0.1', port: 3000 }],
    ['[::0001]', { host: '[::1]' }],
    ['[::1]:80', { host: '[::1]', port: 80 }],
  ])('%s is a place', (text, place) => {
    expect(readHostPort(text)).toEqual(place);
  });

  test.each([
    '',
    ' ',
    '::1',
    ':443',
    'https://signer.example',
    'signer.example/path',
    'signer.example?',
    'signer.example#',
    'user@signer.example',
    'signer.example\\evil.example',
    '*.signer.example',
    'signer.example:65536',
    'signer.example:https',
    'a b',
    '256.0.0.1',
  ])('%j is none', (text) => {
    expect(readHostPort(text)).toBeUndefined();
  });
});

describe('whether a URL leads to a place', () => {
  test.each([
    ['https://signer.example/a?b', 'signer.example', true],
    ['https://signer.example:443/', 'signer.example', true],
    ['http://signer.example/', 'signer.example', true],
    ['https://signer.example:8443/', 'signer.example', false],
    ['https://signer.example:8443/', 'signer.example:8443', true],
    ['http://signer.example/', 'signer.example:443', false],
    ['http://signer.example:443/', 'signer.example:443', true],
    ['https://other.example/', 'signer.example', false],
    ['https://signer.example./', 'signer.example', false],
    ['https://sub.signer.example/', 'signer.example', false],
    ['https://0x7f.1/', '127.0.0.1', true],
  ])('%s and %s: %j', (url, entry, expected) => {
    const place = readHostPort(entry);
    if (place === undefined) throw new Error(`${entry} is no entry`);
    expect(isAt(new URL(url), place)).toBe(expected);
  });

  test('a URL leads to the place that is read from it, and to no other port', () => {
    const place = hostPortOf(new URL('http://signer.example/'));
    expect(place).toEqual({ host: 'signer.example', port: 80 });
    expect(isAt(new URL('https://signer.example/'), place)).toBe(false);
  });
});

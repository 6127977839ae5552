import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { isAllowedAddress } from '../../../src/adapters/transport/public-address.ts';

const PUBLIC = ['8.8.8.8', '93.184.216.34', '::ffff:8.8.8.8', '2606:4700::1111', '2a00:1450::1'];

const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '::1',
  'fd00::1',
  'fc00::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:c0a8:101',
];

const NEVER = [
  // This network, broadcast, multicast, reserved, documentation, benchmarking.
  '0.0.0.0',
  '0.1.2.3',
  '255.255.255.255',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '192.0.0.1',
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '198.18.0.1',
  '198.19.255.255',
  '192.88.99.1',
  '::',
  'ff02::1',
  'ff0e::1',
  '100::1',
  '2001:db8::1',
  '3fff::1',
  '2001:2::1',
  '2001:20::1',
  '5f00::1',
  'fec0::1',
  '4000::1',
  '8000::1',
  // Link-local, with and without a zone.
  '169.254.0.1',
  'fe80::1',
  'fe80::1%lo',
  'fe80::1%1',
  '::ffff:169.254.169.254',
  // Metadata of clouds.
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  '::ffff:168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  // IPv4 carried within IPv6: compatible, translated, NAT64 (also its local prefix), 6to4, Teredo.
  '::127.0.0.1',
  '::7f00:1',
  '::8.8.8.8',
  '::ffff:0:127.0.0.1',
  '64:ff9b::127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::10.0.0.1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::1',
  '2001::1',
  '2001:0:7f00:1::',
  // No addresses.
  '',
  ' ',
  'localhost',
  '127.0.0.1:80',
  '[::1]',
  '127.0.0.1/8',
  '8.8.8.8 ',
  '256.0.0.1',
  '8.8.8.8.8',
  ':::',
  '12345::',
  // Spellings that no resolver uses, and that not every reader takes for the same address.
  '8.8.2056',
  '134744072',
  '0x08.8.8.8',
  '010.8.8.8',
  '0:0:0:0:0:ffff:8.8.8.8',
];

describe('an address of a callback', () => {
  test.each(PUBLIC)('%s is public', (address) => {
    expect(isAllowedAddress(address, false)).toBe(true);
    expect(isAllowedAddress(address, true)).toBe(true);
  });

  test.each(PRIVATE)('%s is private, and allowed only where that is', (address) => {
    expect(isAllowedAddress(address, false)).toBe(false);
    expect(isAllowedAddress(address, true)).toBe(true);
  });

  test.each(NEVER)('%j is never allowed', (address) => {
    expect(isAllowedAddress(address, false)).toBe(false);
    expect(isAllowedAddress(address, true)).toBe(false);
  });

  test('never makes the judge stumble, whatever its spelling', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.ipV4Extended(), fc.string()), (address) => {
        expect(typeof isAllowedAddress(address, true)).toBe('boolean');
      }),
    );
  });

  test('is judged alike as IPv4 and mapped into IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.boolean(), (address, allowPrivate) => {
        expect(isAllowedAddress(`::ffff:${address}`, allowPrivate)).toBe(
          isAllowedAddress(address, allowPrivate),
        );
      }),
    );
  });

  test('is never public where private ones are excluded and it begins like one', () => {
    const byte = fc.nat(255);
    const heads = fc.constantFrom('10', '127', '192.168', '169.254', '0', '172.20');
    fc.assert(
      fc.property(heads, byte, byte, byte, (head, ...tail) => {
        const address = [head, ...tail].join('.').split('.').slice(0, 4).join('.');
        expect(isAllowedAddress(address, false)).toBe(false);
      }),
    );
  });
});

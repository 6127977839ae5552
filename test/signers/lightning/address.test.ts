import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { addressOf } from '../../../signers/lightning/address.ts';
import type { BitcoinNetwork } from '../../../signers/lightning/index.ts';
import { type OutputType, outputTypeOf } from '../../../signers/lightning/output-script.ts';
import { toHex } from '../../../src/base/hex.ts';
import { hex } from '../../support/hex.ts';

const KEY_HASH = '751e76e8199196d454941c45d1b3a323f1433bd6';
const X = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';

/** Addresses of BIP173, BIP350 and BIP433, and of the same hashes in Base58. */
const cases: readonly [OutputType, string, BitcoinNetwork, string | undefined][] = [
  ['p2wpkh', `0014${KEY_HASH}`, 'MAINNET', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
  ['p2wpkh', `0014${KEY_HASH}`, 'TESTNET', 'tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx'],
  ['p2wpkh', `0014${KEY_HASH}`, 'SIGNET', 'tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx'],
  ['p2wpkh', `0014${KEY_HASH}`, 'REGTEST', 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080'],
  ['p2tr', `5120${X}`, 'MAINNET', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0'],
  ['p2a', '51024e73', 'MAINNET', 'bc1pfeessrawgf'],
  ['p2pkh', `76a914${KEY_HASH}88ac`, 'MAINNET', '1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH'],
  ['p2pkh', `76a914${KEY_HASH}88ac`, 'REGTEST', 'mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r'],
  ['op_return', '6a0568656c6c6f', 'MAINNET', undefined],
  ['other', '51', 'MAINNET', undefined],
];

describe('addresses', () => {
  test.each(cases)('%s of %s on %s', (type, script, network, address) => {
    expect(outputTypeOf(hex(script))).toBe(type);
    expect(addressOf(hex(script), network)).toBe(address);
  });

  test('P2WSH has one on every network', () => {
    const script = hex(`00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262`);
    expect(addressOf(script, 'TESTNET')).toBe(
      'tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7',
    );
  });

  test('P2SH has one per prefix', () => {
    const script = hex('a914b472a266d0bd89c13706a4132ccfb16f7c3b9fcb87');
    expect(addressOf(script, 'MAINNET')).toBe('3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy');
  });

  test('never throw, whatever the script', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (script) => {
        expect(() => addressOf(toHex(script), 'MAINNET')).not.toThrow();
      }),
    );
  });
});

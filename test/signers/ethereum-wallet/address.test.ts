import { describe, expect, test } from '@jest/globals';
import { computeAddress, getAddress } from 'ethers';
import fc from 'fast-check';

import {
  formatAddress,
  isWalletKey,
  parseAddress,
  walletAddress,
} from '../../../signers/ethereum-wallet/index.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { hex } from '../../support/hex.ts';

const ORDER_LESS_ONE = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140';

/** The examples of ERC-55. */
const CHECKSUMMED = [
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
];

describe('the address of a wallet', () => {
  test('is what ethers computes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const key = new Secret(bytes);
        fc.pre(isWalletKey(key));
        expect(formatAddress(walletAddress(key))).toBe(computeAddress(`0x${toHex(bytes)}`));
      }),
      { numRuns: 25 },
    );
  });

  test('of the key 1 is the well-known one', () => {
    const key = new Secret(new Uint8Array(32).fill(1, 31));
    expect(walletAddress(key)).toBe('7e5f4552091a69125d5dfcb7b8c2659029395bdf');
  });
});

describe('a written address', () => {
  test.each(CHECKSUMMED)('is read with its checksum: %s', (text) => {
    const address = parseAddress(text);
    expect(address).toBe(text.slice(2).toLowerCase());
    expect(address === undefined ? '' : formatAddress(address)).toBe(text);
  });

  test('is read in one case, with and without 0x', () => {
    const [text = ''] = CHECKSUMMED;
    const address = text.slice(2).toLowerCase();
    for (const form of [address, `0x${address}`, `0x${address.toUpperCase()}`]) {
      expect(parseAddress(form)).toBe(address);
    }
  });

  test('with a wrong checksum is nobody', () => {
    expect(parseAddress('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD')).toBe(undefined);
    expect(() => getAddress('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD')).toThrow();
  });

  test.each(['', '0x', '0x1234', `0x${'g'.repeat(40)}`, `0x${'a'.repeat(42)}`])(
    'such as `%s` is none',
    (text) => {
      expect(parseAddress(text)).toBe(undefined);
    },
  );
});

describe('a wallet key', () => {
  test.each([
    ['one', '01'.padStart(64, '0'), true],
    ['one below the group order', ORDER_LESS_ONE, true],
    ['the group order', `${ORDER_LESS_ONE.slice(0, 63)}1`, false],
    ['zero', '00'.repeat(32), false],
    ['31 bytes', '11'.repeat(31), false],
  ])('may be %s or not', (_what, text, isGood) => {
    expect(isWalletKey(new Secret(fromHex(hex(text))))).toBe(isGood);
  });
});

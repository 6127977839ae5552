import { describe, expect, test } from '@jest/globals';
import { verifyMessage, Wallet } from 'ethers';
import fc from 'fast-check';

import {
  recoverPersonalSigner,
  signPersonalMessage,
  walletAddress,
} from '../../../signers/ethereum-wallet/index.ts';
import { fromHex, type Hex, isHex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const walletKeys = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(keyBytes);
/** Signing by the two reference libraries takes milliseconds each. */
const FEW = { numRuns: 25 };

describe('a wallet signs a text', () => {
  test('as ethers signs it, byte for byte', () => {
    fc.assert(
      fc.property(walletKeys, fc.string({ unit: 'binary' }), (bytes, text) => {
        const signature = signPersonalMessage(new Secret(bytes), text);
        expect(`0x${signature}`).toBe(new Wallet(`0x${toHex(bytes)}`).signMessageSync(text));
      }),
      FEW,
    );
  });

  test('so that ethers recovers its address', () => {
    fc.assert(
      fc.property(walletKeys, fc.string(), (bytes, text) => {
        const key = new Secret(bytes);
        const recovered = verifyMessage(text, `0x${signPersonalMessage(key, text)}`);
        expect(recovered.toLowerCase()).toBe(`0x${walletAddress(key)}`);
      }),
      FEW,
    );
  });

  test('by its length in bytes, not in characters', () => {
    const key = new Secret(keyBytes(7n));
    const text = 'Ünïcödé — 鍵 🔑';
    expect(verifyMessage(text, `0x${signPersonalMessage(key, text)}`).toLowerCase()).toBe(
      `0x${walletAddress(key)}`,
    );
  });
});

describe('who signed a text is recovered', () => {
  const key = keyBytes(0xc0ffeen);
  const text = 'Register Lighter Account\n\npubkey: 0x00';
  const signature = hex(new Wallet(`0x${toHex(key)}`).signMessageSync(text).slice(2));
  const address = walletAddress(new Secret(key));

  test('from a signature that ethers made', () => {
    expect(recoverPersonalSigner(text, signature)).toBe(address);
  });

  test('also where v is written as 0 and 1', () => {
    const bytes = fromHex(signature);
    bytes[64] = (bytes[64] ?? 0) - 27;
    expect(recoverPersonalSigner(text, toHex(bytes))).toBe(address);
  });

  test('as somebody else where one character of the text differs', () => {
    expect(recoverPersonalSigner(`${text}1`, signature)).not.toBe(address);
  });

  test('as nobody where a bit of the signature differs', () => {
    fc.assert(
      fc.property(fc.nat({ max: 64 * 8 - 1 }), (bit) => {
        const bytes = fromHex(signature);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(recoverPersonalSigner(text, toHex(bytes))).not.toBe(address);
      }),
      { numRuns: 50 },
    );
  });

  test('but not from the twin with s in the upper half', () => {
    const s = BigInt(`0x${signature.slice(64, 128)}`);
    const twin = (ORDER - s).toString(16).padStart(64, '0');
    const v = signature.endsWith('1b') ? '1c' : '1b';
    expect(recoverPersonalSigner(text, hex(`${signature.slice(0, 64)}${twin}${v}`))).toBe(
      undefined,
    );
  });

  test.each([
    ['too short', '00'.repeat(64)],
    ['too long', '00'.repeat(66)],
    ['zero', '00'.repeat(65)],
    ['beyond the order', 'ff'.repeat(64) + '1b'],
    ['with an unknown v', `${signature.slice(0, 128)}1d`],
  ])('and not from one that is %s', (_what, text65) => {
    expect(recoverPersonalSigner(text, hex(text65))).toBe(undefined);
  });
});

function keyBytes(key: bigint): Uint8Array {
  return fromHex(hex(key.toString(16).padStart(64, '0')));
}

function hex(text: string): Hex {
  if (!isHex(text)) throw new Error('not hex');
  return text;
}

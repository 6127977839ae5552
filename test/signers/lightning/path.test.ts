import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  CHANNEL_KEYS,
  channelKeyPath,
  parsePath,
  type PathUse,
} from '../../../signers/lightning/index.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';

function use(text: string): PathUse | undefined {
  const parsed = parsePath(text);
  return parsed.ok ? parsed.value.use : undefined;
}

function canonical(text: string): string | undefined {
  const parsed = parsePath(text);
  return parsed.ok ? parsed.value.text : undefined;
}

describe('the grammar', () => {
  test.each(lightsparkVectors.path_parsing.rejected_by_crypto_wasm)(
    'refuses `%s`, as the official library does',
    (text) => {
      expect(parsePath(text).ok).toBe(false);
    },
  );

  test.each([
    ['', 'an empty text is not the master key'],
    ['m/', 'a trailing slash is not the master key'],
    ['0/1', 'the leading `m` is not optional'],
    ['m/+1', 'a sign is not part of an index'],
    ['m/01', 'an index has no leading zero'],
    ['m/00', 'zero has one spelling'],
    ['m/1/', 'a path does not end in a slash'],
    ["m/1''", 'one mark is enough'],
    ["m/1h'", 'one kind of mark is enough'],
    ['m/-1', 'an index is not negative'],
    ['m/1.0', 'an index is not a fraction'],
    ['m/1e3', 'an index has no exponent'],
    ['m/4294967296', 'an index does not wrap at 32 bits'],
    ['m/3/7/0\n', 'nothing follows the path'],
    [' m/0', 'nothing precedes the path'],
    ['m/٣', 'digits are ASCII'],
    [`m${'/0'.repeat(256)}`, 'BIP32 serialises the depth in one byte'],
  ])('refuses %j: %s', (text) => {
    expect(parsePath(text).ok).toBe(false);
  });

  test('takes the largest index and refuses the next', () => {
    expect(canonical('m/3/2147483647/0')).toBe('m/3/2147483647/0');
    expect(canonical("m/2147483647'")).toBe("m/2147483647'");
    expect(parsePath('m/3/2147483648/0').ok).toBe(false);
  });

  test('knows `h` as another spelling of the hardened mark', () => {
    expect(canonical('m/84h/0h/0h/1/5')).toBe("m/84'/0'/0'/1/5");
    expect(use('m/4h')).toEqual({ kind: 'preimage_base' });
  });

  test('says what a path must look like without repeating the input', () => {
    const parsed = parsePath('m/abc');
    expect(parsed).toMatchObject({ ok: false, error: { code: 'path' } });
    expect(JSON.stringify(parsed)).not.toContain('abc');
  });

  test('gives every path one canonical text, which is its own canonical text', () => {
    const levels = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.constantFrom('', "'", 'h')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(levels, (path) => {
        const write = (mark: (given: string) => string): string =>
          ['m', ...path.map(([index, given]) => `${String(index)}${mark(given)}`)].join('/');
        const text = canonical(write((given) => given));
        expect(text).toBe(write((given) => (given === '' ? '' : "'")));
        expect(canonical(text ?? '')).toBe(text);
      }),
    );
  });
});

describe('the key map', () => {
  test.each<[string, PathUse]>([
    ['m', { kind: 'master' }],
    ['m/0', { kind: 'identity' }],
    ['m/1/77', { kind: 'destination', index: 77 }],
    ['m/3/19328', { kind: 'channel', channelPath: 'm/3/19328' }],
    ['m/3/7/0', { kind: 'channel_key', channelPath: 'm/3/7', key: 'funding' }],
    ['m/3/7/1', { kind: 'channel_key', channelPath: 'm/3/7', key: 'revocation' }],
    ['m/3/7/2', { kind: 'channel_key', channelPath: 'm/3/7', key: 'payment' }],
    ['m/3/7/3', { kind: 'channel_key', channelPath: 'm/3/7', key: 'delayed_payment' }],
    ['m/3/7/4', { kind: 'channel_key', channelPath: 'm/3/7', key: 'htlc' }],
    ["m/4'", { kind: 'preimage_base' }],
    ['m/5', { kind: 'operation' }],
    ["m/84'/2'/0'/1/9", { kind: 'l1_wallet', coin: 2, account: 0, chain: 1, index: 9 }],
    ["m/84'/0'/3'/0/0", { kind: 'l1_wallet', coin: 0, account: 3, chain: 0, index: 0 }],
  ])('knows what `%s` is for', (text, expected) => {
    expect(use(text)).toEqual(expected);
  });

  test.each([
    "m/0'",
    'm/0/1',
    'm/1',
    "m/1/7'",
    'm/2',
    'm/2/0',
    'm/3',
    "m/3/7'",
    "m/3'/7/0",
    'm/3/7/5',
    "m/3/7/0'",
    'm/3/7/0/0',
    'm/4',
    "m/4'/0",
    "m/5'",
    'm/30/7/0',
    "m/84'/0'/0'",
    "m/84'/3'/0'/0/0",
    "m/84'/0'/0'/2/0",
    "m/84'/0'/0'/0/0'",
    'm/84/0/0/0/0',
    "m/49'/0'/0'/0/0",
  ])('has no use for `%s`', (text) => {
    expect(use(text)).toEqual({ kind: 'unknown' });
  });

  test('writes the paths of a channel it can read', () => {
    for (const key of CHANNEL_KEYS) {
      expect(use(channelKeyPath('m/3/42', key))).toEqual({
        kind: 'channel_key',
        channelPath: 'm/3/42',
        key,
      });
    }
  });
});

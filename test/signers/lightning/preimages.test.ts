import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createPreimages } from '../../../signers/lightning/preimages.ts';
import { toHex } from '../../../src/base/hex.ts';

const base = new Uint8Array(32).fill(0x42);
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('the nonce of an invoice is the same for ever, on every replica', () => {
  // These bytes are in payment hashes that operators have published: they must never change.
  expect(toHex(createPreimages(base).nonceOf('Invoice:018fe6a0'))).toBe(
    'f798f2121fd357276114971b1125f0b2ec0dd69ce6bfd21820dc47991da3e370',
  );
  expect(createPreimages(base.slice()).nonceOf('Invoice:1')).toEqual(
    createPreimages(base).nonceOf('Invoice:1'),
  );
});

test('the nonce follows from both seed and invoice', () => {
  const { nonceOf } = createPreimages(base);
  expect(nonceOf('Invoice:1')).not.toEqual(nonceOf('Invoice:2'));
  expect(nonceOf('Invoice:1')).not.toEqual(createPreimages(base.map(() => 1)).nonceOf('Invoice:1'));
  expect(nonceOf('')).toHaveLength(32);
});

test.each([0, 31, 33])(
  'a nonce of %i bytes is refused, though the official library takes it',
  (length) => {
    expect(() => createPreimages(base).preimageOf(new Uint8Array(length))).toThrow(
      'preimage nonce must have 32 bytes',
    );
  },
);

test('a sealed preimage opens for its invoice', () => {
  fc.assert(
    fc.property(fc.string(), bytes32, (invoiceId, preimage) => {
      const { seal, open } = createPreimages(base);
      expect(open(invoiceId, seal(invoiceId, preimage))).toEqual(preimage);
    }),
  );
});

test('sealing is pure: the same preimage and invoice give the same bytes', () => {
  const { seal } = createPreimages(base);
  const preimage = new Uint8Array(32).fill(5);
  expect(seal('Invoice:1', preimage)).toEqual(createPreimages(base).seal('Invoice:1', preimage));
  expect(toHex(seal('Invoice:1', preimage))).toBe(
    'bd36696b5a0aefeb43509c174c7bb3cb97c6121958cc5aa4edbe5a545d04b70780cf22745a11d00a0628c941bc9f4ad2f5e083afe86ceac8d7687583',
  );
});

test('no two messages share a GCM nonce', () => {
  const { seal } = createPreimages(base);
  const sealed = ['Invoice:1', 'Invoice:2', ''].flatMap((id) =>
    [1, 2].map((fill) => seal(id, new Uint8Array(32).fill(fill))),
  );
  expect(new Set(sealed.map((bytes) => toHex(bytes.subarray(0, 12)))).size).toBe(sealed.length);
});

test('a sealed preimage does not open for another invoice or another seed', () => {
  const sealed = createPreimages(base).seal('Invoice:1', new Uint8Array(32));
  expect(createPreimages(base).open('Invoice:2', sealed)).toBeUndefined();
  expect(createPreimages(base.map(() => 1)).open('Invoice:1', sealed)).toBeUndefined();
});

test('an altered, shortened or lengthened seal does not open', () => {
  const { seal, open } = createPreimages(base);
  const sealed = seal('Invoice:1', new Uint8Array(32));
  for (const at of sealed.keys()) {
    expect(
      open(
        'Invoice:1',
        sealed.map((byte, index) => (index === at ? byte ^ 1 : byte)),
      ),
    ).toBeUndefined();
  }
  expect(open('Invoice:1', sealed.subarray(1))).toBeUndefined();
  expect(open('Invoice:1', Uint8Array.from([...sealed, 0]))).toBeUndefined();
  expect(open('Invoice:1', new Uint8Array())).toBeUndefined();
});

test('a preimage of other than 32 bytes is not sealed', () => {
  expect(() => createPreimages(base).seal('Invoice:1', new Uint8Array(31))).toThrow(
    'preimage must have 32 bytes',
  );
});

import { describe, expect, test } from '@jest/globals';

import {
  type AuthTokenClaims,
  createAuthToken,
  createLighterKernel,
} from '../../../signers/lighter/index.ts';
import { hashText } from '../../../signers/lighter/auth-token.ts';
import { fromHex, isHexOf, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { keyVector, vectors } from '../../support/lighter-vectors.ts';

const kernel = createLighterKernel();
const entropy = new Uint8Array(64).fill(3);
const privateKey = new Secret(fromHex(keyVector(0).privateKey));
const claims: AuthTokenClaims = {
  deadline: 1_767_229_200n,
  accountIndex: 123n,
  apiKeyIndex: 5n,
};

/** The text that is signed, and the signature. */
function partsOf(token: string): readonly [text: string, signature: Uint8Array] {
  const end = token.lastIndexOf(':');
  const signature = token.slice(end + 1);
  if (!isHexOf(80, signature)) throw new Error('a token ends with 160 hex digits');
  return [token.slice(0, end), fromHex(signature)];
}

function tokenOf(tokenClaims: AuthTokenClaims, key = privateKey): string {
  const token = createAuthToken(kernel, tokenClaims, key, entropy);
  if (!token.ok) throw new Error(token.error.message);
  return token.value;
}

describe('the official token', () => {
  test.each(vectors.authTokens)('$token', (vector) => {
    const [text, signature] = partsOf(vector.token);
    const publicKey = fromHex(keyVector(vector.key).publicKey);
    expect(toHex(hashText(kernel, text))).toBe(vector.messageHash);
    expect(kernel.verify(signature, fromHex(vector.messageHash), publicKey)).toBe(true);

    const ours = tokenOf(
      {
        deadline: BigInt(vector.deadline),
        accountIndex: BigInt(vector.accountIndex),
        apiKeyIndex: BigInt(vector.apiKeyIndex),
      },
      new Secret(fromHex(keyVector(vector.key).privateKey)),
    );
    const [ourText, ourSignature] = partsOf(ours);
    expect(ourText).toBe(text);
    expect(kernel.verify(ourSignature, fromHex(vector.messageHash), publicKey)).toBe(true);
  });
});

describe('a token', () => {
  test('repeats with its randomness', () => {
    expect(tokenOf(claims)).toBe(tokenOf(claims));
    const other = createAuthToken(kernel, claims, privateKey, new Uint8Array(64));
    expect(other).not.toEqual({ ok: true, value: tokenOf(claims) });
  });

  test.each([
    { ...claims, deadline: 1_767_229_201n },
    { ...claims, accountIndex: 124n },
    { ...claims, apiKeyIndex: 6n },
  ])('is signed for its claims alone, not for %p', (others) => {
    const [, signature] = partsOf(tokenOf(claims));
    const [otherText] = partsOf(tokenOf(others));
    const publicKey = fromHex(keyVector(0).publicKey);
    expect(kernel.verify(signature, hashText(kernel, otherText), publicKey)).toBe(false);
  });

  test.each([
    { field: 'deadline', bad: [0n, -1n, 2n ** 48n] },
    { field: 'accountIndex', bad: [-1n, 2n ** 48n - 1n, 2n ** 64n] },
    { field: 'apiKeyIndex', bad: [-1n, 255n, 256n] },
  ])('is refused with a $field out of range', ({ field, bad }) => {
    for (const value of bad) {
      const token = createAuthToken(kernel, { ...claims, [field]: value }, privateKey, entropy);
      expect(token).toMatchObject({ ok: false, error: { code: 'lighter.range', field } });
    }
  });
});

test('a text is hashed in pieces of eight bytes, the last padded with zeros', () => {
  expect(hashText(kernel, '12345678')).toEqual(kernel.hash([0x3837363534333231n]));
  expect(hashText(kernel, '123456789')).toEqual(kernel.hash([0x3837363534333231n, 0x39n]));
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createLighterKernel } from '../../../signers/lighter/index.ts';
import { concatBytes } from '../../../src/base/bytes.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { check, SLOW_CASES } from '../../support/lighter-cases.ts';
import { ORDER } from '../../support/lighter-reference/curve.ts';
import { P } from '../../support/lighter-reference/goldilocks.ts';
import * as reference from '../../support/lighter-reference/schnorr.ts';
import { keyVector, vectors } from '../../support/lighter-vectors.ts';
import { createWorkbench, openKernel } from '../../support/lighter-workbench.ts';

const kernel = createLighterKernel();
const inside = openKernel();
const { compute } = createWorkbench(inside);

const secret = (key: Hex | bigint): Secret =>
  new Secret(typeof key === 'bigint' ? reference.toScalarBytes(key) : fromHex(key));
const verify = (signature: Uint8Array, message: Hex, publicKey: Hex): boolean =>
  kernel.verify(signature, fromHex(message), fromHex(publicKey));

const entropies = fc.uint8Array({ minLength: 64, maxLength: 64 });
const keys = fc.bigInt({ min: 1n, max: ORDER - 1n });
/** Hashes: five limbs below p. */
const messages = fc
  .array(fc.bigInt({ min: 0n, max: 2n ** 64n - 2n ** 32n }), { minLength: 5, maxLength: 5 })
  .map((limbs) => concatBytes(...limbs.map((limb) => reference.toScalarBytes(limb).slice(0, 8))));

function xorAt(bytes: Uint8Array, index: number, difference: number): Uint8Array {
  return bytes.with(index, (bytes[index] ?? 0) ^ difference);
}

describe('public keys', () => {
  test.each([...vectors.keys, ...vectors.primitives.publicKeys])(
    '$privateKey',
    ({ privateKey, publicKey }) => {
      expect(toHex(kernel.publicKey(secret(privateKey)))).toBe(publicKey);
    },
  );

  test('the key of 1 is a four and zeros', () => {
    expect(toHex(kernel.publicKey(secret(1n)))).toBe(`04${'00'.repeat(39)}`);
  });

  test('the key of any private key is that of the reference', () => {
    check(
      fc.property(keys, (key) => {
        expect(kernel.publicKey(secret(key))).toEqual(reference.publicKey(key));
      }),
      SLOW_CASES,
    );
  });
});

describe('signatures under a nonce of the official test vectors', () => {
  const fromTransactions = vectors.transactions.flatMap(({ k, key, txHash, sig, tx, note }) =>
    k === undefined
      ? []
      : [{ name: `${tx} ${note ?? ''}`, ...keyVector(key), message: txHash, k, sig }],
  );
  const fixed = vectors.primitives.schnorrFixedK.map((vector) => ({ name: vector.k, ...vector }));

  test.each([...fixed, ...fromTransactions])('$name', ({ message, privateKey, k, sig }) => {
    const operands = [message, privateKey, k].map(fromHex);
    expect(toHex(compute(inside.signWithNonce, 80, ...operands))).toBe(sig);
  });
});

describe('signatures', () => {
  test('are those of the reference, whatever the key, the message and the randomness', () => {
    check(
      fc.property(keys, messages, entropies, (key, message, entropy) => {
        const signature = kernel.sign(message, secret(key), entropy);
        expect(toHex(signature)).toBe(toHex(reference.sign(message, key, entropy)));
        expect(kernel.verify(signature, message, kernel.publicKey(secret(key)))).toBe(true);
      }),
      SLOW_CASES,
    );
  });

  test('are accepted by the reference', () => {
    check(
      fc.property(keys, messages, entropies, (key, message, entropy) => {
        const signature = kernel.sign(message, secret(key), entropy);
        expect(reference.verify(signature, message, kernel.publicKey(secret(key)))).toBe(true);
      }),
      SLOW_CASES / 4,
    );
  });

  test('repeat with their randomness, differ with other randomness, and never share a nonce', () => {
    const [message, other] = [new Uint8Array(40).fill(1), new Uint8Array(40).fill(2)];
    const key = secret(keyVector(0).privateKey);
    const zeros = new Uint8Array(64);
    const nonceOf = (signed: Uint8Array): bigint => {
      const [s, e] = [signed.subarray(0, 40), signed.subarray(40)].map(reference.toInteger);
      const sk = reference.toInteger(fromHex(keyVector(0).privateKey));
      return ((s ?? 0n) + (e ?? 0n) * sk) % ORDER;
    };
    const signature = kernel.sign(message, key, zeros);
    expect(kernel.sign(message, key, zeros)).toEqual(signature);
    expect(kernel.sign(message, key, zeros.slice().fill(1))).not.toEqual(signature);
    expect(nonceOf(signature)).not.toBe(nonceOf(kernel.sign(other, key, zeros)));
  });
});

describe('verification', () => {
  test.each(vectors.transactions.map((vector) => ({ id: vector.txHash, ...vector })))(
    'accepts the official signature of $tx $id',
    ({ key, txHash, sig }) => {
      expect(verify(fromHex(sig), txHash, keyVector(key).publicKey)).toBe(true);
    },
  );

  test.each(vectors.legacyNpmWasm)(
    'accepts the old client’s signature of $tx $note',
    ({ key, txHash, sig }) => {
      expect(verify(fromHex(sig), txHash, keyVector(key).publicKey)).toBe(true);
    },
  );

  test.each(vectors.mustReject)('rejects: $why', ({ sig, txHash, publicKey }) => {
    expect(verify(fromHex(sig), txHash, publicKey)).toBe(false);
  });

  test('rejects a signature, a message or a key of which one bit was flipped', () => {
    const { privateKey, publicKey } = keyVector(0);
    const message = new Uint8Array(40).fill(3);
    const signature = kernel.sign(message, secret(privateKey), new Uint8Array(64));
    const key = fromHex(publicKey);
    const accepted = (parts: readonly Uint8Array[]): boolean => {
      const [sig, m, pk] = parts;
      return sig !== undefined && m !== undefined && pk !== undefined && kernel.verify(sig, m, pk);
    };
    const parts = [signature, message, key];
    expect(accepted(parts)).toBe(true);
    for (const [index, part] of parts.entries()) {
      for (let bit = 0; bit < 8 * part.length; bit += 1) {
        const flipped = part.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(accepted(parts.with(index, flipped))).toBe(false);
      }
    }
  });

  test('rejects whatever differs from what was signed, and by whom', () => {
    const index = fc.nat({ max: 39 });
    const change = fc.integer({ min: 1, max: 255 });
    const part = fc.constantFrom('s', 'e', 'message', 'key');
    check(
      fc.property(
        keys,
        messages,
        entropies,
        part,
        index,
        change,
        (key, message, entropy, ...at) => {
          const signature = kernel.sign(message, secret(key), entropy);
          const signed = {
            s: signature.slice(0, 40),
            e: signature.slice(40),
            message,
            key: kernel.publicKey(secret(key)),
          };
          const [where, byte, difference] = at;
          const spoilt = { ...signed, [where]: xorAt(signed[where], byte, difference) };
          const accepts = (parts: typeof signed): boolean =>
            kernel.verify(concatBytes(parts.s, parts.e), parts.message, parts.key);
          expect(accepts(signed)).toBe(true);
          expect(accepts(spoilt)).toBe(false);
        },
      ),
    );
  });

  test('rejects what the reference rejects, where s, e and the key are any integers', () => {
    const bytes = fc.uint8Array({ minLength: 40, maxLength: 40 });
    const publicKeys = fc.oneof(
      bytes,
      keys.map((key) => kernel.publicKey(secret(key))),
    );
    check(
      fc.property(bytes, bytes, messages, publicKeys, (s, e, message, publicKey) => {
        const signature = concatBytes(s, e);
        const accepted = reference.verify(signature, message, publicKey);
        expect(kernel.verify(signature, message, publicKey)).toBe(accepted);
        expect(accepted).toBe(false);
      }),
      SLOW_CASES / 4,
    );
  });

  test('rejects s and e at or beyond n, the same integers though they are mod n', () => {
    const { privateKey, publicKey } = keyVector(1);
    const message = new Uint8Array(40).fill(4);
    const signature = kernel.sign(message, secret(privateKey), new Uint8Array(64));
    const [s, e] = [signature.subarray(0, 40), signature.subarray(40)];
    const beyond = (part: Uint8Array): Uint8Array =>
      reference.toScalarBytes(reference.toInteger(part) + ORDER);
    for (const forged of [concatBytes(beyond(s), e), concatBytes(s, beyond(e))]) {
      expect(kernel.verify(forged, message, fromHex(publicKey))).toBe(false);
    }
  });

  test('rejects everything under the zero key, under which anybody can sign', () => {
    const message = new Uint8Array(40).fill(5);
    const zero = new Uint8Array(40);
    const nonce = reference.toScalarBytes(123_456_789n);
    const forged = compute(inside.signWithNonce, 80, message, zero, nonce);
    expect(reference.verify(forged, message, zero)).toBe(true);
    expect(kernel.verify(forged, message, zero)).toBe(false);
  });

  test('rejects a key with a limb at or beyond p', () => {
    const message = new Uint8Array(40).fill(6);
    const signature = kernel.sign(message, secret(1n), new Uint8Array(64));
    const key = kernel.publicKey(secret(1n));
    const beyond = key.slice();
    new DataView(beyond.buffer).setBigUint64(8, P, true);
    expect(kernel.verify(signature, message, key)).toBe(true);
    expect(kernel.verify(signature, message, beyond)).toBe(false);
  });

  test('throws on a wrong length, which is a bug of the caller', () => {
    const [signature, message, key] = [new Uint8Array(80), new Uint8Array(40), new Uint8Array(40)];
    const short = new Uint8Array(39);
    for (const call of [
      () => kernel.verify(short, message, key),
      () => kernel.verify(signature, short, key),
      () => kernel.verify(signature, message, short),
      () => kernel.sign(short, secret(1n), new Uint8Array(64)),
      () => kernel.sign(message, new Secret(short), new Uint8Array(64)),
      () => kernel.sign(message, secret(1n), new Uint8Array(32)),
      () => kernel.publicKey(new Secret(short)),
    ]) {
      expect(call).toThrow('bytes where');
    }
  });
});

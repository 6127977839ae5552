import { describe, expect, test } from '@jest/globals';

import { chooseCurve, type Curve, nobleCurve } from '../../../signers/lightning/index.ts';

/** A curve that differs from the reference in one bit of one operation. */
const liars: { readonly [Operation in Exclude<keyof Curve, 'name'>]: Curve[Operation] } = {
  sign: (...given) => flipped(nobleCurve.sign(...given)),
  signRecoverable: (...given) => {
    const { signature, recoveryId } = nobleCurve.signRecoverable(...given);
    return { signature, recoveryId: recoveryId ^ 1 };
  },
  publicKey: (...given) => flipped(nobleCurve.publicKey(...given)),
  multiplyPoint: (...given) => flipped(nobleCurve.multiplyPoint(...given)),
  addToPrivateKey: (...given) => flipped(nobleCurve.addToPrivateKey(...given)),
  isPoint: (bytes) => bytes.length === 33,
  verify: (signature) => signature.length === 64,
};

describe('the curve chosen at start', () => {
  test('is the accelerator where it agrees with the reference', async () => {
    const { curve, reason } = await chooseCurve();
    expect(curve.name).toBe('tiny-secp256k1');
    expect(reason).toBe('`tiny-secp256k1` and `@noble/secp256k1` agree');
  });

  test('is the reference where the accelerator does not load', async () => {
    const { curve, reason } = await chooseCurve(() =>
      Promise.reject(new Error('WebAssembly is not defined')),
    );
    expect(curve).toBe(nobleCurve);
    expect(reason).toBe('the accelerator did not load: WebAssembly is not defined');
  });

  test.each(Object.keys(liars))('is the reference where `%s` differs', async (operation) => {
    const lie = Object.entries(liars).filter(([name]) => name === operation);
    const liar: Curve = { ...nobleCurve, name: 'liar', ...Object.fromEntries(lie) };
    const { curve, reason } = await chooseCurve(() => Promise.resolve(liar));
    expect(curve).toBe(nobleCurve);
    expect(reason).toBe(`\`liar\` and \`@noble/secp256k1\` differ in \`${operation}\``);
  });

  test('is the reference where the accelerator takes what must be refused', async () => {
    const generous: Curve = {
      ...nobleCurve,
      sign: (digest, key) =>
        key.every((byte) => byte === 0) ? new Uint8Array(64) : nobleCurve.sign(digest, key),
    };
    expect((await chooseCurve(() => Promise.resolve(generous))).curve).toBe(nobleCurve);
  });

  test('is the reference where the accelerator differs only at the extremes', async () => {
    const atOrder: Curve = {
      ...nobleCurve,
      sign: (digest, key) =>
        digest.every((byte) => byte === 0xff)
          ? flipped(nobleCurve.sign(digest, key))
          : nobleCurve.sign(digest, key),
    };
    expect((await chooseCurve(() => Promise.resolve(atOrder))).curve).toBe(nobleCurve);
  });
});

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
}

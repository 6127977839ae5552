import { describe, expect, test } from '@jest/globals';

import {
  type Accelerator,
  chooseCurve,
  type Curve,
  loadTinyCurve,
  nobleCurve,
} from '../../../signers/lightning/index.ts';

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
  const honest: Accelerator = { name: 'honest', load: loadTinyCurve };
  const missing: Accelerator = {
    name: 'missing',
    load: () => Promise.reject(new Error('No native build was found\n    loaded from: /somewhere')),
  };
  const lying: Accelerator = {
    name: 'lying',
    load: () => Promise.resolve({ ...nobleCurve, publicKey: liars.publicKey }),
  };

  test('is the first accelerator where it agrees with the reference; the second is not loaded', async () => {
    const second = { name: 'second', load: () => Promise.reject(new Error('was loaded')) };
    const { curve, reason } = await chooseCurve([honest, second]);
    expect(curve.name).toBe('tiny-secp256k1');
    expect(reason).toBe('`honest` and `@noble/secp256k1` agree');
  });

  test('is the second accelerator where the first does not load, and the reason tells of both', async () => {
    const { curve, reason } = await chooseCurve([missing, honest]);
    expect(curve.name).toBe('tiny-secp256k1');
    expect(reason).toBe(
      '`missing` did not load: No native build was found; `honest` and `@noble/secp256k1` agree',
    );
  });

  test('is the second accelerator where the first lies', async () => {
    const { curve, reason } = await chooseCurve([lying, honest]);
    expect(curve.name).toBe('tiny-secp256k1');
    expect(reason).toBe(
      '`lying` and `@noble/secp256k1` differ in `publicKey`; `honest` and `@noble/secp256k1` agree',
    );
  });

  test('is the reference where none loads or agrees', async () => {
    const { curve, reason } = await chooseCurve([missing, lying]);
    expect(curve).toBe(nobleCurve);
    expect(reason).toBe(
      '`missing` did not load: No native build was found; `lying` and `@noble/secp256k1` differ in `publicKey`',
    );
  });

  test.each(Object.keys(liars))('is the reference where `%s` differs', async (operation) => {
    const lie = Object.entries(liars).filter(([name]) => name === operation);
    const liar: Curve = { ...nobleCurve, ...Object.fromEntries(lie) };
    const { curve, reason } = await chooseCurve([
      { name: 'liar', load: () => Promise.resolve(liar) },
    ]);
    expect(curve).toBe(nobleCurve);
    expect(reason).toBe(`\`liar\` and \`@noble/secp256k1\` differ in \`${operation}\``);
  });

  test('is the reference where the accelerator takes what must be refused', async () => {
    const generous: Curve = {
      ...nobleCurve,
      sign: (digest, key) =>
        key.every((byte) => byte === 0) ? new Uint8Array(64) : nobleCurve.sign(digest, key),
    };
    expect(await chosen(generous)).toBe(nobleCurve);
  });

  test('is the reference where the accelerator differs only at the extremes', async () => {
    const atOrder: Curve = {
      ...nobleCurve,
      sign: (digest, key) =>
        digest.every((byte) => byte === 0xff)
          ? flipped(nobleCurve.sign(digest, key))
          : nobleCurve.sign(digest, key),
    };
    expect(await chosen(atOrder)).toBe(nobleCurve);
  });
});

async function chosen(curve: Curve): Promise<Curve> {
  const load = () => Promise.resolve(curve);
  return (await chooseCurve([{ name: 'candidate', load }])).curve;
}

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
}

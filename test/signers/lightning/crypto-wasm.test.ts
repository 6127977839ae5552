/** Byte for byte the official library, on random inputs and on each curve. */
import { expect, test } from '@jest/globals';
import { hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';

import {
  createLightningKeys,
  FIRST_COMMITMENT_INDEX,
  type KeyTweaks,
  nobleCurve,
} from '../../../signers/lightning/index.ts';
import { multiplyScalars } from '../../../signers/lightning/scalar.ts';
import { Secret } from '../../../src/base/secret.ts';
import { createOfficialKeys } from '../../support/crypto-wasm.ts';
import { describeOnEachCurve } from '../../support/curves.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const seeds = fc.oneof(
  bytes(16),
  bytes(32),
  bytes(64),
  fc.uint8Array({ minLength: 16, maxLength: 64 }),
);
const indices = fc.oneof(fc.nat({ max: 5 }), fc.integer({ min: 0, max: 2 ** 31 - 1 }));
const channelPaths = indices.map((channel) => `m/3/${String(channel)}`);
const signingPaths = fc.oneof(
  fc.tuple(channelPaths, fc.nat({ max: 4 })).map(([channel, key]) => `${channel}/${String(key)}`),
  indices.map((index) => `m/1/${String(index)}`),
  fc
    .tuple(fc.nat({ max: 2 }), fc.nat({ max: 1 }), indices)
    .map(([coin, chain, index]) => `m/84'/${String(coin)}'/0'/${String(chain)}/${String(index)}`),
  fc
    .array(fc.tuple(indices, fc.constantFrom('', "'")), { minLength: 2, maxLength: 6 })
    .map((levels) => ['m', ...levels.map(([index, mark]) => `${String(index)}${mark}`)].join('/')),
);
const edges = [0n, 1n, 2n ** 47n, FIRST_COMMITMENT_INDEX - 1n, FIRST_COMMITMENT_INDEX];
const commitmentIndices = fc.oneof(
  fc.constantFrom(...edges),
  fc.bigInt({ min: 0n, max: FIRST_COMMITMENT_INDEX }),
);
const digests = fc.oneof(
  bytes(32),
  fc.constantFrom(new Uint8Array(32), new Uint8Array(32).fill(0xff)),
);
/** The first byte below ff keeps a tweak below n; a random one is 0 never. */
const tweak = bytes(32).map((value) =>
  Uint8Array.from([(value[0] ?? 0) & 0x7f, ...value.slice(1)]),
);
const tweaks: fc.Arbitrary<KeyTweaks | undefined> = fc.oneof(
  fc.constant(undefined),
  tweak.map((add) => ({ add })),
  tweak.map((mul) => ({ mul })),
  fc.tuple(tweak, tweak).map(([add, mul]) => ({ add, mul })),
  fc.constant({ add: new Uint8Array(32) }),
);

const minusOne = hexToBytes('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140');

describeOnEachCurve('any input', (curve) => {
  const pair = (seed: Uint8Array) => ({
    ours: createLightningKeys(new Secret(seed.slice()), curve),
    theirs: createOfficialKeys(seed),
  });
  const check = <Inputs extends [unknown, ...unknown[]]>(property: fc.IProperty<Inputs>): void => {
    fc.assert(property, { numRuns: curve === nobleCurve ? 15 : 60 });
  };

  test('derives the same public key for any path', () => {
    check(
      fc.property(seeds, signingPaths, (seed, path) => {
        const { ours, theirs } = pair(seed);
        expect(ours.publicKey(path)).toEqual(theirs.publicKey(path));
      }),
    );
  });

  test('exports the same master extended public key on any network', () => {
    const networks = fc.constantFrom('MAINNET', 'TESTNET', 'REGTEST', 'SIGNET');
    check(
      fc.property(seeds, networks, (seed, network) => {
        const { ours, theirs } = pair(seed);
        expect(ours.masterExtendedPublicKey(network)).toBe(theirs.masterExtendedPublicKey(network));
      }),
    );
  });

  test('signs the same bytes for any path, digest and tweaks', () => {
    check(
      fc.property(seeds, signingPaths, digests, tweaks, (seed, path, digest, applied) => {
        const { ours, theirs } = pair(seed);
        expect(ours.sign(path, digest, applied)).toEqual(theirs.sign(path, digest, applied));
      }),
    );
  });

  test('shares the same secret with any peer', () => {
    check(
      fc.property(seeds, seeds, (seed, peerSeed) => {
        const { ours, theirs } = pair(seed);
        const peer = pair(peerSeed).ours.publicKey('m/0');
        expect(ours.sharedSecret(peer)).toEqual(theirs.sharedSecret(peer));
      }),
    );
  });

  test('signs invoices with the same recovery id', () => {
    check(
      fc.property(seeds, digests, (seed, hash) => {
        const { ours, theirs } = pair(seed);
        expect(ours.signInvoice(hash)).toEqual(theirs.signInvoice(hash));
      }),
    );
  });

  test('generates the same per-commitment secrets and points, in any order of asking', () => {
    check(
      fc.property(
        seeds,
        channelPaths,
        fc.array(commitmentIndices, { minLength: 1, maxLength: 4 }),
        (seed, path, asked) => {
          const { ours, theirs } = pair(seed);
          for (const index of asked.flatMap((base) => [base, base ^ 1n, base ^ 256n])) {
            expect(ours.perCommitmentSecret(path, index)).toEqual(
              theirs.perCommitmentSecret(path, index),
            );
          }
          const [first = 0n] = asked;
          expect(ours.perCommitmentPoint(path, first)).toEqual(
            theirs.perCommitmentPoint(path, first),
          );
        },
      ),
    );
  });

  test('computes the same preimage and payment hash from any nonce', () => {
    check(
      fc.property(seeds, bytes(32), (seed, nonce) => {
        const { ours, theirs } = pair(seed);
        expect(ours.preimage(nonce)).toEqual(theirs.preimage(nonce));
        expect(ours.paymentHash(nonce)).toEqual(theirs.paymentHash(nonce));
      }),
    );
  });

  test('refuses the tweaks and messages that the official library refuses', () => {
    const seed = new Uint8Array(32).fill(3);
    const { ours, theirs } = pair(seed);
    const path = 'm/3/7/1';
    const digest = new Uint8Array(32).fill(2);
    const key = theirs.privateKey(path);
    const negated = multiplyScalars(key, minusOne);
    const refused: Readonly<Record<string, readonly [Uint8Array, KeyTweaks]>> = {
      'add_tweak length not 0 and not 32 bytes': [digest, { add: digest.subarray(1) }],
      'add_tweak >= n': [digest, { add: new Uint8Array(32).fill(0xff) }],
      'add_tweak = n - k (result zero)': [digest, { add: negated }],
      'mul_tweak = 0': [digest, { mul: new Uint8Array(32) }],
      'message not 32 bytes when raw': [digest.subarray(1), {}],
    };
    expect(Object.keys(refused)).toEqual(
      lightsparkVectors.tweak_rejections.map((rejection) => rejection.case),
    );
    for (const [message, applied] of Object.values(refused)) {
      expect(() => theirs.sign(path, message, applied)).toThrow();
      expect(() => ours.sign(path, message, applied)).toThrow();
    }
  });
});

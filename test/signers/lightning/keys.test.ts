/** The golden values, through the door, on each curve. */
import { describe, expect, test } from '@jest/globals';
import { sha256 } from '@noble/hashes/sha2.js';
import { HDKey } from '@scure/bip32';

import {
  commitmentTweak,
  createLightningKeys,
  FIRST_COMMITMENT_INDEX,
  type KeyTweaks,
  nobleCurve,
} from '../../../signers/lightning/index.ts';
import { createKeyTree } from '../../../signers/lightning/key-tree.ts';
import { tweakPrivateKey } from '../../../signers/lightning/key-tweaks.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { cryptoWasm } from '../../support/crypto-wasm.ts';
import { describeOnEachCurve } from '../../support/curves.ts';
import { lightsparkVectors as vectors } from '../../support/lightspark-vectors.ts';

const secretOf = (seed: Hex): Secret => new Secret(fromHex(seed));

function tweaksOf(vector: { add_tweak: Hex | null; mul_tweak: Hex | null }): KeyTweaks {
  return {
    ...(vector.add_tweak !== null && { add: fromHex(vector.add_tweak) }),
    ...(vector.mul_tweak !== null && { mul: fromHex(vector.mul_tweak) }),
  };
}

describeOnEachCurve('golden values', (curve) => {
  const keysOf = (seed: Hex): ReturnType<typeof createLightningKeys> =>
    createLightningKeys(secretOf(seed), curve);

  test.each(vectors.bip32_root)('bip32_root of $seed on $network', (vector) => {
    expect(keysOf(vector.seed).masterExtendedPublicKey(vector.network)).toBe(vector.master_xpub);
  });

  test.each(vectors.ecdh)('ecdh with $peer_public_key', (vector) => {
    const secret = keysOf(vector.seed).sharedSecret(fromHex(vector.peer_public_key));
    expect(toHex(secret)).toBe(vector.shared_secret);
  });

  test.each(vectors.per_commitment)('per_commitment $derivation_path at $index', (vector) => {
    const keys = keysOf(vector.seed);
    const index = BigInt(vector.index);
    expect(toHex(keys.perCommitmentSecret(vector.derivation_path, index))).toBe(vector.secret);
    expect(toHex(keys.perCommitmentPoint(vector.derivation_path, index))).toBe(vector.point);
    expect(FIRST_COMMITMENT_INDEX - index).toBe(BigInt(vector.commitment_number));
  });

  test.each(vectors.sign_invoice_hash)('sign_invoice_hash of $payreq_hash', (vector) => {
    const keys = keysOf(vector.seed);
    const { signature, recoveryId } = keys.signInvoice(fromHex(vector.payreq_hash));
    expect([toHex(signature), recoveryId]).toEqual([vector.signature, vector.recovery_id]);
    expect(toHex(keys.publicKey('m/0'))).toBe(vector.node_public_key);
  });

  test.each(vectors.preimage)('preimage of $nonce', (vector) => {
    const keys = keysOf(vector.seed);
    expect(toHex(keys.preimage(fromHex(vector.nonce)))).toBe(vector.preimage);
    expect(toHex(keys.paymentHash(fromHex(vector.nonce)))).toBe(vector.payment_hash);
  });

  test.each(vectors.derive_key_and_sign)('derive_key_and_sign at $derivation_path', (vector) => {
    const message = fromHex(vector.message);
    const digest = vector.is_raw ? message : sha256(message);
    const tweaks = tweaksOf(vector);
    // Two vectors sign with `m`, which we never do: they are checked below the door.
    const key = createKeyTree(secretOf(vector.seed), curve).privateKey(vector.derivation_path);
    const tweaked = tweakPrivateKey(curve, key, tweaks);
    expect(toHex(tweaked)).toBe(vector.tweaked_private_key);
    expect(toHex(curve.sign(digest, tweaked))).toBe(vector.signature_compact);

    const keys = keysOf(vector.seed);
    const publicKey = keys.publicKey(vector.derivation_path, tweaks);
    expect(toHex(publicKey)).toBe(vector.tweaked_public_key);
    if (vector.derivation_path !== 'm') {
      expect(toHex(keys.sign(vector.derivation_path, digest, tweaks))).toBe(
        vector.signature_compact,
      );
    }
  });

  test.each(vectors.signing_jobs)('signing_jobs: $kind', ({ seed, job, expected_signature }) => {
    const signature = keysOf(seed).sign(job.derivation_path, fromHex(job.message), tweaksOf(job));
    expect(toHex(signature)).toBe(expected_signature);
  });

  test.each(vectors.tweak_from_per_commitment_point)(
    'tweak_from_per_commitment_point of $channel_path',
    (vector) => {
      const keys = keysOf(vector.seed);
      const point = keys.perCommitmentPoint(vector.channel_path, BigInt(vector.index));
      const delayed = keys.publicKey(`${vector.channel_path}/3`);
      const htlc = keys.publicKey(`${vector.channel_path}/4`);
      expect([point, delayed, htlc].map(toHex)).toEqual([
        vector.point,
        vector.delayed_basepoint,
        vector.htlc_basepoint,
      ]);
      expect(toHex(commitmentTweak(point, delayed))).toBe(vector.delayed_add_tweak);
      expect(toHex(commitmentTweak(point, htlc))).toBe(vector.htlc_add_tweak);
    },
  );

  test.each(vectors.l1_wallet)('l1_wallet account $account_path', (vector) => {
    const main = { public: 0x0488b21e, private: 0x0488ade4 };
    const test = { public: 0x043587cf, private: 0x04358394 };
    const versions = vector.network === 'MAINNET' ? main : test;
    const account = HDKey.fromExtendedKey(vector.account_xpub, versions);
    const keys = keysOf(vector.seed);
    expect(keys.publicKey(vector.account_path)).toEqual(account.publicKey);
    const change = account.deriveChild(1).deriveChild(7);
    expect(keys.publicKey(`${vector.account_path}/1/7`)).toEqual(change.publicKey);
  });

  test.each(vectors.bip39)('bip39 seed of `$mnemonic`', ({ mnemonic, seed }) => {
    const { Mnemonic, Seed } = cryptoWasm;
    const official = Seed.from_mnemonic(Mnemonic.from_phrase(mnemonic)).as_bytes();
    expect(toHex(official)).toBe(seed);
    expect(keysOf(seed).masterExtendedPublicKey('MAINNET')).toBe(
      HDKey.fromMasterSeed(official).publicExtendedKey,
    );
  });
});

describe('the keys of a seed', () => {
  const keys = createLightningKeys(new Secret(new Uint8Array(32).fill(1)), nobleCurve);
  const digest = new Uint8Array(32).fill(2);
  const one = Uint8Array.from({ length: 32 }, (_, index) => Number(index === 31));

  test('do not depend on the network: only the extended key text does', () => {
    const [main, ...others] = (['MAINNET', 'TESTNET', 'REGTEST', 'SIGNET'] as const).map(
      (network) => keys.masterExtendedPublicKey(network),
    );
    expect(main).toMatch(/^xpub/);
    expect(new Set(others).size).toBe(1);
    expect(others[0]).toMatch(/^tpub/);
  });

  test.each(['m', 'm/0', "m/4'", 'm/5'])('never sign a message with `%s`', (path) => {
    expect(() => keys.sign(path, digest)).toThrow('never signs messages');
    expect(() => keys.sign(path, digest, { add: one })).toThrow('never signs messages');
  });

  test.each(['m/00', "m/04'", 'm/4h', '', 'm/', '0', 'm/+5', 'm/05'])(
    'do not sign under `%s`, another spelling of a key that never signs',
    (path) => {
      expect(() => keys.sign(path, digest)).toThrow('not canonical');
    },
  );

  test.each(['m/3/7/0', 'm/3', 'm/0', "m/3'/7", 'm/3/07'])(
    'have no per-commitment secrets under `%s`',
    (path) => {
      expect(() => keys.perCommitmentSecret(path, 1n)).toThrow('belong to a channel path');
      expect(() => keys.perCommitmentPoint(path, 1n)).toThrow('belong to a channel path');
    },
  );

  test('refuse an index that the official library would wrap to another', () => {
    expect(() => keys.perCommitmentSecret('m/3/7', 2n ** 48n)).toThrow('48 bits');
    expect(() => keys.perCommitmentPoint('m/3/7', 2n ** 48n)).toThrow('48 bits');
    expect(() => keys.perCommitmentSecret('m/3/7', 2n ** 64n - 1n)).toThrow('48 bits');
    expect(() => keys.perCommitmentSecret('m/3/7', -1n)).toThrow('48 bits');
  });

  test.each([0, 31, 33])('do not sign a message of %i bytes', (length) => {
    expect(() => keys.sign('m/3/7/0', new Uint8Array(length))).toThrow();
    expect(() => keys.signInvoice(new Uint8Array(length))).toThrow();
  });

  test('hash the shared point with its parity, so both signs of a peer key differ', () => {
    const peer = keys.publicKey('m/3/7/0');
    const negated = peer.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
    expect(keys.sharedSecret(peer)).not.toEqual(keys.sharedSecret(negated));
  });

  test('refuse a peer key that is not a point', () => {
    expect(() => keys.sharedSecret(new Uint8Array(33).fill(2, 0, 1))).toThrow();
    expect(() => keys.sharedSecret(keys.publicKey('m/0').subarray(1))).toThrow();
  });

  test('sign the same bytes each time, from the cache or not', () => {
    const fresh = createLightningKeys(new Secret(new Uint8Array(32).fill(1)), nobleCurve);
    const signature = keys.sign('m/3/7/4', digest, { mul: one, add: one });
    expect(keys.sign('m/3/7/4', digest, { mul: one, add: one })).toEqual(signature);
    expect(fresh.sign('m/3/7/4', digest, { mul: one, add: one })).toEqual(signature);
  });

  test('lend nothing: what they answer may be overwritten', () => {
    const answers = [
      () => keys.publicKey('m/3/7/0'),
      () => keys.perCommitmentPoint('m/3/7', 5n),
      () => keys.perCommitmentSecret('m/3/7', 256n),
      () => keys.preimage(digest),
      () => keys.invoiceNonce('Invoice:1'),
    ];
    for (const answer of answers) {
      const first = answer();
      const copy = first.slice();
      first.fill(0);
      expect(answer()).toEqual(copy);
    }
  });

  test('seal an imported preimage for one invoice', () => {
    const sealed = keys.sealPreimage('Invoice:1', digest);
    expect(sealed).not.toContain(toHex(digest));
    expect(keys.openPreimage('Invoice:1', sealed)).toEqual(digest);
    expect(keys.openPreimage('Invoice:2', sealed)).toBeUndefined();
  });

  test('show nothing of themselves when printed', () => {
    expect(JSON.stringify(keys)).toBe('{}');
  });

  test('stay when the seed is disposed of, and end with their own disposal', () => {
    const seed = new Secret(new Uint8Array(32).fill(1));
    const ending = createLightningKeys(seed, nobleCurve);
    seed[Symbol.dispose]();
    expect(ending.publicKey('m/0')).toEqual(keys.publicKey('m/0'));
    const nonce = ending.invoiceNonce('Invoice:1');
    ending.perCommitmentPoint('m/3/7', 5n);
    ending[Symbol.dispose]();
    const calls = [
      () => ending.masterExtendedPublicKey('MAINNET'),
      () => ending.publicKey('m/0'),
      () => ending.sign('m/3/7/0', digest),
      () => ending.signInvoice(digest),
      () => ending.sharedSecret(keys.publicKey('m/0')),
      () => ending.perCommitmentSecret('m/3/7', 5n),
      () => ending.perCommitmentPoint('m/3/7', 5n),
      () => ending.invoiceNonce('Invoice:1'),
      () => ending.preimage(nonce),
      () => ending.paymentHash(nonce),
      () => ending.sealPreimage('Invoice:1', digest),
      () => ending.openPreimage('Invoice:1', keys.sealPreimage('Invoice:1', digest)),
    ];
    for (const call of calls) expect(call).toThrow('keys were disposed of');
  });
});

import { describe, expect, test } from '@jest/globals';

import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { chooseFastestCurve } from '../../../src/compose/curve.ts';
import type { SignerInputs } from '../../../src/protocols/lightspark/inputs.ts';
import { sign } from '../../../src/protocols/lightspark/sign.ts';
import { createLightningKeys } from '../../../signers/lightning/index.ts';
import { lightsparkVectors as vectors } from '../../support/lightspark-vectors.ts';

const { curve } = await chooseFastestCurve();

function answer(seed: Hex, inputs: SignerInputs): unknown {
  const keys = createLightningKeys(new Secret(fromHex(seed)), curve);
  return sign(inputs, { keys, sealedPreimage: () => undefined });
}

describe('an answer', () => {
  test.each(vectors.ecdh)('is the shared secret with a peer', (vector) => {
    const inputs = { kind: 'ecdh', peerPublicKey: vector.peer_public_key } as const;
    expect(answer(vector.seed, inputs)).toEqual({ shared_secret: vector.shared_secret });
  });

  test.each(vectors.sign_invoice_hash)('is a recoverable invoice signature', (vector) => {
    const inputs = { kind: 'sign_invoice', payreqHash: vector.payreq_hash } as const;
    expect(answer(vector.seed, inputs)).toEqual({
      signature: vector.signature,
      recovery_id: BigInt(vector.recovery_id),
    });
  });

  test.each(vectors.per_commitment)('is a per-commitment point or secret', (vector) => {
    const index = BigInt(vector.index);
    const place = { channelPath: vector.derivation_path, index };
    expect(answer(vector.seed, { kind: 'per_commitment_point', ...place })).toEqual({
      per_commitment_point: vector.point,
      per_commitment_point_index: index,
    });
    expect(answer(vector.seed, { kind: 'per_commitment_secret', ...place })).toEqual({
      per_commitment_secret: vector.secret,
      per_commitment_index: index,
    });
  });

  test.each(vectors.preimage.filter(({ nonce }) => nonce.length === 64))(
    'is a payment hash with its nonce, later its preimage',
    ({ seed, nonce, preimage, payment_hash }) => {
      const invoice = { invoiceId: 'Invoice:1', nonce };
      expect(answer(seed, { kind: 'payment_hash', ...invoice })).toEqual({
        payment_hash,
        preimage_nonce: nonce,
      });
      expect(answer(seed, { kind: 'payment_preimage', ...invoice })).toEqual({
        payment_preimage: preimage,
      });
    },
  );

  test.each(vectors.derive_key_and_sign.filter(({ is_raw }) => is_raw))(
    'is a signature under the tweaked key',
    ({ seed, derivation_path, message, add_tweak, mul_tweak, signature_compact }) => {
      const job = {
        id: 'payload',
        path: derivation_path,
        digest: message,
        ...(add_tweak && { addTweak: add_tweak }),
        ...(mul_tweak && { mulTweak: mul_tweak }),
      };
      expect(answer(seed, { kind: 'signatures', jobs: [job] })).toEqual({
        signatures: [{ id: 'payload', signature: signature_compact }],
      });
    },
  );

  test('to a batch keeps the order of its jobs', () => {
    const ids = ['c', 'a', 'b'];
    const digest = toHex(new Uint8Array(32).fill(1));
    const jobs = ids.map((id, index) => ({ id, path: `m/3/7/${String(index)}`, digest }));
    const answered = answer(toHex(new Uint8Array(32).fill(2)), { kind: 'signatures', jobs });
    expect(answered).toMatchObject({ signatures: ids.map((id) => ({ id })) });
  });

  test('is the same again after a restart', () => {
    const seed = toHex(new Uint8Array(32).fill(3));
    const inputs = {
      kind: 'per_commitment_secret',
      channelPath: 'm/3/7',
      index: 281474976710655n,
    } as const;
    const [first, second] = [answer(seed, inputs), answer(seed, inputs)];
    expect(second).toEqual(first);
  });
});

describe('an imported preimage', () => {
  const keys = createLightningKeys(new Secret(new Uint8Array(32).fill(4)), curve);
  const preimage = new Uint8Array(32).fill(5);
  const inputs = { kind: 'imported_preimage', invoiceId: 'Invoice:9' } as const;

  test('is opened for the invoice it was sealed for', () => {
    const sealed = keys.sealPreimage('Invoice:9', preimage);
    expect(sign(inputs, { keys, sealedPreimage: () => sealed })).toEqual({
      payment_preimage: toHex(preimage),
    });
  });

  test('of another invoice, or lost since the decision, signs nothing', () => {
    const other = keys.sealPreimage('Invoice:8', preimage);
    expect(() => sign(inputs, { keys, sealedPreimage: () => other })).toThrow('cannot be opened');
    expect(() => sign(inputs, { keys, sealedPreimage: () => undefined })).toThrow('Invoice:9');
  });
});

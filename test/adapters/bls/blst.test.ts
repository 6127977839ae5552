import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { createBlsWorkers } from '../../../src/adapters/bls/bls-workers.ts';
import { publicKeyOf } from '../../../src/adapters/bls/blst.ts';
import { createKeySlots } from '../../../src/adapters/bls/key-slots.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import { Secret } from '../../../src/base/secret.ts';
import { objectIn, readVectors, textIn } from '../../support/bls-vectors.ts';
import { hex } from '../../support/hex.ts';
import { blst } from '../../support/validator-files.ts';

jest.setTimeout(60_000);

const bytesOf = (object: JsonObject, name: string): Uint8Array =>
  fromHex(hex(textIn(object, name).slice(2)));

const document = readVectors('signatures/sign.json');
const vectors = listIn('cases').map((item) => ({
  secret: bytesOf(objectIn(item, 'input'), 'privkey'),
  message: bytesOf(objectIn(item, 'input'), 'message'),
  publicKey: textIn(item, 'pubkey').slice(2),
  signature: textIn(item, 'output').slice(2),
}));

function listIn(name: string): readonly JsonObject[] {
  const list = isJsonObject(document) ? document[name] : undefined;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

describe('the published vectors', () => {
  const slots = createKeySlots(vectors.length);
  const started = createBlsWorkers({ count: 1, memory: slots.memory }, { alarm: jest.fn() });
  const workers = started.then((made) => {
    if (!made.ok) throw new Error(made.error.message);
    return made.value;
  });
  afterAll(async () => (await workers).close());

  test('have the public keys that we compute', async () => {
    const library = await blst();
    for (const { secret, publicKey } of vectors) {
      expect(publicKeyOf(library, secret)).toBe(publicKey);
    }
  });

  test('have the signatures that the threads make, of messages of 32 bytes and of no others', async () => {
    const { sign } = await workers;
    let count = 0;
    for (const { secret, message, signature } of vectors) {
      const slot = slots.put(new Secret(secret.slice()));
      if (!slot.ok) throw new Error(slot.error.message);
      const signed = sign(slot.value, message);
      if (message.length === 32) {
        expect(toHex(await signed)).toBe(signature);
        count += 1;
      } else {
        await expect(signed).rejects.toThrow('32 bytes');
      }
    }
    expect(count).toBeGreaterThan(8);
    expect(count).toBeLessThan(vectors.length);
  });
});

describe('a secret key', () => {
  const invalid = listIn('invalid').map((item) => textIn(item, 'privkey'));

  test('is neither zero nor as large as the group order', async () => {
    expect(invalid.length).toBeGreaterThan(1);
    const library = await blst();
    for (const text of invalid) {
      expect(publicKeyOf(library, fromHex(hex(text.slice(2))))).toBeUndefined();
    }
  });

  test('has 32 bytes', async () => {
    const library = await blst();
    expect(publicKeyOf(library, new Uint8Array(31).fill(1))).toBeUndefined();
    expect(publicKeyOf(library, new Uint8Array(33).fill(1))).toBeUndefined();
  });
});

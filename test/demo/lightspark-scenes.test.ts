import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import type { Hex } from '../../src/base/hex.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { createScenes } from '../../src/demo/lightspark-scenes.ts';
import { createOfficialSigner, type OfficialSigner } from '../../src/demo/official-signer.ts';
import { MUTATIONS } from '../../src/protocols/lightspark/mutations.ts';

const signer = createOfficialSigner(new Uint8Array(64).fill(1));
const other = createOfficialSigner(new Uint8Array(64).fill(2));
const scenes = createScenes(signer, other);

describe('the scenes of the demo', () => {
  test('show every mutation and every outcome that an event can have', () => {
    expect(new Set(scenes.flatMap(({ sent }) => sent ?? []))).toEqual(
      new Set(Object.keys(MUTATIONS)),
    );
    expect(new Set(scenes.map(({ outcome }) => outcome))).toEqual(
      new Set(['signed', 'declined', 'withheld', 'ignored', 'malformed', 'unverified', 'conflict']),
    );
  });

  test('check everything that is sent, and notice what is not true', () => {
    const wrong: JsonObject = { signatures: [{ id: 'x', signature: 'ab'.repeat(64) }] };
    for (const { title, sent, check } of scenes) {
      expect([title, check !== undefined]).toEqual([title, sent !== undefined]);
      expect([title, check?.(wrong)]).not.toEqual([title, []]);
    }
  });

  test('notice a signature of another seed', () => {
    const scene = scenes.find(({ title }) => title === 'commitment 0 of the counterparty');
    const event = scene?.event();
    if (typeof event !== 'object') throw new Error('no event');
    const jobs = z.tuple([
      z.object({ id: z.string(), derivation_path: z.string(), message: z.custom<Hex>() }),
    ]);
    const [{ id, derivation_path: path, message }] = jobs.parse(event.data['signing_jobs']);
    const signedBy = (seed: OfficialSigner) => ({
      signatures: [{ id, signature: seed.sign(path, message, {}) }],
    });
    expect(scene?.check?.(signedBy(signer))).toEqual([]);
    expect(scene?.check?.(signedBy(other))).toHaveLength(2);
  });
});

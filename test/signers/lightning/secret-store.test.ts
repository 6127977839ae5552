import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  emptySecretStore,
  FIRST_COMMITMENT_INDEX,
  insertSecret,
  lookupSecret,
  type SecretStore,
} from '../../../signers/lightning/index.ts';
import { createCommitmentSecrets } from '../../../signers/lightning/per-commitment.ts';
import { type Hex, toHex } from '../../../src/base/hex.ts';
import { parseJson, stringifyJson } from '../../../src/base/json.ts';

const file = new URL('../../vectors/bolt3/per-commitment-secrets.json', import.meta.url);
// SAFETY: the file is pinned in this repository.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const { storage } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly storage: readonly {
    readonly name: string;
    readonly insertions: readonly {
      readonly index: string;
      readonly secret: Hex;
      readonly accepted: boolean;
    }[];
  }[];
};

const secrets = createCommitmentSecrets(new Uint8Array(32).fill(0x5e));
const secretAt = (index: bigint): Hex => toHex(secrets.at(index));
const foreignSecret = toHex(new Uint8Array(32));

function filled(indices: Iterable<bigint>): SecretStore {
  let store = emptySecretStore;
  for (const index of indices) {
    const inserted = insertSecret(store, index, secretAt(index));
    if (!inserted.ok) throw new Error(`index ${String(index)} was found inconsistent`);
    store = inserted.value;
  }
  return store;
}

/** `count` indices counting down from `start`. */
function countdown(start: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, step) => start - BigInt(step));
}

describe('BOLT 3 appendix D, storage tests', () => {
  test.each(storage)('$name', ({ insertions }) => {
    let store = emptySecretStore;
    for (const { index, secret, accepted } of insertions) {
      const inserted = insertSecret(store, BigInt(index), secret);
      expect(inserted.ok).toBe(accepted);
      if (inserted.ok) store = inserted.value;
    }
  });
});

describe('a store of revealed secrets', () => {
  test('yields every secret of a channel that revealed a thousand in order', () => {
    const revealed = countdown(FIRST_COMMITMENT_INDEX, 1000);
    const store = filled(revealed);
    for (const index of revealed) expect(lookupSecret(store, index)).toBe(secretAt(index));
    expect(lookupSecret(store, FIRST_COMMITMENT_INDEX - 1000n)).toBeUndefined();
    expect(store).toHaveLength(49);
    expect(store.filter((slot) => slot !== null)).toHaveLength(10);
  });

  test('holds the last secret of all, index 0, in its own slot', () => {
    const store = filled(countdown(5n, 6));
    expect(store[48]).toEqual({ index: 0n, secret: secretAt(0n) });
    expect(lookupSecret(store, FIRST_COMMITMENT_INDEX)).toBe(secretAt(FIRST_COMMITMENT_INDEX));
  });

  test('may start in mid-life', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 64n, max: FIRST_COMMITMENT_INDEX }), (start) => {
        const revealed = countdown(start, 40);
        const store = filled(revealed);
        for (const index of revealed) expect(lookupSecret(store, index)).toBe(secretAt(index));
      }),
      { numRuns: 30 },
    );
  });

  test('takes a missed index for a gap and not for a contradiction', () => {
    const indices = fc.uniqueArray(fc.nat({ max: 200 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(indices, (missed) => {
        const revealed = countdown(FIRST_COMMITMENT_INDEX, 200).filter(
          (_, step) => !missed.includes(step),
        );
        const store = filled(revealed);
        const last = revealed.at(-1);
        if (last !== undefined) expect(lookupSecret(store, last)).toBe(secretAt(last));
      }),
      { numRuns: 30 },
    );
  });

  test('never calls honest secrets inconsistent, and never yields a wrong one, in any order', () => {
    const steps = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(steps, (order) => {
        const store = filled(order.map((step) => FIRST_COMMITMENT_INDEX - BigInt(step)));
        for (const index of countdown(FIRST_COMMITMENT_INDEX, 42)) {
          expect([undefined, secretAt(index)]).toContain(lookupSecret(store, index));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is complete once reordered reveals have all arrived', () => {
    const revealed = countdown(FIRST_COMMITMENT_INDEX, 32);
    const swapped = revealed.flatMap((index, step) =>
      step % 2 === 0 ? [revealed[step + 1] ?? index, index] : [],
    );
    const store = filled(swapped);
    for (const index of revealed) expect(lookupSecret(store, index)).toBe(secretAt(index));
  });

  test('is unchanged by a secret it knows already', () => {
    const store = filled(countdown(FIRST_COMMITMENT_INDEX, 10));
    for (const index of countdown(FIRST_COMMITMENT_INDEX, 10)) {
      expect(insertSecret(store, index, secretAt(index))).toEqual({ ok: true, value: store });
    }
  });

  test('finds another secret for a known index inconsistent', () => {
    const store = filled(countdown(FIRST_COMMITMENT_INDEX, 10));
    for (const index of countdown(FIRST_COMMITMENT_INDEX, 10)) {
      expect(insertSecret(store, index, foreignSecret)).toEqual({
        ok: false,
        error: 'inconsistent',
      });
    }
  });

  test('refuses an index above 48 bits', () => {
    expect(() => insertSecret(emptySecretStore, 2n ** 48n, foreignSecret)).toThrow('48 bits');
    expect(lookupSecret(filled([0n]), 2n ** 48n)).toBeUndefined();
  });

  test('is never changed in place', () => {
    const before = filled(countdown(FIRST_COMMITMENT_INDEX, 3));
    const copy = [...before];
    insertSecret(before, FIRST_COMMITMENT_INDEX - 3n, secretAt(FIRST_COMMITMENT_INDEX - 3n));
    expect(before).toEqual(copy);
    expect(Object.isFrozen(before)).toBe(true);
  });

  test('survives JSON', () => {
    const store = filled(countdown(FIRST_COMMITMENT_INDEX, 100));
    expect(parseJson(stringifyJson(store))).toEqual({ ok: true, value: store });
  });
});

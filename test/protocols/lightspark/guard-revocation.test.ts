/** Which points and secrets of a channel leave: DESIGN section 4, "Secrets". */
import { describe, expect, test } from '@jest/globals';

import type { CommitmentIndex } from '../../../src/protocols/lightspark/events.ts';
import { FIRST_COMMITMENT_INDEX as FIRST } from '../../../signers/lightning/index.ts';
import { createGuardedSigner, type GuardedSigner } from '../../support/guarded-signer.ts';

const PATH = 'm/3/7';

const at = (index: bigint, derivationPath = PATH): CommitmentIndex => ({ derivationPath, index });
const point = (signer: GuardedSigner, index: bigint) =>
  signer.ask('GET_PER_COMMITMENT_POINT', at(index));
const release = (signer: GuardedSigner, index: bigint) =>
  signer.ask('RELEASE_PER_COMMITMENT_SECRET', at(index));

/** A signer that has seen a channel begin and released the secrets of `commitments` commitments. */
function signerOfChannel(commitments = 0): GuardedSigner {
  const signer = createGuardedSigner();
  point(signer, FIRST);
  point(signer, FIRST - 1n);
  for (let number = 0n; number < BigInt(commitments); number += 1n) {
    point(signer, FIRST - 2n - number);
    release(signer, FIRST - number);
  }
  return signer;
}

describe('points', () => {
  test('are given out for any index, any number of times', () => {
    const signer = createGuardedSigner();
    for (const index of [FIRST, FIRST - 1n, FIRST - 1000n, 5n, FIRST]) {
      expect(point(signer, index)).toMatchObject({
        signed: true,
        inputs: { kind: 'per_commitment_point', channelPath: PATH, index },
      });
    }
  });

  test('tell policy whether the channel and the point are known', () => {
    const signer = createGuardedSigner();
    expect(point(signer, 9n).finding.facts).toMatchObject({
      channel: PATH,
      channel_known: false,
      point_issued: false,
    });
    expect(point(signer, 9n).finding.facts).toMatchObject({
      channel_known: true,
      point_issued: true,
    });
    expect(point(signer, 8n).finding.facts).toMatchObject({ point_issued: false });
  });

  test.each(['m', 'm/0', "m/4'", 'm/3/7/0', 'm/84/7', '3/7', 'm/3/07'])(
    'are not made from the key at `%s`, which is no channel',
    (path) => {
      const signer = createGuardedSigner();
      expect(signer.ask('GET_PER_COMMITMENT_POINT', at(5n, path)).doubts).toEqual([
        'not_a_channel',
      ]);
      expect(signer.ask('RELEASE_PER_COMMITMENT_SECRET', at(5n, path))).toMatchObject({
        doubts: ['not_a_channel'],
        inputs: {},
      });
    },
  );
});

describe('secrets', () => {
  test('leave in order from the first, where the channel began here', () => {
    const signer = signerOfChannel();
    for (let index = FIRST; index > FIRST - 20n; index -= 1n) {
      expect(release(signer, index)).toMatchObject({
        signed: true,
        inputs: { kind: 'per_commitment_secret', channelPath: PATH, index },
      });
    }
  });

  test('that left before leave again unchanged, in any order', () => {
    const signer = signerOfChannel(5);
    for (const index of [FIRST - 4n, FIRST, FIRST - 2n, FIRST - 4n]) {
      const asked = release(signer, index);
      expect(asked.signed).toBe(true);
      expect(asked.finding.facts).toMatchObject({ already_released: true });
    }
    expect(release(signer, FIRST - 5n).finding.facts).toMatchObject({ already_released: false });
  });

  test('beyond the next one are withheld as a gap, and the operator is told how to accept it', () => {
    const signer = signerOfChannel(5);
    const asked = release(signer, FIRST - 7n);
    expect(asked).toMatchObject({ signed: false, violations: [], doubts: ['ratchet_gap'] });
    expect(asked.finding.doubts[0]?.message).toContain(
      `countersign lightning rebaseline m/3/7 --index ${String(FIRST - 7n)}`,
    );
    expect(release(signer, FIRST - 5n).signed).toBe(true);
  });

  test('of a channel that began here start with the first', () => {
    expect(release(signerOfChannel(), FIRST - 1n).doubts).toEqual(['ratchet_gap']);
  });

  test('the first sight of an existing channel is its baseline', () => {
    const signer = createGuardedSigner();
    expect(release(signer, FIRST - 1000n).signed).toBe(true);
    expect(release(signer, FIRST - 1002n).doubts).toEqual(['ratchet_gap']);
    expect(release(signer, FIRST - 1001n).signed).toBe(true);
    expect(release(signer, FIRST - 10n).signed).toBe(true);
  });

  test('a channel whose later points were asked first is an existing one', () => {
    const signer = createGuardedSigner();
    point(signer, FIRST - 50n);
    point(signer, FIRST);
    expect(release(signer, FIRST - 48n).signed).toBe(true);
  });

  test('whether the following point was issued, and whether a close was signed, are facts', () => {
    const signer = createGuardedSigner();
    point(signer, FIRST);
    expect(release(signer, FIRST)).toMatchObject({
      signed: true,
      finding: { facts: { point_issued: false, after_close: false } },
    });
    point(signer, FIRST - 2n);
    expect(release(signer, FIRST - 1n).finding.facts).toMatchObject({ point_issued: true });
  });

  test('the last index of all can be released, and nothing follows it', () => {
    const signer = createGuardedSigner();
    expect(release(signer, 1n).signed).toBe(true);
    expect(release(signer, 0n).signed).toBe(true);
    expect(release(signer, 0n).finding.facts).toMatchObject({ already_released: true });
  });

  test('channels do not know of each other', () => {
    const signer = signerOfChannel(5);
    expect(signer.ask('RELEASE_PER_COMMITMENT_SECRET', at(99n, 'm/3/8')).signed).toBe(true);
    expect(release(signer, FIRST - 5n).signed).toBe(true);
  });
});

describe('countersign lightning rebaseline', () => {
  test('lets the withheld secret leave, and the order goes on from there', () => {
    const signer = signerOfChannel(5);
    expect(release(signer, FIRST - 9n).signed).toBe(false);
    expect(signer.rebaseline(PATH, FIRST - 9n)).toBe('accepted');
    expect(release(signer, FIRST - 10n).doubts).toEqual(['ratchet_gap']);
    expect(release(signer, FIRST - 9n).signed).toBe(true);
    expect(release(signer, FIRST - 10n).signed).toBe(true);
  });

  test('can put the order back to the beginning of a channel', () => {
    const signer = createGuardedSigner();
    point(signer, FIRST - 3n);
    expect(signer.rebaseline(PATH, FIRST)).toBe('accepted');
    expect(release(signer, FIRST - 1n).doubts).toEqual(['ratchet_gap']);
    expect(release(signer, FIRST).signed).toBe(true);
  });

  test('cannot take back what left', () => {
    expect(signerOfChannel(5).rebaseline(PATH, FIRST - 4n)).toBe('already_released');
  });

  test('refuses a channel nobody heard of, and arguments that name none', () => {
    const signer = signerOfChannel();
    expect(signer.rebaseline('m/3/8', 5n)).toBe('unknown_channel');
    expect(signer.rebaseline('m/3/7/0', 5n)).toBe('arguments');
    expect(signer.rebaseline(PATH, '5')).toBe('arguments');
    expect(signer.rebaseline(PATH, 2n ** 48n)).toBe('arguments');
  });
});

describe('after an older database was found', () => {
  test('the next release is the new baseline, with an alarm', () => {
    const signer = signerOfChannel(3);
    const older = signer.snapshot();
    release(signer, FIRST - 3n);
    release(signer, FIRST - 4n);
    signer.restore(older);
    const asked = release(signer, FIRST - 5n);
    expect(asked).toMatchObject({ signed: true, alarmed: ['rebaselined_after_restore'] });
    expect(release(signer, FIRST - 7n).doubts).toEqual(['ratchet_gap']);
    expect(release(signer, FIRST - 6n)).toMatchObject({ signed: true, alarmed: [] });
  });

  test('a gap that was withheld before is withheld still, until the operator accepts it', () => {
    const signer = signerOfChannel(3);
    for (const index of [FIRST - 9n, FIRST - 9n, FIRST - 12n]) release(signer, index);
    signer.restore(signer.snapshot());
    expect(release(signer, FIRST - 9n).doubts).toEqual(['ratchet_gap']);
    expect(release(signer, FIRST - 12n).doubts).toEqual(['ratchet_gap']);
    expect(signer.rebaseline(PATH, FIRST - 9n)).toBe('accepted');
    expect(release(signer, FIRST - 9n).signed).toBe(true);
  });

  test('a secret that left before the snapshot still leaves again, and settles nothing', () => {
    const signer = signerOfChannel(3);
    signer.restore(signer.snapshot());
    expect(release(signer, FIRST - 2n)).toMatchObject({ signed: true, alarmed: [] });
    expect(release(signer, FIRST - 9n)).toMatchObject({
      signed: true,
      alarmed: ['rebaselined_after_restore'],
    });
  });

  test('a point that is asked for in between does not make the record complete again', () => {
    const signer = signerOfChannel(3);
    signer.restore(signer.snapshot());
    point(signer, FIRST - 20n);
    expect(release(signer, FIRST - 9n).signed).toBe(true);
  });
});

describe('beside another signer (observe mode)', () => {
  test('a gap is what would have been refused, and the new baseline', () => {
    const signer = createGuardedSigner({ mode: 'observe' });
    point(signer, FIRST);
    release(signer, FIRST);
    const asked = release(signer, FIRST - 5n);
    expect(asked).toMatchObject({ doubts: ['ratchet_gap'], alarmed: ['ratchet_gap'] });
    expect(release(signer, FIRST - 6n)).toMatchObject({ doubts: [], alarmed: [] });
  });
});

describe('test events', () => {
  test('are answered in any order, from a state of their own', () => {
    const signer = createGuardedSigner({ space: 'test', keyId: 'lightspark/test' });
    for (const index of [27363191n, 5n, 100n, 3n]) {
      expect(release(signer, index)).toMatchObject({ signed: true, alarmed: [] });
    }
    expect(signer.document('test/channel/m/3/7')).toBeDefined();
    expect(signer.document('main/channel/m/3/7')).toBeUndefined();
  });
});

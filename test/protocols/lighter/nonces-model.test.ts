/**
 * The one promise about nonces, over random lives of a key: no nonce carries two transactions that
 * the exchange might both be offered, except that a cancel may join another.
 *
 * The model knows all that ever left, also what the state forgot: a backup that comes back, a request
 * whose commit never happened.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject } from '../../../src/base/json.ts';
import { cancel, createSlot, named, order, T0 } from '../../support/judged-slot.ts';
import { CASES } from '../../support/lighter-cases.ts';

interface Left {
  readonly nonce: bigint;
  readonly hash: string;
  readonly expiredAt: bigint;
  /** The exchange refused it, or has gone past its nonce. */
  settled: boolean;
}

type Step =
  | { readonly kind: 'wait'; readonly ms: number; readonly skew: number }
  | {
      readonly kind: 'ask';
      readonly mode: 'explicit' | 'strict' | 'skip';
      readonly pick: number;
      readonly offset: number;
      readonly skip: boolean;
      readonly content: number;
      readonly isCancel: boolean;
      readonly lost: boolean;
    }
  | {
      readonly kind: 'acknowledge';
      readonly pick: number;
      readonly status: 'accepted' | 'rejected' | 'failed';
      readonly named: boolean;
    }
  | { readonly kind: 'refresh'; readonly pick: number; readonly offset: number }
  | { readonly kind: 'reserve'; readonly count: number; readonly mode: 'skip' | 'strict' }
  | { readonly kind: 'rollback'; readonly pick: number; readonly offset: number }
  | { readonly kind: 'backup' }
  | { readonly kind: 'restore' };

const pick = fc.nat(1000);
const offset = fc.integer({ min: -2, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      mode: fc.constantFrom(
        'explicit' as const,
        'explicit' as const,
        'strict' as const,
        'skip' as const,
      ),
      pick,
      offset,
      skip: fc.boolean(),
      content: fc.nat(2),
      isCancel: fc.boolean(),
      lost: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('acknowledge' as const),
      pick,
      status: fc.constantFrom(
        'accepted' as const,
        'rejected' as const,
        'rejected' as const,
        'failed' as const,
      ),
      named: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat(5), fc.nat(100_000), fc.constantFrom(540_000, 599_000, 700_000)),
      /** How far our clock is from the exchange's from then on. */
      skew: fc.integer({ min: -2_000, max: 2_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refresh' as const), pick, offset }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      count: fc.integer({ min: 1, max: 4 }),
      mode: fc.constantFrom('skip' as const, 'strict' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const), pick, offset }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'backup' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restore' as const }) },
);

function live(steps: readonly Step[]): void {
  const slot = createSlot();
  const left: Left[] = [];
  let time = T0;
  let skew = 0n;
  let backup: ReadonlyMap<string, JsonObject> = new Map();
  for (const taken of steps) take(taken);

  function near(picked: number, by: number): bigint {
    const nonce = (left[picked % (left.length + 1)]?.nonce ?? T0 + 10n) + BigInt(by);
    return nonce < 0n ? 0n : nonce;
  }

  function take(taken: Step): void {
    slot.now = time + skew;
    switch (taken.kind) {
      case 'wait':
        time += BigInt(taken.ms);
        skew = BigInt(taken.skew);
        return;
      case 'ask':
        ask(taken);
        return;
      case 'acknowledge':
        acknowledge(taken);
        return;
      case 'refresh':
        // Whatever lies below is consumed, and from there on nothing is.
        if (slot.operate('refresh', { next_nonce: near(taken.pick, taken.offset) }).ok) {
          settle(() => true);
        }
        return;
      case 'reserve':
        slot.operate('reserve', { count: BigInt(taken.count), mode: taken.mode });
        return;
      case 'rollback':
        slot.operate('rollback', { nonce: near(taken.pick, taken.offset) });
        return;
      case 'backup':
        backup = slot.backup();
        return;
      case 'restore':
        // A restart takes longer than a nonce lasts.
        time += 5_000n;
        slot.restore(backup);
        return;
    }
  }

  function settle(which: (one: Left) => boolean): void {
    for (const one of left) if (which(one)) one.settled = true;
  }

  function acknowledge({
    pick: picked,
    status,
    named: isNamed,
  }: Extract<Step, { kind: 'acknowledge' }>): void {
    const meant = left[picked % (left.length + 1)];
    if (meant === undefined) return;
    const { nonce, hash } = meant;
    const name = isNamed || status === 'rejected' ? { tx_hash: hash } : {};
    if (!slot.operate('acknowledge', { nonce, status, ...name }).ok) return;
    if (status === 'accepted') settle((one) => one.nonce <= nonce);
    if (status === 'rejected') settle((one) => one.hash === hash);
  }

  function ask(asked: Extract<Step, { kind: 'ask' }>): void {
    const { mode } = asked;
    const wish = mode === 'explicit' ? named(near(asked.pick, asked.offset), asked.skip) : { mode };
    const content = BigInt(asked.content + 1);
    const before = slot.backup();
    const signed = slot.ask(asked.isCancel ? cancel(wish, content) : order(wish, content));
    if (typeof signed === 'string') return;
    if (asked.lost) {
      // The commit failed: nothing was kept, and nothing left.
      slot.restore(before);
      slot.generation -= 1n;
      return;
    }
    const { nonce, hash, expiredAt } = signed;
    // The very same once more offers the exchange nothing new.
    if (left.some((other) => other.hash === hash && !other.settled)) return;
    const rivals = left.filter(
      (other) => other.nonce === nonce && other.expiredAt > time && !other.settled,
    );
    expect(asked.isCancel ? [] : rivals).toEqual([]);
    left.push({ nonce, hash, expiredAt, settled: false });
  }
}

test('no nonce ever carries two live transactions, whatever happens to a key', () => {
  fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 45 }), live), {
    numRuns: CASES,
  });
});

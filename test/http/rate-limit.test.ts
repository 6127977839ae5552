import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createRateLimit, tooMany, UNLIMITED } from '../../src/http/rate-limit.ts';
import { createSimulatedClock } from '../support/simulated-clock.ts';

function taken(take: () => number | undefined, times: number): number {
  let granted = 0;
  for (let each = 0; each < times; each += 1) if (take() === undefined) granted += 1;
  return granted;
}

describe('a rate limit', () => {
  test('grants the burst at once, then the rate', () => {
    const clock = createSimulatedClock();
    const limit = createRateLimit({ perSecond: 5, burst: 20 }, clock);
    const take = (): number | undefined => limit.take('bot1');
    expect(taken(take, 100)).toBe(20);
    for (let second = 0; second < 3; second += 1) {
      clock.skip(1_000);
      expect(taken(take, 100)).toBe(5);
    }
    clock.skip(3_600_000);
    expect(taken(take, 100)).toBe(20);
  });

  test('says how long to wait, and then grants', () => {
    const clock = createSimulatedClock();
    const limit = createRateLimit({ perSecond: 3, burst: 1 }, clock);
    limit.take('bot1');
    const wait = limit.take('bot1') ?? 0;
    expect(wait).toBe(334);
    clock.skip(wait - 1);
    expect(limit.look('bot1')).toBeDefined();
    clock.skip(1);
    expect(limit.take('bot1')).toBeUndefined();
  });

  test('is counted for each name apart', () => {
    const limit = createRateLimit({ perSecond: 1, burst: 1 }, createSimulatedClock());
    limit.take('bot1');
    expect(limit.take('bot1')).toBeDefined();
    expect(limit.take('bot2')).toBeUndefined();
  });

  test('only looked at counts nothing', () => {
    const limit = createRateLimit({ perSecond: 1, burst: 1 }, createSimulatedClock());
    expect([limit.look('bot1'), limit.look('bot1'), limit.take('bot1')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(limit.look('bot1')).toBe(1_000);
  });

  test('holds nobody up for longer when the clock is set back', () => {
    const clock = createSimulatedClock();
    const limit = createRateLimit({ perSecond: 1, burst: 1 }, clock);
    limit.take('bot1');
    clock.skip(-3_600_000);
    expect(limit.take('bot1')).toBe(1_000);
    clock.skip(1_000);
    expect(limit.take('bot1')).toBeUndefined();
  });

  test('never grants more than burst and rate allow, however requests and time are mixed', () => {
    const rate = fc.record({
      perSecond: fc.integer({ min: 1, max: 50 }),
      burst: fc.integer({ min: 1, max: 50 }),
    });
    const steps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_000 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(rate, steps, ({ perSecond, burst }, waits) => {
        const clock = createSimulatedClock();
        const limit = createRateLimit({ perSecond, burst }, clock);
        let elapsed = 0;
        let granted = 0;
        for (const wait of waits) {
          clock.skip(wait);
          elapsed += wait;
          if (limit.take('bot1') === undefined) granted += 1;
        }
        expect(granted).toBeLessThanOrEqual(burst + (elapsed / 1_000) * perSecond + 1e-6);
      }),
    );
  });

  test('remembers a bounded number of names, and forgets the one that was quiet for longest', () => {
    const limit = createRateLimit({ perSecond: 1, burst: 1 }, createSimulatedClock());
    limit.take('first');
    for (let each = 0; each < 4_095; each += 1) limit.take(`stranger-${String(each)}`);
    expect(limit.take('first')).toBeDefined();
    limit.take('one more');
    expect(limit.look('first')).toBeDefined();
    expect(limit.look('stranger-0')).toBeUndefined();
    expect(limit.look('stranger-1')).toBeDefined();
  });
});

test('without a limit everything is granted', () => {
  expect(taken(() => UNLIMITED.take('bot1'), 1_000)).toBe(1_000);
});

test.each([
  [1, '1'],
  [1_000, '1'],
  [1_001, '2'],
])('after %d ms the answer asks to come again in %s s', (wait, seconds) => {
  const reply = tooMany('rate', 'too many', wait);
  expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': seconds } });
});

import { describe, expect, test } from '@jest/globals';

import { watchClock } from '../../src/adapters/clock-watch.ts';

function clocks() {
  let wall = 1_000_000;
  let steady = 0;
  const step = watchClock({ wall: () => wall, steady: () => steady });
  return {
    step,
    pass: (milliseconds: number, set = 0): void => {
      steady += milliseconds;
      wall += milliseconds + set;
    },
  };
}

describe('the clock', () => {
  test('that runs as it should has not jumped', () => {
    const { step, pass } = clocks();
    pass(60_000);
    expect(step()).toBe(0);
  });

  test.each([6_000, -6_000])('that is set by %d ms has jumped, for good', (set) => {
    const { step, pass } = clocks();
    pass(100, set);
    expect(step()).toBe(set);
    pass(60_000);
    expect(step()).toBe(set);
    pass(100, -set);
    expect(step()).toBe(0);
  });

  test('that is slowly corrected for days has not', () => {
    const { step, pass } = clocks();
    for (let hour = 0; hour < 100; hour += 1) {
      pass(3_600_000, 500);
      expect(step()).toBe(0);
    }
  });
});

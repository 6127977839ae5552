import { describe, expect, test } from '@jest/globals';

import { showProgress } from '../../../src/adapters/bls/load-progress.ts';

function rig(isTTY: boolean, step = 50) {
  const drawn: string[] = [];
  const said: string[] = [];
  let time = 0;
  const show = showProgress({
    terminal: { isTTY, write: (text) => drawn.push(text) },
    say: (message) => said.push(message),
    now: () => (time += step),
  });
  const load = (total: number, failing = 0): void => {
    for (let done = 0; done <= total; done += 1) {
      show({ done, failed: Math.min(done, failing), total });
    }
  };
  return { drawn, said, load };
}

describe('the progress of a load', () => {
  test('is a line each tenth in the log, and no bar without a terminal', () => {
    const { drawn, said, load } = rig(false);
    load(1000, 3);
    expect(said).toHaveLength(10);
    expect(said[3]).toBe('validator keys: 40 % (400 of 1000 keystores, 3 failed)');
    expect(drawn).toEqual([]);
  });

  test('is a bar on a terminal, redrawn ten times a second at most, ended by a line end', () => {
    const { drawn, load } = rig(true, 10);
    load(100);
    expect(drawn.length).toBeLessThan(15);
    expect(drawn[0]).toBe(`\r\u001B[K[${'-'.repeat(30)}] 0 of 100 keystores`);
    expect(drawn[5]).toMatch(/ left$/);
    expect(drawn.at(-1)).toBe(`\r\u001B[K[${'#'.repeat(30)}] 100 of 100 keystores\n`);
  });

  test('starts anew with each load, and is silent about few keys', () => {
    const { said, load } = rig(false);
    load(20);
    load(20);
    load(9);
    expect(said).toHaveLength(20);
  });

  test('tells minutes where there are many left', () => {
    const { drawn, load } = rig(true, 2000);
    load(1000);
    expect(drawn[10]).toMatch(/, [0-9]+ min left$/);
  });
});

import { describe, expect, test } from '@jest/globals';

import { createClientSlots } from '../../../src/adapters/lighter-native/client-slots.ts';
import { err, ok, type Result } from '../../../src/base/result.ts';
import type { Reason } from '../../../src/core/outcome.ts';

const refusal: Reason = { code: 'test.refused', message: 'refused' };

/** A library with one key per slot, and what happened to it in order. */
function library(): {
  readonly events: string[];
  readonly install: (key: string) => () => Promise<Result<void, Reason>>;
  readonly signWith: (key: string, done?: Promise<void>) => () => Promise<Result<string, Reason>>;
} {
  const events: string[] = [];
  let installed = 'nobody';
  return {
    events,
    install: (key) => () => {
      events.push(`install ${key}`);
      installed = key;
      return Promise.resolve(ok(undefined));
    },
    signWith: (key, done) => async () => {
      events.push(`${key} begins`);
      await done;
      events.push(`${key} ends`);
      return ok(installed);
    },
  };
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('the clients of the library', () => {
  test('are installed once for all who sign with one key, and these sign side by side', async () => {
    const { events, install, signWith } = library();
    const slots = createClientSlots();
    const { opened, open } = gate();
    const steps = { install: install('A'), work: signWith('A', opened) };
    const both = Promise.all([slots.use('1/5', 'A', steps), slots.use('1/5', 'A', steps)]);
    await new Promise(setImmediate);
    expect(events).toEqual(['install A', 'A begins', 'A begins']);
    open();
    expect(await both).toEqual([ok('A'), ok('A')]);
    await slots.use('1/5', 'A', { install: install('A'), work: signWith('A') });
    expect(events.filter((event) => event === 'install A')).toHaveLength(1);
  });

  test('give way to another key only when nobody signs with the first any more', async () => {
    const { events, install, signWith } = library();
    const slots = createClientSlots();
    const { opened, open } = gate();
    const first = slots.use('1/5', 'A', { install: install('A'), work: signWith('A', opened) });
    const second = slots.use('1/5', 'B', { install: install('B'), work: signWith('B') });
    const third = slots.use('1/5', 'A', { install: install('A'), work: signWith('A') });
    await new Promise(setImmediate);
    expect(events).toEqual(['install A', 'A begins']);
    open();
    expect(await Promise.all([first, second, third])).toEqual([ok('A'), ok('B'), ok('A')]);
    expect(events).toEqual([
      ...['install A', 'A begins', 'A ends'],
      ...['install B', 'B begins', 'B ends'],
      ...['install A', 'A begins', 'A ends'],
    ]);
  });

  test('of other slots do not wait', async () => {
    const { install, signWith } = library();
    const slots = createClientSlots();
    const { opened, open } = gate();
    const first = slots.use('1/5', 'A', { install: install('A'), work: signWith('A', opened) });
    const other = slots.use('1/6', 'B', { install: install('B'), work: signWith('B') });
    expect(await other).toEqual(ok('B'));
    open();
    await first;
  });

  test('that could not be installed sign nothing and are tried again', async () => {
    const { events, install, signWith } = library();
    const slots = createClientSlots();
    const failing = { install: () => Promise.resolve(err(refusal)), work: signWith('A') };
    expect(await slots.use('1/5', 'A', failing)).toEqual(err(refusal));
    const broken = { install: () => Promise.reject(new Error('broken')), work: signWith('A') };
    await expect(slots.use('1/5', 'A', broken)).rejects.toThrow('broken');
    expect(events).toEqual([]);
    const steps = { install: install('A'), work: signWith('A') };
    expect(await slots.use('1/5', 'A', steps)).toEqual(ok('A'));
  });

  test('that failed at signing stay installed', async () => {
    const { events, install, signWith } = library();
    const slots = createClientSlots();
    const broken = { install: install('A'), work: () => Promise.reject(new Error('broken')) };
    await expect(slots.use('1/5', 'A', broken)).rejects.toThrow('broken');
    await slots.use('1/5', 'A', { install: install('A'), work: signWith('A') });
    expect(events).toEqual(['install A', 'A begins', 'A ends']);
  });
});

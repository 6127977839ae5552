import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, jest, test } from '@jest/globals';

import { openSqliteStore, type OpenedStore } from '../../../src/adapters/store/sqlite-store.ts';
import type { Reason } from '../../../src/core/outcome.ts';
import type { Clock, Store } from '../../../src/core/ports.ts';
import { wallClock, withTempDirectory } from '../../support/temp-store.ts';
import { write } from './records.ts';

jest.setTimeout(30_000);

interface Place {
  readonly data: string;
  readonly marker: string;
  readonly open: (options?: {
    clock?: Clock;
    alarm?: (reason: Reason) => void;
  }) => Promise<OpenedStore>;
}

async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  await withTempDirectory(async (root) => {
    const data = join(root, 'data');
    const marker = join(root, 'marker', 'state.json');
    await mkdir(join(root, 'marker'));
    await use({
      data,
      marker,
      open: (options) =>
        openSqliteStore({ directory: data, markerPath: marker, clock: wallClock, ...options }),
    });
  });
}

const put = (store: Store, n: bigint): Promise<void> =>
  write(store, (tx) => {
    tx.putState('w', new Map([['k', { n }]]));
  });

const codes = (opened: OpenedStore): string[] => opened.warnings.map(({ code }) => code);

/** A clock whose timers run when told. */
function handClock(): {
  readonly clock: Clock;
  readonly run: () => void;
  readonly pending: () => number;
  readonly delays: number[];
} {
  let tasks: (() => void)[] = [];
  const delays: number[] = [];
  return {
    delays,
    pending: () => tasks.length,
    run() {
      const due = tasks;
      tasks = [];
      for (const task of due) task();
    },
    clock: {
      now: () => 0,
      elapsed: () => 0,
      after(delay, task) {
        delays.push(delay);
        tasks.push(task);
        return () => {
          tasks = tasks.filter((other) => other !== task);
        };
      },
    },
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the restore guard', () => {
  test('raises the generation of a database that is older than its marker, every time', async () => {
    await withPlace(async ({ data, open }) => {
      const first = await open();
      await put(first.store, 1n);
      await first.store.close();
      expect([first.store.generation, first.restored]).toEqual([0n, undefined]);

      await cp(data, `${data}.backup`, { recursive: true });
      const second = await open();
      expect([second.store.generation, second.restored]).toEqual([0n, undefined]);
      await put(second.store, 2n);
      await put(second.store, 3n);
      await second.store.close();

      await rm(data, { recursive: true });
      await cp(`${data}.backup`, data, { recursive: true });
      const older = await open();
      expect(older.restored).toEqual({ markerSeq: 3n, seq: 1n, storeChanged: false });
      expect(older.store.generation).toBe(1n);
      expect(await older.store.state('w', ['k'])).toEqual(new Map([['k', { n: 1n }]]));
      await older.store.close();

      const again = await open();
      expect([again.store.generation, again.restored]).toEqual([1n, undefined]);
      await again.store.close();
    });
  });

  test('treats the marker of another database as proof of a restore', async () => {
    await withPlace(async ({ data, open }) => {
      await (await open()).store.close();
      await rm(data, { recursive: true });
      const other = await open();
      expect(other.restored).toEqual({ markerSeq: 0n, seq: 0n, storeChanged: true });
      expect(other.store.generation).toBe(1n);
      await other.store.close();
      const again = await open();
      expect(again.restored).toBeUndefined();
      await again.store.close();
    });
  });

  test('raises the generation even if the process dies before it adopts the marker', async () => {
    await withPlace(async ({ marker, open }) => {
      const first = await open();
      await first.store.close();
      const ahead = JSON.stringify({ storeId: first.store.storeId }).replace('}', ',"seq":9}');
      for (const generation of [1n, 2n]) {
        await writeFile(marker, ahead);
        const { store, restored } = await open();
        expect([store.generation, restored?.markerSeq]).toEqual([generation, 9n]);
        await store.close();
      }
    });
  });

  test.each(['', '{}', '{"storeId":"x","seq":1.5}', '{"storeId":"x","seq":1', 'null'])(
    'refuses to start on a damaged marker (%s)',
    async (content) => {
      await withPlace(async ({ marker, open }) => {
        await (await open()).store.close();
        await writeFile(marker, content);
        await expect(open()).rejects.toThrow(`STATE_MARKER \`${marker}\` is damaged`);
      });
    },
  );

  test('refuses to start when the marker cannot be read or written', async () => {
    await withPlace(async ({ marker, open }) => {
      await mkdir(marker);
      await expect(open()).rejects.toThrow(`cannot read STATE_MARKER \`${marker}\``);
      await rm(join(marker, '..'), { recursive: true });
      await expect(open()).rejects.toThrow(`cannot write STATE_MARKER \`${marker}\``);
    });
  });

  test('warns of a marker that is unset, beside the data, or missing from a used store', async () => {
    await withPlace(async ({ data, marker, open }) => {
      const first = await open();
      expect(codes(first)).toEqual(['store.marker_same_device']);
      await put(first.store, 1n);
      await first.store.close();
      await rm(marker);
      const second = await open();
      expect(codes(second)).toEqual(['store.marker_same_device', 'store.marker_missing']);
      await second.store.close();
      const third = await openSqliteStore({ directory: data, clock: wallClock });
      expect(codes(third)).toEqual(['store.marker_unset']);
      await third.store.close();
    });
  });
});

describe('the marker', () => {
  const seqIn = async (marker: string): Promise<string | undefined> =>
    /"seq":(\d+)/.exec(await readFile(marker, 'utf8'))?.[1];

  test('follows the database within a second, with one write for many commits', async () => {
    await withPlace(async ({ marker, open }) => {
      const { clock, run, delays } = handClock();
      const { store } = await open({ clock });
      for (let n = 1n; n <= 5n; n += 1n) await put(store, n);
      expect(await seqIn(marker)).toBe('0');
      expect(delays).toHaveLength(1);
      expect(delays[0]).toBeLessThan(1_000);
      run();
      await until(async () => (await seqIn(marker)) === '5');
      expect((await stat(marker)).mode & 0o777).toBe(0o600);
      await put(store, 6n);
      await until(() => Promise.resolve(delays.length === 2));
      await store.close();
      expect(await seqIn(marker)).toBe('6');
    });
  });

  test('that cannot be written raises an alarm, and is written when it can be', async () => {
    await withPlace(async ({ marker, open }) => {
      const { clock, run, pending } = handClock();
      const alarms: Reason[] = [];
      const { store } = await open({ clock, alarm: (reason) => alarms.push(reason) });
      await rm(join(marker, '..'), { recursive: true });
      await put(store, 1n);
      run();
      await until(() => Promise.resolve(alarms.length > 0));
      await put(store, 2n);
      run();
      await until(() => Promise.resolve(pending() > 0));
      expect(alarms.map(({ code }) => code)).toEqual(['store.marker']);
      await mkdir(join(marker, '..'));
      await store.close();
      expect(await seqIn(marker)).toBe('2');
    });
  });
});

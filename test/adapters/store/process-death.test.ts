import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, jest, test } from '@jest/globals';

import type { KillAt } from '../../../src/adapters/store/kill-point.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite-store.ts';
import type { KillPoint } from '../../../src/core/probe.ts';
import { wallClock, withTempDirectory } from '../../support/temp-store.ts';
import { aKey } from './duties.ts';
import { countIn, LANES } from './records.ts';

jest.setTimeout(300_000);

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

interface Ended {
  readonly lines: readonly string[];
  readonly signal: string | null;
  readonly errors: string;
}

/** Runs a task of child.ts to its end; `each` may kill it upon a line. */
async function runChild(
  task: string,
  options: { directory: string; markerPath?: string; killAt?: KillAt },
  each: (line: string, kill: () => void) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, task, JSON.stringify(options)]);
  const lines: string[] = [];
  let rest = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  child.stdout.on('data', (chunk) => {
    const parts = `${rest}${String(chunk)}`.split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      each(line, () => child.kill('SIGKILL'));
    }
  });
  await once(child, 'close');
  return { lines, signal: child.signalCode, errors };
}

test('no acknowledged transaction is lost and none is halved, wherever the process is killed', async () => {
  await withTempDirectory(async (root) => {
    const directory = join(root, 'data');
    const markerPath = join(root, 'marker.json');
    const points: readonly (KillPoint | undefined)[] = [
      'writer.before-begin',
      'writer.before-commit',
      'writer.after-commit',
      'marker.before-write',
      'marker.before-rename',
      'marker.after-rename',
      undefined,
    ];
    const acknowledged: string[] = [];
    for (let round = 0; round < 21; round += 1) {
      const point = points[round % points.length];
      // The first mark is written while opening, the second half a second later.
      const hit = point?.startsWith('marker') === true ? 1 + Math.floor(round / 14) : 1 + round * 3;
      const killAt = point === undefined ? {} : { killAt: { point, hit } };
      let left = 5 + round * 4;
      const ended = await runChild(
        'write-for-ever',
        { directory, markerPath, ...killAt },
        (_, kill) => {
          if (point === undefined && (left -= 1) === 0) kill();
        },
      );
      expect([ended.signal, ended.errors]).toEqual(['SIGKILL', '']);
      acknowledged.push(...ended.lines.filter((line) => line !== 'open'));

      const { store, restored } = await openSqliteStore({
        directory,
        markerPath,
        clock: wallClock,
      });
      expect(restored).toBeUndefined();
      const jobs = await store.jobs({ limit: 1_000_000 });
      const found = new Set(jobs.map(({ job }) => job));
      expect(acknowledged.filter((job) => !found.has(job))).toEqual([]);
      const state = await store.state('lanes', LANES);
      for (const lane of LANES) {
        const count = jobs.filter(({ job }) => job.startsWith(`${lane}-`)).length;
        expect([lane, countIn(state.get(lane))]).toEqual([lane, BigInt(count)]);
      }
      await store.close();
      const marker = await readFile(markerPath, 'utf8');
      expect(marker).toContain(store.storeId);
    }
    expect(acknowledged.length).toBeGreaterThan(100);
  });
});

test('every released verdict is on disk, and no other root is ever released for its duty', async () => {
  await withTempDirectory(async (directory) => {
    const points: readonly (KillPoint | undefined)[] = [
      'writer.before-commit',
      'writer.after-commit',
      undefined,
    ];
    const released = new Map<string, string>();
    for (let round = 0; round < 6; round += 1) {
      const point = points[round % points.length];
      const killAt = point === undefined ? {} : { killAt: { point, hit: 4 + round * 3 } };
      let left = 20 + round * 12;
      const ended = await runChild('vote-for-ever', { directory, ...killAt }, (_, kill) => {
        if (point === undefined && (left -= 1) === 0) kill();
      });
      expect([ended.signal, ended.errors]).toEqual(['SIGKILL', '']);
      for (const line of ended.lines.filter((line) => line !== 'open')) {
        const [kind, number, target, root = ''] = line.split(' ');
        const duty = [kind, number, target].join(' ');
        expect([duty, released.get(duty) ?? root]).toEqual([duty, root]);
        released.set(duty, root);
      }
      const { store } = await openSqliteStore({ directory, clock: wallClock });
      for (const [duty, root] of released) {
        const [kind, number, target = ''] = duty.split(' ');
        const { blocks, attestations } = await store.slashing.history(aKey(Number(number)));
        const found =
          kind === 'block'
            ? blocks.find(({ slot }) => slot === BigInt(target))
            : attestations.find((vote) => vote.target === BigInt(target));
        expect([duty, found?.root]).toEqual([duty, root]);
      }
      await store.close();
    }
    expect(released.size).toBeGreaterThan(100);
  });
});

test('a second process is refused while the first one lives, and let in when it was killed', async () => {
  await withTempDirectory(async (directory) => {
    let refused: Promise<unknown> | undefined;
    await runChild('write-for-ever', { directory }, (line, kill) => {
      if (line === 'open') {
        refused = openSqliteStore({ directory, clock: wallClock }).catch(String).finally(kill);
      }
    });
    expect(await refused).toContain('is in use by another process');
    await (await openSqliteStore({ directory, clock: wallClock })).store.close();
  });
});

test('an idle store does not keep a process alive', async () => {
  await withTempDirectory(async (directory) => {
    const ended = await runChild('forget-to-close', { directory });
    expect(ended).toEqual({ lines: ['open', 'a-0'], signal: null, errors: '' });
  });
});

test('a writer thread that dies breaks the store, which says so and takes nothing more', async () => {
  await withTempDirectory(async (directory) => {
    const ended = await runChild('lose-the-writer', { directory });
    expect(ended).toEqual({
      lines: ['open', 'store.broken', 'commit unknown', 'commit unknown'],
      signal: null,
      errors: '',
    });
  });
});

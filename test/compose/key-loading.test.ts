import { expect, test } from '@jest/globals';

import type { ReloadReport } from '../../src/adapters/bls/validator-key-store.ts';
import { createKeyLoading, type KeyLoadingDeps } from '../../src/compose/key-loading.ts';
import { createReadiness } from '../../src/compose/readiness.ts';
import { createSimulatedClock } from '../support/simulated-clock.ts';

const CONFIGURATIONS = 'keys-check/config-files-loading';
const KEYSTORES = 'keys-check/keystores-bulk-loading';
const report: ReloadReport = { added: [], removed: [], errors: [], duplicates: [] };

function problem(file: string): ReloadReport['errors'][number] {
  return { file, reason: { code: 'keys.file', message: 'it is damaged' } };
}

/** Three keys, of which one came from a key configuration file. */
function rig() {
  const clock = createSimulatedClock();
  const readiness = createReadiness();
  const told: string[] = [];
  let isLoaded = false;
  let settle: { end: (report: ReloadReport) => void; fail: () => void } | undefined;
  let loads = 0;
  const store: KeyLoadingDeps['store'] = {
    reload() {
      if (settle !== undefined) return undefined;
      loads += 1;
      return new Promise((resolve, reject) => {
        settle = {
          end(ended) {
            isLoaded = true;
            resolve(ended);
          },
          fail: () => {
            reject(new Error('the database is away'));
          },
        };
      });
    },
    status: () => ({ state: 'idle', isLoaded, errors: [] }),
    countOf: () => 1,
  };
  const loading = createKeyLoading({
    ...{ store, readiness, clock },
    count: () => 3,
    log: { say: () => undefined, failure: () => undefined },
    alarm: ({ message }) => told.push(message),
    onLoaded: () => told.push('loaded'),
  });
  const settling = async (how: (load: NonNullable<typeof settle>) => void): Promise<void> => {
    if (settle !== undefined) how(settle);
    settle = undefined;
    await clock.advance(0);
  };
  return {
    ...{ loading, clock, told },
    loads: () => loads,
    end: (ended: ReloadReport) =>
      settling(({ end }) => {
        end(ended);
      }),
    fail: () =>
      settling(({ fail }) => {
        fail();
      }),
    statuses: () => checks().map(([, status]) => status),
    checks,
  };

  function checks() {
    return readiness.checks().flatMap(({ id, status, data }) => {
      if (!id.startsWith('keys-check/')) return [];
      return [[id, status, ...(data === undefined ? [] : [data])]];
    });
  }
}

test('until keys were loaded once, the daemon is not ready', async () => {
  const { loading, end, checks, told } = rig();
  expect(loading.load()).toBe(true);
  expect(loading.load()).toBe(false);
  expect(checks()).toEqual([
    [CONFIGURATIONS, 'DOWN'],
    [KEYSTORES, 'DOWN'],
  ]);
  await end(report);
  expect(checks()).toEqual([
    [CONFIGURATIONS, 'UP', { 'keys-loaded': 1n, 'error-count': 0n }],
    [KEYSTORES, 'UP', { 'keys-loaded': 2n, 'error-count': 0n }],
  ]);
  expect(told).toEqual(['loaded']);
});

test('while keys are loaded again, it stays ready', async () => {
  const { loading, end, statuses } = rig();
  loading.load();
  await end(report);
  loading.load();
  expect(statuses()).toEqual(['UP', 'UP']);
});

test('a file that fails is told, and counted where Web3Signer counts it', async () => {
  const { loading, end, checks, told } = rig();
  loading.load();
  await end({ ...report, errors: [problem('/keys/a.yaml#2'), problem('/keys/b.json')] });
  expect(checks()).toEqual([
    [CONFIGURATIONS, 'DOWN', { 'keys-loaded': 1n, 'error-count': 1n }],
    [KEYSTORES, 'DOWN', { 'keys-loaded': 2n, 'error-count': 1n }],
  ]);
  expect(told).toEqual(['/keys/a.yaml#2: it is damaged', '/keys/b.json: it is damaged', 'loaded']);
});

test('where machinery broke, it is tried again until it works', async () => {
  const { loading, clock, fail, end, loads, statuses } = rig();
  loading.load();
  await fail();
  expect(statuses()).toEqual(['DOWN', 'DOWN']);
  await clock.advance(10_000);
  expect(loads()).toBe(2);
  await end(report);
  expect(statuses()).toEqual(['UP', 'UP']);
  await clock.advance(60_000);
  expect(loads()).toBe(2);
});

test('a daemon that stops tries nothing again', async () => {
  const { loading, clock, fail, loads } = rig();
  loading.load();
  await fail();
  loading.stop();
  await clock.advance(60_000);
  expect(loads()).toBe(1);
});

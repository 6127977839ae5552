import { expect, test } from '@jest/globals';

import { createLog } from '../../../src/adapters/observe/log.ts';
import { createMetrics, type Metrics } from '../../../src/adapters/observe/metrics.ts';
import { createObservers } from '../../../src/adapters/observe/observer.ts';
import type { StoreCounts } from '../../../src/core/ports.ts';
import { captureLog } from '../../support/log-lines.ts';

const COUNTS: StoreCounts = {
  unfinished: 3,
  withheld: 2,
  outboxPending: 1,
  outboxOldestAt: 90_000,
  outboxParked: 4,
};

async function scraped(metrics: Metrics, counts = COUNTS): Promise<readonly string[]> {
  const text = await metrics.scrape(() => Promise.resolve(counts), 100_000);
  return text.split('\n').filter((line) => line.startsWith('countersign_'));
}

test('a stage counts by stage, source, world, outcome and reason, and its time is kept', async () => {
  const metrics = createMetrics('1.2.3');
  metrics.stage({
    stage: 'claim',
    source: 'lightspark',
    world: 'lightspark',
    outcome: 'malformed',
    reason: { code: 'claim.envelope', message: 'not a label' },
    milliseconds: 3,
    latenessMilliseconds: 4_000,
  });
  const lines = await scraped(metrics);
  expect(lines).toContain(
    'countersign_stage_total{stage="claim",source="lightspark",world="lightspark",outcome="malformed",reason="claim.envelope"} 1',
  );
  expect(lines).toContain(
    'countersign_stage_duration_seconds_bucket{le="0.005",stage="claim",world="lightspark"} 1',
  );
  expect(lines).toContain('countersign_event_lateness_seconds_sum{source="lightspark"} 4');
});

test('a forged delivery is counted by source alone', async () => {
  const metrics = createMetrics('1.2.3');
  metrics.stage({ stage: 'verify', source: 's', outcome: 'unverified', milliseconds: 1 });
  expect(await scraped(metrics)).toContain('countersign_unverified_total{source="s"} 1');
});

test('what waits in the store is told, with the age of the oldest message', async () => {
  const lines = await scraped(createMetrics('1.2.3'));
  expect(lines).toEqual(
    expect.arrayContaining([
      'countersign_jobs_unfinished 3',
      'countersign_jobs_withheld 2',
      'countersign_outbox_pending 1',
      'countersign_outbox_oldest_age_seconds 10',
      'countersign_outbox_parked 4',
    ]),
  );
});

test('a store that cannot be read yields no figures rather than zeros', async () => {
  const metrics = createMetrics('1.2.3');
  await scraped(metrics);
  const text = await metrics.scrape(() => Promise.reject(new Error('broken')), 0);
  expect(text).toContain('countersign_jobs_withheld Nan');
  expect(text).not.toContain('countersign_jobs_withheld 2');
});

test('routes, alarms, commits and requests are told', async () => {
  const metrics = createMetrics('1.2.3');
  metrics.route('graphql:host', 'paused');
  metrics.alarm({ code: 'ratchet_gap', message: 'x' });
  metrics.commit({ batches: 5, milliseconds: 2 });
  metrics.exchange({ listener: 'api', route: '/health', status: 200, milliseconds: 1 });
  expect(await scraped(metrics)).toEqual(
    expect.arrayContaining([
      'countersign_breaker_state{route="graphql:host"} 2',
      'countersign_alarms_total{code="ratchet_gap"} 1',
      'countersign_store_transactions_total 5',
      'countersign_store_commit_duration_seconds_count 1',
      'countersign_http_requests_total{listener="api",route="/health",status="200"} 1',
      `countersign_build_info{version="1.2.3",node="${process.version}"} 1`,
    ]),
  );
});

test('two registries in one process do not share figures', async () => {
  const [one, other] = [createMetrics('1'), createMetrics('2')];
  one.alarm({ code: 'x', message: '' });
  const lines = await scraped(other);
  expect(lines.some((line) => line.startsWith('countersign_alarms_total{'))).toBe(false);
});

test('no id of a job or a request becomes a label', async () => {
  const metrics = createMetrics('1');
  const captured = captureLog();
  const log = createLog({ level: 'debug', destination: captured.destination });
  const { core, http } = createObservers(log, metrics);
  core.stage({ stage: 'sign', source: 's', job: 'canary-job', rules: ['canary'], milliseconds: 1 });
  core.alarm({ code: 'x', message: 'canary' }, 'canary-job');
  http.exchange({ listener: 'l', route: 'r', status: 1, milliseconds: 1, requestId: 'canary' });
  http.failure(new Error('boom'), 'canary');
  expect((await scraped(metrics)).join('\n')).not.toContain('canary');
  expect(captured.lines.map(({ msg }) => msg)).toEqual([
    'sign',
    'alarm',
    'request',
    'request failed',
  ]);
});

/**
 * Metrics in Prometheus text format. Labels take values from closed or configured sets only
 * (stages, outcomes, our reason codes, sources, worlds, routes); never an id of a job or a sender.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { Reason } from '../../core/outcome.ts';
import type { RouteState, StageEvent, StoreCounts } from '../../core/ports.ts';

interface Commit {
  /** Transactions that shared this commit. */
  readonly batches: number;
  readonly milliseconds: number;
}

/** One answered HTTP request. */
export interface HttpExchange {
  readonly listener: string;
  /** The pattern that matched, never the path that was asked for. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
}

export interface Metrics {
  readonly stage: (event: StageEvent) => void;
  readonly alarm: (reason: Reason) => void;
  readonly route: (route: string, state: RouteState) => void;
  readonly commit: (commit: Commit) => void;
  readonly exchange: (exchange: HttpExchange) => void;
  /** Everything as text; `counts` is asked each time, and its gauges are NaN if it fails. */
  readonly scrape: (counts: () => Promise<StoreCounts>, now: number) => Promise<string>;
  readonly contentType: string;
  /** For figures of one world's own. */
  readonly registry: Registry;
}

const FAST_SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10];
const LATE_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 600, 3_600, 86_400, 604_800];

const ROUTE_STATES: Readonly<Record<RouteState, number>> = { closed: 0, open: 1, paused: 2 };

/** A registry of its own, so that two daemons in one process do not share figures. */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const stages = new Counter({
    name: 'countersign_stage_total',
    help: 'Stages completed, by how they ended',
    labelNames: ['stage', 'source', 'world', 'outcome', 'reason'],
    registers,
  });
  const stageSeconds = new Histogram({
    name: 'countersign_stage_duration_seconds',
    help: 'Time a stage took',
    labelNames: ['stage', 'world'],
    buckets: FAST_SECONDS,
    registers,
  });
  const unverified = new Counter({
    name: 'countersign_unverified_total',
    help: 'Deliveries whose signature was missing or wrong',
    labelNames: ['source'],
    registers,
  });
  const lateness = new Histogram({
    name: 'countersign_event_lateness_seconds',
    help: 'Age of an event by its own timestamp when it was claimed',
    labelNames: ['source'],
    buckets: LATE_SECONDS,
    registers,
  });
  const alarms = new Counter({
    name: 'countersign_alarms_total',
    help: 'Alarms raised',
    labelNames: ['code'],
    registers,
  });
  const breaker = new Gauge({
    name: 'countersign_breaker_state',
    help: 'Whether a route delivers (0), is held back after failures (1) or is paused (2)',
    labelNames: ['route'],
    registers,
  });
  const commitSeconds = new Histogram({
    name: 'countersign_store_commit_duration_seconds',
    help: 'Time a commit took, until it was on disk',
    buckets: FAST_SECONDS,
    registers,
  });
  const transactions = new Counter({
    name: 'countersign_store_transactions_total',
    help: 'Transactions committed; several share one commit',
    registers,
  });
  const requests = new Counter({
    name: 'countersign_http_requests_total',
    help: 'HTTP requests answered',
    labelNames: ['listener', 'route', 'status'],
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'countersign_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['listener', 'route'],
    buckets: FAST_SECONDS,
    registers,
  });
  const storeGauges = createStoreGauges(registry);
  new Gauge({
    name: 'countersign_build_info',
    help: 'Always 1; says what is running',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.version }, 1);

  return Object.freeze({
    stage(event: StageEvent): void {
      const { stage, source, world = '', outcome = '' } = event;
      stages.inc({ stage, source, world, outcome, reason: event.reason?.code ?? '' });
      stageSeconds.observe({ stage, world }, event.milliseconds / 1000);
      if (outcome === 'unverified') unverified.inc({ source });
      if (event.latenessMilliseconds !== undefined) {
        lateness.observe({ source }, event.latenessMilliseconds / 1000);
      }
    },
    alarm({ code }: Reason): void {
      alarms.inc({ code });
    },
    route(route: string, state: RouteState): void {
      breaker.set({ route }, ROUTE_STATES[state]);
    },
    commit({ batches, milliseconds }: Commit): void {
      commitSeconds.observe(milliseconds / 1000);
      transactions.inc(batches);
    },
    exchange({ listener, route, status, milliseconds }: HttpExchange): void {
      requests.inc({ listener, route, status });
      requestSeconds.observe({ listener, route }, milliseconds / 1000);
    },
    async scrape(counts: () => Promise<StoreCounts>, now: number): Promise<string> {
      storeGauges(await counts().catch(() => undefined), now);
      return registry.metrics();
    },
    contentType: registry.contentType,
    registry,
  });
}

/** Gauges of what waits in the store. Without counts they are NaN: unknown is not zero. */
function createStoreGauges(
  registry: Registry,
): (counts: StoreCounts | undefined, now: number) => void {
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `countersign_${name}`, help, registers: [registry] });
  const unfinished = gauge('jobs_unfinished', 'Jobs without an outcome');
  const withheld = gauge('jobs_withheld', 'Jobs kept unsigned until someone decides');
  const pending = gauge('outbox_pending', 'Messages to be delivered');
  const oldest = gauge('outbox_oldest_age_seconds', 'Age of the oldest message to be delivered');
  const parked = gauge('outbox_parked', 'Messages whose delivery was given up');
  return (counts, now) => {
    const age = counts?.outboxOldestAt === undefined ? 0 : now - counts.outboxOldestAt;
    unfinished.set(counts?.unfinished ?? NaN);
    withheld.set(counts?.withheld ?? NaN);
    pending.set(counts?.outboxPending ?? NaN);
    oldest.set(counts === undefined ? NaN : Math.max(0, age) / 1000);
    parked.set(counts?.outboxParked ?? NaN);
  };
}

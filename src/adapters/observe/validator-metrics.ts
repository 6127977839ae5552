/**
 * Figures about validators: ours, and those of Web3Signer under its names, so that dashboards made for
 * it fill as they are.
 */
import { Counter, Gauge, Histogram, type Registry, Summary } from 'prom-client';

import type { PartEvent, StageEvent } from '../../core/ports.ts';
import type { HttpExchange } from './metrics.ts';

export interface ValidatorMetrics {
  readonly stage: (event: StageEvent) => void;
  readonly exchange: (exchange: HttpExchange) => void;
}

export interface ValidatorMetricsOptions {
  /** The world whose duties are counted. */
  readonly world: string;
  /** Where single duties are asked for. */
  readonly signRoute: string;
  /** How many keys are loaded. */
  readonly keys: () => number;
}

/** Duties have to be done within parts of a slot. */
const DUTY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 12];
const SLASHABLE = new Set(['block', 'attestation']);
const QUANTILES = [0.5, 0.75, 0.95, 0.98, 0.99, 0.999];
/** Each bucket costs as much as all else that is counted of a duty. */
const WINDOW = { maxAgeSeconds: 600, ageBuckets: 2 };

export function createValidatorMetrics(
  registry: Registry,
  { world, signRoute, keys }: ValidatorMetricsOptions,
): ValidatorMetrics {
  const registers = [registry];
  const duties = new Counter({
    name: 'countersign_duties_total',
    help: 'Duties decided, by type, result and reason; of a batch each',
    labelNames: ['type', 'result', 'reason'],
    registers,
  });
  const dutySeconds = new Histogram({
    name: 'countersign_duty_stage_duration_seconds',
    help: 'Time that deciding and recording, and then signing, took',
    labelNames: ['type', 'stage'],
    buckets: DUTY_SECONDS,
    registers,
  });
  const permitted = new Counter({
    name: 'eth2_slashingprotection_permitted_signings_total',
    help: 'Blocks and attestations that slashing protection let through',
    registers,
  });
  const prevented = new Counter({
    name: 'eth2_slashingprotection_prevented_signings_total',
    help: 'Blocks and attestations that slashing protection refused',
    registers,
  });
  const databaseSeconds = new Summary({
    name: 'eth2_slashingprotection_database_duration',
    help: 'Seconds until a slashable duty was decided and on disk',
    labelNames: ['signingOperation'],
    percentiles: QUANTILES,
    ...WINDOW,
    registers,
  });
  const signingSeconds = new Summary({
    name: 'signing_bls_signing_duration',
    help: 'Seconds that BLS signatures took',
    percentiles: QUANTILES,
    ...WINDOW,
    registers,
  });
  const missing = new Counter({
    name: 'signing_bls_missing_identifier_count_total',
    help: 'Requests for keys that are not loaded',
    registers,
  });
  const malformed = new Counter({
    name: 'http_bls_malformed_request_count_total',
    help: 'Requests that could not be read',
    registers,
  });
  new Gauge({
    name: 'signing_signers_loaded_count',
    help: 'Validator keys loaded',
    registers,
    collect() {
      this.set(keys());
    },
  });

  function decided({ action = '', parts = [], milliseconds }: StageEvent): void {
    const seconds = milliseconds / 1000;
    dutySeconds.observe({ type: action, stage: 'decide' }, seconds);
    if (SLASHABLE.has(action)) databaseSeconds.observe({ signingOperation: action }, seconds);
    for (const { type, result, reason, count } of tally(parts)) {
      duties.inc({ type, result, reason }, count);
      if (!SLASHABLE.has(type)) continue;
      if (result === 'signed') permitted.inc(count);
      else if (reason.startsWith('slashing.')) prevented.inc(count);
    }
  }

  return Object.freeze({
    stage(event: StageEvent): void {
      if (event.world !== world) return;
      if (event.stage === 'decide') decided(event);
      if (event.stage !== 'sign') return;
      const seconds = event.milliseconds / 1000;
      signingSeconds.observe(seconds);
      dutySeconds.observe({ type: event.action ?? '', stage: 'sign' }, seconds);
    },
    exchange({ route, status }: HttpExchange): void {
      if (route !== signRoute) return;
      if (status === 404) missing.inc();
      if (status === 400) malformed.inc();
    },
  });
}

interface Tally {
  readonly type: string;
  readonly result: string;
  readonly reason: string;
  count: number;
}

/** Parts that ended alike, counted: a batch may have thousands. */
function tally(parts: readonly PartEvent[]): Iterable<Tally> {
  const tallies = new Map<string, Tally>();
  for (const { action: type = '', outcome: result, reason: { code: reason = '' } = {} } of parts) {
    const alike = `${type} ${result} ${reason}`;
    const known = tallies.get(alike) ?? { type, result, reason, count: 0 };
    known.count += 1;
    tallies.set(alike, known);
  }
  return tallies.values();
}

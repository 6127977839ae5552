import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { parse } from 'yaml';
import { z } from 'zod';

import { createMetrics } from '../../../src/adapters/observe/metrics.ts';
import { createValidatorMetrics } from '../../../src/adapters/observe/validator-metrics.ts';
import type { PartEvent, StageEvent } from '../../../src/core/ports.ts';

const options = { world: 'ethereum', signRoute: '/sign/:identifier', keys: () => 7 };

function decided(action: string, refused?: string): StageEvent {
  return {
    stage: 'decide',
    source: 'ethereum-api',
    world: 'ethereum',
    action,
    milliseconds: 4,
    parts: [part(action, refused)],
  };
}

function part(action: string, refused?: string): PartEvent {
  if (refused === undefined) return { action, outcome: 'signed' };
  return { action, outcome: 'declined', reason: { code: refused, message: refused } };
}

describe("figures under Web3Signer's names", () => {
  test('count what slashing protection lets through and refuses, and nothing else', async () => {
    const registry = new Registry();
    const metrics = createValidatorMetrics(registry, options);
    metrics.stage(decided('attestation'));
    metrics.stage(decided('block'));
    metrics.stage(decided('attestation', 'slashing.double_vote'));
    metrics.stage(decided('attestation', 'policy.no_rule'));
    metrics.stage(decided('randao_reveal'));
    metrics.stage({ ...decided('block'), world: 'lighter' });
    const text = await registry.metrics();
    expect(text).toContain('eth2_slashingprotection_permitted_signings_total 2');
    expect(text).toContain('eth2_slashingprotection_prevented_signings_total 1');
    expect(text).toContain(
      'countersign_duties_total{type="attestation",result="declined",reason="slashing.double_vote"} 1',
    );
    expect(text).toContain(
      'eth2_slashingprotection_database_duration_count{signingOperation="attestation"} 3',
    );
  });

  test('count each duty of a batch, also where only some are refused', async () => {
    const registry = new Registry();
    const parts = [
      part('attestation'),
      part('attestation'),
      part('attestation', 'slashing.double_vote'),
    ];
    createValidatorMetrics(registry, options).stage({ ...decided('attestation'), parts });
    const text = await registry.metrics();
    expect(text).toContain('eth2_slashingprotection_permitted_signings_total 2');
    expect(text).toContain('eth2_slashingprotection_prevented_signings_total 1');
    expect(text).toContain(
      'countersign_duties_total{type="attestation",result="declined",reason="slashing.double_vote"} 1',
    );
    expect(text).toContain(
      'eth2_slashingprotection_database_duration_count{signingOperation="attestation"} 1',
    );
  });

  test('count signatures, loaded keys, and requests that go nowhere', async () => {
    const registry = new Registry();
    const metrics = createValidatorMetrics(registry, options);
    metrics.stage({ ...decided('attestation'), stage: 'sign', outcome: 'signed' });
    for (const status of [200, 404, 400, 412]) {
      metrics.exchange({ listener: 'api', route: '/sign/:identifier', status, milliseconds: 1 });
      metrics.exchange({ listener: 'api', route: '/elsewhere', status, milliseconds: 1 });
    }
    const text = await registry.metrics();
    expect(text).toContain('signing_bls_signing_duration_count 1');
    expect(text).toContain('signing_signers_loaded_count 7');
    expect(text).toContain('signing_bls_missing_identifier_count_total 1');
    expect(text).toContain('http_bls_malformed_request_count_total 1');
  });
});

test('recording rules speak of figures that there are', async () => {
  const { groups } = z
    .object({ groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string() })) })) })
    .parse(parse(readFileSync('docs/prometheus/py3signer-names.rules.yml', 'utf8')));
  const metrics = createMetrics('1.2.3');
  createValidatorMetrics(metrics.registry, options);
  const known = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name);
  for (const { expr } of groups.flatMap(({ rules }) => rules)) {
    const [name = ''] = /(?:countersign|signing)_[a-z_]+/.exec(expr) ?? [];
    expect(known).toContain(
      name.replace(/_(?:bucket|sum|count)$/, (end) =>
        name === 'signing_signers_loaded_count' ? end : '',
      ),
    );
  }
});

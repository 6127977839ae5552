/** decide: policy alone, warm, with all reasons, as it runs inside the deciding transaction. */
import { ok } from '../src/base/result.ts';
import type { Facts } from '../src/policy/facts.ts';
import { loadPolicySet, type PolicySet } from '../src/policy/policy-set.ts';
import { formatProblem } from '../src/policy/problem.ts';
import { actions } from '../src/protocols/lightspark/facts.ts';
import { callTimes, quantile } from './measure.ts';
import type { Report } from './report.ts';

export interface DecideEffort {
  readonly rounds: number;
  readonly calls: number;
}

/** Twenty conditions such as operators write; the first two permit, the others forbid. */
const CONDITIONS = [
  'fact.unknown_outputs == 0',
  'fact.outputs.all(output, output in list.cold_wallets) && fact.amount_sat <= 50000000',
  'fact.outputs.exists(output, output in list.blocked)',
  'fact.amount_sat > 100000000',
  'fact.amount_sat > 20000000 && fact.outputs_count > 10',
  'has(fact.fee_sat) && fact.fee_sat > 100000',
  'has(fact.fee_sat) && fact.fee_sat * 10 > fact.input_sat',
  'has(fact.feerate_sat_per_kw) && fact.feerate_sat_per_kw > 250000',
  'fact.output_types.exists(type, type == "p2sh" || type == "p2pkh")',
  'fact.output_types.exists(type, type == "op_return")',
  'fact.version != 2 && fact.version != 3',
  'fact.locktime >= 500000000',
  'fact.sighash_type != 1',
  'fact.inputs_count > 50',
  'fact.batch_size > 50',
  'fact.network != "MAINNET"',
  'fact.test_event',
  'fact.funding_candidate && fact.amount_sat > 16777215',
  'fact.entity.startsWith("Channel:") && fact.unknown_outputs > 2',
  'size(fact.outputs) != fact.unknown_outputs',
];

/** One withdrawal to a cold wallet, with change. */
const WITHDRAWAL: Facts = {
  world: 'lightspark',
  action: 'l1_spend',
  values: {
    network: 'MAINNET',
    key: 'lightspark',
    test_event: false,
    entity: 'node_with_server_signing:018fe6a0-4fa7-69e3-0000-e19c868ed6ed',
    batch_size: 1n,
    version: 2n,
    locktime: 850_000n,
    sighash_type: 1n,
    input_index: 0n,
    inputs_count: 1n,
    input_sat: 30_000_000n,
    outputs_count: 2n,
    output_types: ['p2wpkh', 'p2wpkh'],
    outputs: [address(7)],
    unknown_outputs: 1n,
    amount_sat: 20_000_000n,
    own_output_sat: 9_998_000n,
    fee_sat: 2_000n,
    feerate_sat_per_kw: 3_565n,
    funding_candidate: false,
  },
};
const TO_A_BLOCKED_ADDRESS: Facts = {
  ...WITHDRAWAL,
  values: { ...WITHDRAWAL.values, outputs: [address(10_001)] },
};

export function benchDecide({ rounds, calls }: DecideEffort): Report {
  const policy = loadRules();
  const contenders = [
    { contender: 'permitted', facts: WITHDRAWAL, expected: 'permit' },
    { contender: 'forbidden', facts: TO_A_BLOCKED_ADDRESS, expected: 'forbid' },
  ];
  const times = contenders.map(({ contender, facts, expected }) => {
    const { cause, rules } = policy.evaluate(facts);
    if (cause !== expected || rules.length === 0) throw new Error(`${contender}: ${cause}`);
    callTimes(() => policy.evaluate(facts), calls);
    return { contender, facts, p50: Array<number>(), p99: Array<number>() };
  });
  for (let round = 0; round < rounds; round += 1) {
    for (const { facts, p50, p99 } of times) {
      const sorted = callTimes(() => policy.evaluate(facts), calls);
      p50.push(quantile(sorted, 0.5));
      p99.push(quantile(sorted, 0.99));
    }
  }
  return {
    subject: 'decide',
    about: 'one request under 20 rules in scope and 20,000 list entries, warm, with reasons',
    rows: [
      {
        what: 'p50',
        unit: 'µs',
        cells: times.map(({ contender, p50 }) => ({ contender, rounds: p50 })),
      },
      {
        what: 'p99',
        unit: 'µs',
        cells: times.map(({ contender, p99 }) => ({ contender, rounds: p99 })),
      },
    ],
    budgets: times.map(({ contender, p50 }) => ({
      what: `${contender}, p50`,
      unit: 'µs',
      must: 'at most',
      limit: 30,
      rounds: p50,
    })),
  };
}

function loadRules(): PolicySet {
  const rules = CONDITIONS.map(
    (when, index) =>
      `  - id: rule-${String(index + 1)}\n    on: lightspark.l1_spend\n` +
      `    effect: ${index < 2 ? 'permit' : 'forbid'}\n    when: |\n      ${when}\n`,
  );
  const lists = 'lists: { cold_wallets: cold.txt, blocked: blocked.txt }\n';
  const text = `version: 1\n${lists}rules:\n${rules.join('')}`;
  const set = loadPolicySet(
    [{ file: 'bench.yaml', text }],
    new Map([
      ['cold.txt', ok(addresses(0))],
      ['blocked.txt', ok(addresses(10_000))],
    ]),
    { lightspark: actions },
  );
  if (!set.ok) throw new Error(set.error.map(formatProblem).join('\n'));
  return set.value;
}

function addresses(from: number): string {
  return Array.from({ length: 10_000 }, (_, index) => address(from + index)).join('\n');
}

function address(number: number): string {
  return `bc1q${String(number).padStart(38, '0')}`;
}

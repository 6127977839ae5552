import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { ok } from '../../src/base/result.ts';
import type { Decision } from '../../src/policy/decision.ts';
import type { FactSpec, FactValue } from '../../src/policy/facts.ts';
import { listPathsOf, loadPolicySet, type PolicySet } from '../../src/policy/policy-set.ts';
import { actions } from '../../src/protocols/lightspark/facts.ts';
import { loaded } from '../support/bank-policy.ts';

const FOLDER = new URL('../../policies/', import.meta.url);
const VOCABULARY = { lightspark: actions };

/** Loads documents as if all of them lay at the top of the policy folder. */
function load(files: readonly string[], lists: Readonly<Record<string, string>> = {}): PolicySet {
  const sources = files.map((file) => ({
    file: file.replace(/^.*\//, ''),
    text: readFileSync(new URL(file, FOLDER), 'utf8'),
  }));
  const texts = listPathsOf(sources).map((path) => {
    return [path, ok(lists[path] ?? readFileSync(new URL(path, FOLDER), 'utf8'))] as const;
  });
  return loaded(loadPolicySet(sources, new Map(texts), VOCABULARY));
}

type Action = keyof typeof actions;

/** Decides an action with neutral facts, except for those given. */
function decide(
  set: PolicySet,
  action: Action,
  values: Readonly<Record<string, FactValue>> = {},
): Decision {
  const specs: readonly (readonly [string, FactSpec])[] = Object.entries(actions[action].facts);
  const neutral = specs
    .filter(([, spec]) => spec.optional !== true)
    .map(([name, spec]) => [name, neutralValue(spec)] as const);
  return set.evaluate({
    world: 'lightspark',
    action,
    values: { ...Object.fromEntries(neutral), ...values },
  });
}

function neutralValue({ type }: FactSpec): FactValue {
  const neutral = { int: 0n, string: '', bool: false, 'list<int>': [], 'list<string>': [] };
  return neutral[type];
}

const yamlFiles = (folder: string): string[] =>
  readdirSync(new URL(folder, FOLDER))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => folder + name);

test.each([...yamlFiles('./'), ...yamlFiles('examples/')])('%s loads by itself', (file) => {
  expect(load([file]).hash).toMatch(/^[0-9a-f]{64}$/);
});

test('the forbids of the examples load beside the default and beat it', () => {
  const list = { 'lists/allowed-addresses.txt': 'bc1qa', 'lists/blocked-addresses.txt': 'bc1qa' };
  const set = load(['default.yaml', 'examples/lightspark-forbid.yaml'], list);
  const payment = { outputs: ['bc1qa'], unknown_outputs: 1n, amount_sat: 5n, fee_sat: 1n };
  expect(decide(set, 'l1_spend', payment)).toMatchObject({
    cause: 'forbid',
    rules: ['wallet-never-pays-blocked-addresses'],
  });
});

describe('the default policy', () => {
  const set = load(['default.yaml'], { 'lists/allowed-addresses.txt': 'bc1qcold\n' });
  const causes = (names: readonly Action[]): Record<string, string> =>
    Object.fromEntries(names.map((action) => [action, decide(set, action).cause]));

  test('permits what a channel and its invoices need, as soon as it was recognised', () => {
    const names: readonly Action[] = [
      'commitment',
      'mutual_close',
      'anchor_spend',
      'channel_announcement',
      'justice',
      'to_remote_claim',
      'to_local_sweep',
      'htlc_transaction',
      'htlc_claim',
      'get_per_commitment_point',
      'release_per_commitment_secret',
      'ecdh',
      'sign_invoice',
      'request_invoice_payment_hash',
    ];
    expect(new Set(Object.values(causes(names)))).toEqual(new Set(['permit']));
  });

  test('has no forbid, since a decline can close a channel', () => {
    expect(readFileSync(new URL('default.yaml', FOLDER), 'utf8')).not.toMatch(/effect: *forbid/);
  });

  test('withholds a blind signature, whatever the sender says, except for a test event', () => {
    expect(decide(set, 'blind').cause).toBe('no-rule');
    expect(decide(set, 'blind', { channel: 'm/3/1', node: 'ours' }).cause).toBe('no-rule');
    expect(decide(set, 'blind', { test_event: true }).rules).toEqual(['test-events']);
  });

  test('permits every kind of test event', () => {
    const names = Object.keys(actions).filter((name): name is Action => name in actions);
    for (const action of names) {
      expect(decide(set, action, { test_event: true }).rules).toContain('test-events');
    }
  });

  test.each([
    ['known', { invoice_known: true }, 'permit'],
    ['imported', { preimage_imported: true }, 'permit'],
    ['unknown, but within the migration window', { within_migration_window: true }, 'permit'],
    ['unknown after the migration window', {}, 'no-rule'],
  ])('for the preimage of an invoice that is %s', (_which, facts, cause) => {
    expect(decide(set, 'release_payment_preimage', facts).cause).toBe(cause);
  });

  describe.each(['l1_spend', 'wallet_spend'] as const)('for %s', (action) => {
    const foreign = (outputs: readonly string[]): Readonly<Record<string, FactValue>> => ({
      outputs,
      unknown_outputs: BigInt(outputs.length),
      amount_sat: 1000n,
    });
    const fee = { fee_sat: 250000n };
    const candidate = {
      ...foreign(['bc1qfunding']),
      funding_candidate: true,
      funding_candidate_sat: 16777215n,
      amount_sat: 16777215n,
    };

    test.each([
      ['only change', { ...foreign([]), ...fee }],
      ['an allowed address', { ...foreign(['bc1qcold']), ...fee }],
      ['a channel that just began', { ...candidate, ...fee }],
      ['a fee that cannot be known, on a small input', { ...foreign([]), input_sat: 5000000n }],
      ['a channel, the fee unknown, on a small input', { ...candidate, input_sat: 5000000n }],
    ])('permits %s', (_what, facts) => {
      expect(decide(set, action, facts).cause).toBe('permit');
    });

    test.each([
      ['any other address', { ...foreign(['bc1qother']), ...fee }],
      ['any other address besides an allowed one', { ...foreign(['bc1qcold', 'bc1qx']), ...fee }],
      ['too high a fee', { ...foreign([]), fee_sat: 250001n }],
      ['an unknown fee on a large input', { ...foreign([]), input_sat: 5000001n }],
      [
        'a channel that is too large',
        { ...candidate, ...fee, funding_candidate_sat: 16777216n, amount_sat: 16777216n },
      ],
      ['another output besides a channel', { ...candidate, ...fee, unknown_outputs: 2n }],
      ['more value than goes to the channel', { ...candidate, ...fee, amount_sat: 16777216n }],
      ['too high a fee for a channel', { ...candidate, fee_sat: 250001n }],
    ])('withholds %s', (_what, facts) => {
      expect(decide(set, action, facts)).toMatchObject({ cause: 'no-rule', errors: [] });
    });
  });

  test('permits a splice only if all that leaves is the fee', () => {
    const splice = {
      capacity_sat: 1000000n,
      recreated_sat: 600000n,
      amount_sat: 600000n,
      own_output_sat: 300000n,
    };
    expect(decide(set, 'splice', splice).cause).toBe('permit');
    expect(decide(set, 'splice', { ...splice, own_output_sat: 299999n }).cause).toBe('no-rule');
    expect(decide(set, 'splice', { ...splice, amount_sat: 600001n }).cause).toBe('no-rule');
    expect(decide(set, 'splice').cause).toBe('no-rule');
  });
});

describe('the strict example', () => {
  const set = load(['examples/lightspark-strict.yaml'], {
    'lists/allowed-addresses.txt': 'bc1qcold\n',
  });

  test('withholds states that take much, closes that lose much and claims to strangers', () => {
    const drop = (own_balance_drop_sat: bigint): Readonly<Record<string, FactValue>> => ({
      own_balance_drop_sat,
    });
    expect(decide(set, 'commitment').cause).toBe('permit');
    expect(decide(set, 'commitment', drop(2000000n)).cause).toBe('permit');
    expect(decide(set, 'commitment', drop(2000001n)).cause).toBe('no-rule');
    expect(decide(set, 'mutual_close', drop(100000n)).cause).toBe('permit');
    expect(decide(set, 'mutual_close', drop(100001n)).cause).toBe('no-rule');
    expect(decide(set, 'mutual_close').cause).toBe('no-rule');
    expect(decide(set, 'to_local_sweep', { outputs: ['bc1qcold'] }).cause).toBe('permit');
    expect(decide(set, 'to_local_sweep', { outputs: ['bc1qother'] }).cause).toBe('no-rule');
  });

  test('withholds payments above its caps or with an unknown fee', () => {
    const payment = {
      outputs: ['bc1qcold'],
      unknown_outputs: 1n,
      amount_sat: 1000000n,
    };
    const fee = { fee_sat: 50000n, feerate_sat_per_kw: 25000n };
    expect(decide(set, 'l1_spend', { ...payment, ...fee }).cause).toBe('permit');
    expect(decide(set, 'l1_spend', { ...payment, ...fee, amount_sat: 1000001n }).cause).toBe(
      'no-rule',
    );
    expect(decide(set, 'l1_spend', payment).cause).toBe('no-rule');
  });

  test('never permits a blind signature', () => {
    expect(decide(set, 'blind', { test_event: true }).cause).toBe('no-rule');
  });
});

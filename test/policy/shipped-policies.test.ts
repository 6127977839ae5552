import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { ok } from '../../src/base/result.ts';
import type { Decision } from '../../src/policy/decision.ts';
import type { FactSpec, FactValue } from '../../src/policy/facts.ts';
import { listPathsOf, loadPolicySet, type PolicySet } from '../../src/policy/policy-set.ts';
import { actions as ethereumActions } from '../../src/protocols/ethereum/facts.ts';
import { vocabulary } from '../../src/protocols/index.ts';
import {
  actions as lighterActions,
  type LighterAction,
} from '../../src/protocols/lighter/facts.ts';
import { actions } from '../../src/protocols/lightspark/facts.ts';
import { loaded } from '../support/bank-policy.ts';

const FOLDER = new URL('../../policies/', import.meta.url);

/** Loads documents as if all of them lay at the top of the policy folder. */
function load(files: readonly string[], lists: Readonly<Record<string, string>> = {}): PolicySet {
  const sources = files.map((file) => ({
    file: file.replace(/^.*\//, ''),
    text: readFileSync(new URL(file, FOLDER), 'utf8'),
  }));
  const texts = listPathsOf(sources).map((path) => {
    return [path, ok(lists[path] ?? readFileSync(new URL(path, FOLDER), 'utf8'))] as const;
  });
  return loaded(loadPolicySet(sources, new Map(texts), vocabulary));
}

type Action = keyof typeof actions;

/** Decides an action with neutral facts, except for those given. */
function decide(
  set: PolicySet,
  action: Action,
  values: Readonly<Record<string, FactValue>> = {},
): Decision {
  const neutral = neutralValues(actions[action].facts);
  return set.evaluate({ world: 'lightspark', action, values: { ...neutral, ...values } });
}

/** The same for an action of Lighter. */
function decideLighter(
  set: PolicySet,
  action: LighterAction,
  values: Readonly<Record<string, FactValue>> = {},
): Decision {
  const neutral = neutralValues(lighterActions[action].facts);
  return set.evaluate({ world: 'lighter', action, values: { ...neutral, ...values } });
}

/** The same for a duty of Ethereum. */
function decideEthereum(
  set: PolicySet,
  action: string,
  values: Readonly<Record<string, FactValue>> = {},
): Decision {
  const spec = ethereumActions[action];
  if (spec === undefined) throw new Error(`no action \`${action}\``);
  const neutral = neutralValues(spec.facts);
  return set.evaluate({ world: 'ethereum', action, values: { ...neutral, ...values } });
}

const EVERYDAY_DUTIES: readonly string[] = [
  'block',
  'attestation',
  'aggregate_and_proof',
  'aggregation_slot',
  'randao_reveal',
  'sync_committee_message',
  'sync_committee_selection_proof',
  'sync_committee_contribution_and_proof',
  'payload_attestation_message',
];

function neutralValues(
  facts: Readonly<Record<string, FactSpec>>,
): Readonly<Record<string, FactValue>> {
  const required = Object.entries(facts).filter(([, spec]) => spec.optional !== true);
  return Object.fromEntries(required.map(([name, spec]) => [name, neutralValue(spec)]));
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

describe('the default policy on Lighter', () => {
  const set = load(['default.yaml']);
  /** The signing service's example: market 0, size 1,000,000, price 50,000, a limit order. */
  const example = {
    order_type: 'limit',
    time_in_force: 'ioc',
    base_amount: 1000000n,
    price: 50000n,
    notional: 50000000000n,
  };

  test('permits the example order, and the same modification', () => {
    const { base_amount, notional } = example;
    expect(decideLighter(set, 'create_order', example).cause).toBe('permit');
    expect(decideLighter(set, 'create_grouped_orders', { base_amount, notional }).cause).toBe(
      'permit',
    );
    expect(decideLighter(set, 'modify_order', { base_amount, notional }).cause).toBe('permit');
  });

  test.each([
    ['more than the bound', { notional: 50000000001n }],
    ['a larger size, however cheap', { base_amount: 1000001n, notional: 1000001n }],
    ['a spot market', { is_spot: true }],
    ['an integrator fee when it takes', { integrator_taker_fee: 1n }],
    ['an integrator fee when it rests', { integrator_maker_fee: 1n }],
  ])('declines orders and modifications with %s', (_what, facts) => {
    const { base_amount, notional } = example;
    const sized = { base_amount, notional, ...facts };
    for (const action of ['create_order', 'create_grouped_orders', 'modify_order'] as const) {
      expect(decideLighter(set, action, sized)).toMatchObject({ cause: 'no-rule', errors: [] });
    }
  });

  test('declines orders and modifications whose notional is not known', () => {
    for (const action of ['create_order', 'create_grouped_orders', 'modify_order'] as const) {
      expect(decideLighter(set, action)).toMatchObject({ cause: 'no-rule', errors: [] });
    }
  });

  test.each([
    ['is too near', 299999n, 'no-rule'],
    ['is near', 300000n, 'permit'],
    ['is far', 2592000000n, 'permit'],
    ['is too far', 2592000001n, 'no-rule'],
  ])('looks at an order whose end %s', (_what, expires_in_ms, cause) => {
    expect(decideLighter(set, 'create_order', { ...example, expires_in_ms }).cause).toBe(cause);
  });

  test('permits whatever only reduces, of unknown size and in any market, and every cancel', () => {
    const reducing = { reduce_only: true, whole_position: true, is_spot: true };
    expect(decideLighter(set, 'create_order', reducing).cause).toBe('permit');
    expect(decideLighter(set, 'create_grouped_orders', reducing).cause).toBe('permit');
    expect(decideLighter(set, 'cancel_order').cause).toBe('permit');
    expect(decideLighter(set, 'cancel_all_orders').cause).toBe('permit');
  });

  test('bounds leverage and margin, and gives tokens', () => {
    expect(decideLighter(set, 'update_leverage', { leverage: 10n }).cause).toBe('permit');
    expect(decideLighter(set, 'update_leverage', { leverage: 11n }).cause).toBe('no-rule');
    expect(decideLighter(set, 'update_margin', { amount: 50000000000n }).cause).toBe('permit');
    expect(decideLighter(set, 'update_margin', { amount: 50000000001n }).cause).toBe('no-rule');
    expect(decideLighter(set, 'auth_token').cause).toBe('permit');
  });

  const denied: readonly LighterAction[] = [
    'withdraw',
    'transfer',
    'change_api_key',
    'approve_integrator',
    'mint_shares',
    'burn_shares',
    'stake_assets',
    'unstake_assets',
    'create_public_pool',
    'update_public_pool',
    'create_sub_account',
    'update_account_config',
    'update_account_asset_config',
  ];

  test.each(denied)('declines %s', (action) => {
    expect(decideLighter(set, action)).toMatchObject({ cause: 'no-rule', errors: [] });
  });

  test('says something about every action', () => {
    const permitted: readonly LighterAction[] = [
      'create_order',
      'create_grouped_orders',
      'modify_order',
      'cancel_order',
      'cancel_all_orders',
      'update_leverage',
      'update_margin',
      'auth_token',
    ];
    expect([...denied, ...permitted].sort()).toEqual(Object.keys(lighterActions).sort());
  });
});

describe('the example of a market maker', () => {
  const set = load(['examples/lighter-market-maker.yaml']);
  const quote = {
    order_type: 'limit',
    time_in_force: 'post_only',
    base_amount: 200000n,
    price: 50000n,
    notional: 10000000000n,
    oracle_price: 50000n,
    expires_in_ms: 3600000n,
  };

  test('permits quotes near the fair price, in two markets', () => {
    expect(decideLighter(set, 'create_order', quote).rules).toEqual(['maker-quotes']);
    expect(decideLighter(set, 'create_order', { ...quote, price: 55000n }).cause).toBe('permit');
    expect(decideLighter(set, 'create_order', { ...quote, price: 45000n }).cause).toBe('permit');
  });

  test.each([
    ['too high a price', { ...quote, price: 55001n }],
    ['too low a price', { ...quote, price: 44999n }],
    ['taking', { ...quote, time_in_force: 'ioc' }],
    ['another market', { ...quote, market: 2n }],
    ['too large a size for its market', { ...quote, market: 1n }],
    ['an integrator fee', { ...quote, integrator_maker_fee: 1n }],
  ])('declines a quote with %s', (_what, facts) => {
    expect(decideLighter(set, 'create_order', facts)).toMatchObject({
      cause: 'no-rule',
      errors: [],
    });
  });

  test('lets the hedger take in one market, and nobody else', () => {
    const hedge = { ...quote, market: 1n, time_in_force: 'ioc', base_amount: 5000n };
    expect(decideLighter(set, 'create_order', { ...hedge, caller: 'hedger' }).rules).toEqual([
      'maker-hedges',
    ]);
    expect(decideLighter(set, 'create_order', hedge).cause).toBe('no-rule');
  });

  test('forbids sending, whatever another file permits', () => {
    expect(decideLighter(set, 'transfer').cause).toBe('forbid');
    expect(decideLighter(set, 'withdraw', { asset: 3n, caller: 'treasury' }).cause).toBe('permit');
    expect(decideLighter(set, 'withdraw', { asset: 3n }).cause).toBe('no-rule');
  });
});

describe('the example of an integrator, beside the default', () => {
  const set = load(['default.yaml', 'examples/lighter-integrator.yaml']);
  const order = { base_amount: 1000n, notional: 1000n };
  const ours = { ...order, integrator: 12345n, integrator_taker_fee: 100n };

  test('permits orders with our own fee, and forbids any other integrator', () => {
    expect(decideLighter(set, 'create_order', ours).rules).toEqual(['integrator-orders']);
    expect(decideLighter(set, 'create_order', order).rules).toEqual(['lighter-orders']);
    expect(decideLighter(set, 'create_order', { ...order, integrator: 666n }).cause).toBe('forbid');
    expect(decideLighter(set, 'create_order', { ...ours, integrator_taker_fee: 101n }).cause).toBe(
      'no-rule',
    );
  });

  test('permits consent to our own fees for a while, and taking it back', () => {
    const consent = { integrator: 12345n, perps_taker_fee: 100n, expires_in_ms: 7776000000n };
    expect(decideLighter(set, 'approve_integrator', consent).cause).toBe('permit');
    expect(
      decideLighter(set, 'approve_integrator', { ...consent, perps_taker_fee: 101n }).cause,
    ).toBe('no-rule');
    expect(decideLighter(set, 'approve_integrator', { ...consent, integrator: 6n }).cause).toBe(
      'no-rule',
    );
    expect(decideLighter(set, 'approve_integrator', { integrator: 6n, revokes: true }).cause).toBe(
      'permit',
    );
  });

  test('registers only keys that are kept here, in one slot', () => {
    const key = { api_key: 42n, key_held: true };
    expect(decideLighter(set, 'change_api_key', key).cause).toBe('permit');
    expect(decideLighter(set, 'change_api_key', { ...key, key_held: false }).cause).toBe('no-rule');
    expect(decideLighter(set, 'change_api_key', { ...key, api_key: 5n }).cause).toBe('no-rule');
  });
});

describe('the default policy on Ethereum', () => {
  const set = load(['default.yaml']);
  const denied: readonly string[] = [
    'voluntary_exit',
    'deposit',
    'raw_root',
    'execution_payload_bid',
    'builder_request_auth',
  ];

  test.each(EVERYDAY_DUTIES)('permits %s', (action) => {
    expect(decideEthereum(set, action).rules).toEqual(['ethereum-duties']);
  });

  test.each(denied)('declines %s', (action) => {
    expect(decideEthereum(set, action)).toMatchObject({ cause: 'no-rule', errors: [] });
  });

  test.each([
    ['of now', { pubkey_matches: true }, 'permit'],
    ['a day old', { pubkey_matches: true, age_s: 86400n }, 'permit'],
    ['older than a day', { pubkey_matches: true, age_s: 86401n }, 'no-rule'],
    ['a day ahead', { pubkey_matches: true, age_s: -86400n }, 'permit'],
    ['more than a day ahead', { pubkey_matches: true, age_s: -86401n }, 'no-rule'],
    ['about another key', { pubkey_matches: false }, 'no-rule'],
  ])('looks at a registration %s', (_which, facts, cause) => {
    expect(decideEthereum(set, 'validator_registration', facts).cause).toBe(cause);
  });

  test('permits preferences, and envelopes of payloads that the proposer made itself', () => {
    expect(decideEthereum(set, 'proposer_preferences').cause).toBe('permit');
    expect(decideEthereum(set, 'execution_payload_envelope', { self_built: true }).cause).toBe(
      'permit',
    );
    expect(decideEthereum(set, 'execution_payload_envelope', { builder_index: 7n }).cause).toBe(
      'no-rule',
    );
  });

  test('says something about every action', () => {
    const conditional = [
      'validator_registration',
      'proposer_preferences',
      'execution_payload_envelope',
    ];
    const all = [...EVERYDAY_DUTIES, ...denied, ...conditional];
    expect(all.sort()).toEqual(Object.keys(ethereumActions).sort());
  });
});

describe('the strict example for Ethereum', () => {
  const ours = `0x${'ab'.repeat(20)}`;
  const leaving = `0x${'cd'.repeat(48)}`;
  const set = load(['examples/ethereum-strict.yaml'], {
    'lists/fee-recipients.txt': `${ours}\n`,
    'lists/leaving-validators.txt': `${leaving}\n`,
  });
  const client = { caller: 'validator-client' };

  test.each(EVERYDAY_DUTIES)('permits %s to a named client at a known fork', (action) => {
    const known = { ...client, fork_known: true };
    expect(decideEthereum(set, action, known).rules).toEqual(['strict-duties']);
    expect(decideEthereum(set, action, client).cause).toBe('no-rule');
    expect(decideEthereum(set, action, { ...known, caller: 'loopback' }).cause).toBe('no-rule');
  });

  test.each([
    ['as it should be', {}, 'permit'],
    ['for a recipient that is not listed', { fee_recipient: `0x${'00'.repeat(20)}` }, 'no-rule'],
    ['with too low a gas limit', { gas_limit: 29999999n }, 'no-rule'],
    ['with too high a gas limit', { gas_limit: 60000001n }, 'no-rule'],
    ['that is old', { age_s: 86401n }, 'no-rule'],
    ['that lies ahead', { age_s: -61n }, 'no-rule'],
    ['about another key', { pubkey_matches: false }, 'no-rule'],
    ['by somebody else', { caller: 'loopback' }, 'no-rule'],
  ])('looks at a registration %s', (_which, facts, cause) => {
    const good = { ...client, fee_recipient: ours, gas_limit: 36000000n, pubkey_matches: true };
    const asked = { ...good, ...facts };
    expect(decideEthereum(set, 'validator_registration', asked)).toMatchObject({
      cause,
      errors: [],
    });
  });

  test('bounds preferences and envelopes by the same list', () => {
    const earns = { ...client, fee_recipient: ours, gas_limit: 36000000n };
    expect(decideEthereum(set, 'proposer_preferences', earns).cause).toBe('permit');
    expect(decideEthereum(set, 'proposer_preferences', client).cause).toBe('no-rule');
    const own = { ...client, fee_recipient: ours, self_built: true };
    expect(decideEthereum(set, 'execution_payload_envelope', own).cause).toBe('permit');
    expect(
      decideEthereum(set, 'execution_payload_envelope', { ...own, self_built: false }).cause,
    ).toBe('no-rule');
  });

  test('lets listed validators leave by one hand only', () => {
    const exit = { key: leaving, caller: 'operations' };
    expect(decideEthereum(set, 'voluntary_exit', exit).cause).toBe('permit');
    expect(decideEthereum(set, 'voluntary_exit', { ...exit, ...client }).cause).toBe('no-rule');
    expect(decideEthereum(set, 'voluntary_exit', { ...exit, key: ours }).cause).toBe('no-rule');
  });

  test('forbids roots whose message nobody shows', () => {
    expect(decideEthereum(set, 'raw_root').cause).toBe('forbid');
  });
});

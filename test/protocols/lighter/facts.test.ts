import { describe, expect, test } from '@jest/globals';

import { createFactCheck } from '../../../src/policy/fact-check.ts';
import type { ActionSpec, FactValue } from '../../../src/policy/facts.ts';
import { actions } from '../../../src/protocols/lighter/facts.ts';
import type { LighterPart, TransactionPart } from '../../../src/protocols/lighter/request.ts';
import { signTransaction } from '../../../signers/lighter/index.ts';
import { Secret } from '../../../src/base/secret.ts';
import { fromHex } from '../../../src/base/hex.ts';
import {
  goodOrder,
  goodRequests,
  goodStopLoss,
  goodTakeProfit,
} from '../../support/good-lighter-requests.ts';
import { client, createSlot, kernel, named, partOf, T0 } from '../../support/judged-slot.ts';
import { keyVector } from '../../support/lighter-vectors.ts';

const specs: Readonly<Record<string, ActionSpec>> = actions;

function factsOf(part: LighterPart): Readonly<Record<string, FactValue>> {
  const [finding] = createSlot().judge(part).findings;
  if (finding === undefined) throw new Error('nothing was found');
  return finding.facts;
}

const names = Object.values(goodRequests).map(({ name }) => name);

describe('every transaction', () => {
  test.each(names)('%s has just the facts that its action declares', (name) => {
    const [finding] = createSlot().judge(partOf(name)).findings;
    const spec = specs[finding?.action ?? ''];
    if (spec === undefined || finding === undefined) throw new Error('no such action');
    expect(createFactCheck(spec)(finding.facts)).toMatchObject({ ok: true });
  });

  test.each(names)('%s carries the number by which the exchange knows it', (name) => {
    const privateKey = new Secret(fromHex(keyVector(0).privateKey));
    const signed = signTransaction(kernel, goodRequests[name], privateKey, new Uint8Array(64));
    if (!signed.ok) throw new Error(signed.error.message);
    expect(factsOf(partOf(name))['tx_type']).toBe(BigInt(signed.value.txType));
  });

  test('says who asks, for which key, where and for how long', () => {
    expect(factsOf(partOf('CancelOrder'))).toMatchObject({
      caller: 'test',
      key: 'lighter/304/123/5',
      network: 'mainnet',
      chain_id: 304n,
      account: 123n,
      is_sub_account: false,
      api_key: 5n,
      nonce: T0,
      nonce_mode: 'skip',
      skip_nonce: true,
      nonce_gap: 0n,
      repeated: false,
      lifetime_ms: 599_000n,
    });
  });

  test.each([
    [304n, 'mainnet'],
    [300n, 'testnet'],
    [466_324n, 'robinhood'],
    [77n, 'chain-77'],
  ])('on chain %s is on network %s', (chainId, network) => {
    const part = { ...partOf('CancelOrder'), client: { ...client, chainId } };
    expect(factsOf(part)).toMatchObject({ network, chain_id: chainId });
  });

  test('of a sub-account says so', () => {
    const account = 2n ** 47n;
    const part = partOf('CancelOrder', { mode: 'skip' }, { AccountIndex: account });
    expect(factsOf({ ...part, client: { ...client, account } })['is_sub_account']).toBe(true);
  });

  test('that is given out again has less time, and says so', () => {
    const slot = createSlot();
    slot.judge(partOf('CancelOrder', named(7n)));
    slot.now += 100_000n;
    const [finding] = slot.judge(partOf('CancelOrder', named(7n))).findings;
    expect(finding?.facts).toMatchObject({ repeated: true, lifetime_ms: 499_000n, nonce: 7n });
  });

  test('that leaves nonces unused says how many', () => {
    const slot = createSlot();
    slot.operate('refresh', { next_nonce: 10n });
    const [finding] = slot.judge(partOf('CancelOrder', named(13n))).findings;
    expect(finding?.facts).toMatchObject({
      nonce_gap: 3n,
      nonce_mode: 'explicit',
      skip_nonce: false,
    });
  });
});

describe('an order', () => {
  const orderFacts = (
    changes: Parameters<typeof partOf<'CreateOrder'>>[2],
    claims: TransactionPart['claims'] = {},
  ) => factsOf({ ...partOf('CreateOrder', { mode: 'skip' }, changes), claims });

  test('says what it is, in words', () => {
    expect(orderFacts({})).toMatchObject({
      market: 3n,
      is_spot: false,
      is_ask: false,
      base_amount: 5000n,
      price: 300_000n,
      notional: 1_500_000_000n,
      whole_position: false,
      order_type: 'limit',
      time_in_force: 'gtt',
      reduce_only: false,
      trigger_price: 0n,
      expires_in_ms: goodOrder.OrderExpiry - T0,
      client_order_index: 11n,
      integrator: 0n,
      integrator_taker_fee: 0n,
      integrator_maker_fee: 0n,
      self_trade_behavior: 0n,
      self_trade_equality: 0n,
    });
  });

  test('has no notional where it closes what is open, or where 64 bits do not hold it', () => {
    const whole = orderFacts({ BaseAmount: 0n, ReduceOnly: 1n });
    expect(whole).toMatchObject({ whole_position: true, reduce_only: true });
    expect(whole).not.toHaveProperty('notional');
    expect(orderFacts({ BaseAmount: 2n ** 48n - 1n, Price: 2n ** 32n - 1n })).not.toHaveProperty(
      'notional',
    );
    expect(orderFacts({ BaseAmount: 2n ** 32n, Price: 2n ** 30n })['notional']).toBe(2n ** 62n);
    expect(orderFacts({ BaseAmount: 2n ** 32n, Price: 2n ** 31n })).not.toHaveProperty('notional');
  });

  test('has no end where it is filled at once, and 28 days where the caller left it open', () => {
    const immediate = orderFacts({ Type: 1n, TimeInForce: 0n, OrderExpiry: 0n, IsAsk: 1n });
    expect(immediate).toMatchObject({ order_type: 'market', time_in_force: 'ioc', is_ask: true });
    expect(immediate).not.toHaveProperty('expires_in_ms');
    expect(orderFacts({ OrderExpiry: -1n })['expires_in_ms']).toBe(28n * 86_400_000n);
  });

  test('tells who earns on it, and what the caller believes the price to be', () => {
    const attributes = { IntegratorAccountIndex: 9n, IntegratorTakerFee: 100n };
    expect(orderFacts({ L2TxAttributes: attributes }, { oraclePrice: 42n })).toMatchObject({
      integrator: 9n,
      integrator_taker_fee: 100n,
      integrator_maker_fee: 0n,
      oracle_price: 42n,
    });
  });

  test('on a spot market says so', () => {
    expect(orderFacts({ MarketIndex: 2048n })).toMatchObject({ market: 2048n, is_spot: true });
  });
});

describe('a group of orders', () => {
  test('opens what its parent opens, and is reduce-only if every order is', () => {
    const facts = factsOf(partOf('CreateGroupedOrders'));
    expect(facts).toMatchObject({
      grouping: 'otoco',
      orders_count: 3n,
      base_amount: 5000n,
      notional: 1_500_000_000n,
      whole_position: false,
      reduce_only: false,
      prices: [300_000n, 330_000n, 280_000n],
      order_types: ['limit', 'take_profit_limit', 'stop_loss'],
      times_in_force: ['gtt', 'gtt', 'ioc'],
      trigger_prices: [0n, 329_000n, 285_000n],
      client_order_indexes: [11n, 12n, 13n],
    });
  });

  test('of two that cancel each other counts the larger once', () => {
    const sized = { BaseAmount: 10n };
    const oco = partOf(
      'CreateGroupedOrders',
      { mode: 'skip' },
      {
        GroupingType: 2n,
        Orders: [
          { ...goodTakeProfit, ...sized },
          { ...goodStopLoss, ...sized },
        ],
      },
    );
    expect(factsOf(oco)).toMatchObject({
      grouping: 'oco',
      notional: 3_300_000n,
      base_amount: 10n,
      reduce_only: true,
      whole_position: false,
      is_ask: true,
    });
  });

  test('that cancels and closes whatever is open has no notional', () => {
    const oco = partOf(
      'CreateGroupedOrders',
      { mode: 'skip' },
      {
        GroupingType: 2n,
        Orders: [goodTakeProfit, goodStopLoss],
      },
    );
    expect(factsOf(oco)).toMatchObject({ whole_position: true });
    expect(factsOf(oco)).not.toHaveProperty('notional');
  });
});

describe('other transactions', () => {
  test('a modification tells what the order becomes', () => {
    const facts = factsOf(
      partOf(
        'ModifyOrder',
        { mode: 'skip' },
        { Index: 2n ** 48n, L2TxAttributes: { OrderVersion: 3n } },
      ),
    );
    expect(facts).toMatchObject({
      market: 1n,
      order_index: 2n ** 48n,
      index_kind: 'exchange',
      base_amount: 42n,
      price: 4242n,
      notional: 178_164n,
      order_version: 3n,
    });
    expect(factsOf(partOf('ModifyOrder', { mode: 'skip' }, { BaseAmount: 0n }))).not.toHaveProperty(
      'notional',
    );
  });

  test('a cancel tells whose index it names', () => {
    expect(factsOf(partOf('CancelOrder'))).toMatchObject({ order_index: 1n, index_kind: 'client' });
  });

  test('a cancel of all tells when and where', () => {
    expect(factsOf(partOf('CancelAllOrders'))).toMatchObject({
      timing: 'immediate',
      all_markets: true,
    });
    const scheduled = partOf(
      'CancelAllOrders',
      { mode: 'skip' },
      { TimeInForce: 1n, Time: T0 + 600_000n },
    );
    expect(factsOf(scheduled)).toMatchObject({ timing: 'scheduled', in_ms: 600_000n });
    const one = partOf(
      'CancelAllOrders',
      { mode: 'skip' },
      { L2TxAttributes: { CancelAllMarketIndex: 4n } },
    );
    expect(factsOf(one)).toMatchObject({ all_markets: false, market: 4n });
    expect(
      factsOf(partOf('CancelAllOrders', { mode: 'skip' }, { TimeInForce: 2n }))['timing'],
    ).toBe('abort');
  });

  test.each([
    [10_000n, 1n],
    [500n, 20n],
    [3333n, 4n],
    [1n, 10_000n],
  ])('an initial margin of %s is a leverage of %s at most', (fraction, leverage) => {
    const part = partOf(
      'UpdateLeverage',
      { mode: 'skip' },
      { InitialMarginFraction: fraction, MarginMode: 1n },
    );
    expect(factsOf(part)).toMatchObject({
      leverage,
      initial_margin_fraction: fraction,
      margin_mode: 'isolated',
    });
  });

  test('margin, withdrawal and shares tell amounts', () => {
    expect(factsOf(partOf('UpdateMargin'))).toMatchObject({ amount: 7_000_000n, direction: 'add' });
    expect(factsOf(partOf('Withdraw'))).toMatchObject({
      asset: 3n,
      route: 'perps',
      amount: 1_000_000n,
    });
    expect(factsOf(partOf('MintShares'))).toMatchObject({ pool: 2n ** 47n, shares: 1n });
    expect(factsOf(partOf('StakeAssets'))).toMatchObject({ pool: 2n ** 47n, shares: 1000n });
  });

  test('a transfer tells both ends, and the L1 address that a fast withdrawal names', () => {
    const memo = new Uint8Array(32);
    memo.fill(0xab, 0, 20);
    const part = partOf('Transfer', { mode: 'skip' }, { Memo: memo, ToAccountIndex: 123n });
    expect(factsOf({ ...part, wallet: 'wallet/00', claims: { sameOwner: true } })).toMatchObject({
      to_account: 123n,
      to_self: true,
      from_route: 'perps',
      to_route: 'spot',
      amount: 5_000_000_000n,
      fee: 3_000_000n,
      memo_address: `0x${'ab'.repeat(20)}`,
      same_owner: true,
      countersigned: true,
    });
    const plain = factsOf(partOf('Transfer'));
    expect(plain).toMatchObject({ to_self: false, countersigned: false });
    expect(plain).not.toHaveProperty('memo_address');
    expect(plain).not.toHaveProperty('same_owner');
  });

  test('a change of key tells the new key, or that the slot is left empty', () => {
    expect(factsOf(partOf('ChangePubKey'))).toMatchObject({
      new_public_key: '09'.repeat(40),
      revokes: false,
    });
    const revoked = partOf('ChangePubKey', { mode: 'skip' }, { PubKey: new Uint8Array(40) });
    expect(factsOf(revoked)).toMatchObject({ revokes: true, key_held: false });
  });

  test('an approval tells the fees and its end, a revocation that it is one', () => {
    expect(factsOf(partOf('ApproveIntegrator'))).toMatchObject({
      integrator: 12_345n,
      perps_taker_fee: 100n,
      perps_maker_fee: 50n,
      spot_taker_fee: 200n,
      spot_maker_fee: 100n,
      revokes: false,
      expires_in_ms: 1_772_323_200_000n - T0,
    });
    const revoked = partOf(
      'ApproveIntegrator',
      { mode: 'skip' },
      {
        MaxPerpsTakerFee: 0n,
        MaxPerpsMakerFee: 0n,
        MaxSpotTakerFee: 0n,
        MaxSpotMakerFee: 0n,
        ApprovalExpiry: 0n,
      },
    );
    expect(factsOf(revoked)).toMatchObject({ revokes: true });
    expect(factsOf(revoked)).not.toHaveProperty('expires_in_ms');
  });
});

test('what only the caller says is declared as claimed, what is hashed as proven', () => {
  const provenances = Object.values(specs).flatMap(({ facts }) =>
    Object.entries(facts).map(([name, { provenance }]) => `${name}: ${provenance}`),
  );
  const claimed = new Set(provenances.filter((line) => line.endsWith('claimed')));
  expect([...claimed].sort()).toEqual([
    'memo: claimed',
    'memo_address: claimed',
    'oracle_price: claimed',
    'same_owner: claimed',
  ]);
});

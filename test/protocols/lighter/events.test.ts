import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';

import type { JsonObject, JsonValue } from '../../../src/base/json.ts';
import { transactionProblem } from '../../../signers/lighter/index.ts';
import type { Result } from '../../../src/base/result.ts';
import type { NotOurs } from '../../../src/core/protocol.ts';
import {
  EVENT_TYPE,
  MAX_BATCH,
  parseLighter,
  prepareLighter,
} from '../../../src/protocols/lighter/events.ts';
import type { LighterDefaults } from '../../../src/protocols/lighter/events/sub-event.ts';
import { SUB_EVENTS } from '../../../src/protocols/lighter/events/sub-events.ts';
import { withOrderExpiry } from '../../../src/protocols/lighter/order-expiry.ts';
import type {
  LighterPart,
  LighterRequest,
  TransactionPart,
} from '../../../src/protocols/lighter/request.ts';
import { lighterClient, lighterClients, publicKeyOf } from '../../support/lighter-clients.ts';
import { order, restOrder, restRequests } from '../../support/lighter-requests.ts';

const NEW_KEY = publicKeyOf('bb');
const mine = lighterClient(304n, 123n, 5n);
const clients = lighterClients(
  [
    mine,
    lighterClient(304n, 123n, 42n),
    lighterClient(304n, 1n, 7n),
    lighterClient(304n, 2n, 7n),
    lighterClient(300n, 1n, 8n),
    lighterClient(304n, 1n, 8n),
  ],
  [lighterClient(304n, 123n, 5n, NEW_KEY), lighterClient(304n, 123n, 42n, NEW_KEY)],
);
const defaults: LighterDefaults = { nonceMode: 'skip' };

function parse(data: JsonObject, usual = defaults): Result<LighterRequest, NotOurs> {
  const envelope = {
    source: 's',
    id: 'event',
    eventType: EVENT_TYPE,
    entityId: '',
    timestamp: 't',
  };
  return parseLighter({ ...envelope, data }, { clients, defaults: usual });
}

function ask(name: string, fields: JsonObject = {}): JsonObject {
  const body = restRequests[name]?.body ?? {};
  return { sub_event_type: name, api_key_index: 5n, account_index: 123n, ...body, ...fields };
}

function requestOf(data: JsonObject, usual = defaults): LighterRequest {
  const request = parse(data, usual);
  if (!request.ok) throw new Error(request.error.reason.message);
  return request.value;
}

function partOf(data: JsonObject, usual = defaults): LighterPart {
  return requestOf(data, usual).parts[0];
}

function transactionOf(data: JsonObject, usual = defaults): TransactionPart {
  const part = partOf(data, usual);
  if (part.kind !== 'transaction') throw new Error('not a transaction');
  return part;
}

function complaint(data: JsonObject): string {
  const request = parse(data);
  if (request.ok) throw new Error('was read');
  expect(request.error.kind).toBe('malformed');
  return request.error.reason.message;
}

const restNames = Object.keys(restRequests);

describe('every kind of request', () => {
  test.each(restNames)('%s means its transaction', (name) => {
    const { transaction, fields } = restRequests[name] ?? {};
    const part = transactionOf(ask(name));
    const isSender = transaction === 'Transfer' || transaction === 'Withdraw';
    expect(part).toEqual({
      kind: 'transaction',
      id: 'event',
      subEvent: name,
      client: name === 'SIGN_CHANGE_API_KEY' ? { ...mine, publicKey: NEW_KEY } : mine,
      name: transaction,
      fields: {
        [isSender ? 'FromAccountIndex' : 'AccountIndex']: 123n,
        ApiKeyIndex: 5n,
        ...fields,
      },
      nonce:
        name === 'SIGN_CHANGE_API_KEY'
          ? { mode: 'explicit', nonce: 3n, skip: false }
          : { mode: 'skip' },
      claims: {},
    });
  });

  test.each(restNames)('%s is one that the exchange takes', (name) => {
    const part = withOrderExpiry(transactionOf(ask(name)), 1_767_225_600_000);
    const transaction = { ...part.fields, Nonce: 7n, ExpiredAt: 1_767_226_199_000n };
    const request = { name: part.name, chainId: 304n, transaction } as Parameters<
      typeof transactionProblem
    >[0];
    expect(transactionProblem(request)).toBeUndefined();
  });

  test('all twenty types of transaction can be asked for', () => {
    const asked = restNames.map((name) => transactionOf(ask(name)).name);
    expect(new Set(asked).size).toBe(20);
  });

  test('each has a good request here, but for those tested by name', () => {
    const others = SUB_EVENTS.filter(({ dialect }) => dialect === 'rest').map(({ name }) => name);
    expect(others.filter((name) => !restNames.includes(name))).toEqual([
      'REGISTER_API_KEY',
      'CREATE_AUTH_TOKEN',
    ]);
  });

  test('a registration under way asks for its change of key, in slot 42 by default', () => {
    const data = { sub_event_type: 'REGISTER_API_KEY', account_index: 123n, new_pubkey: NEW_KEY };
    expect(transactionOf(data)).toMatchObject({
      subEvent: 'SIGN_CHANGE_API_KEY',
      name: 'ChangePubKey',
      client: { apiKey: 42n, publicKey: NEW_KEY },
    });
  });

  test('a change of key is signed by the key that is to come', () => {
    expect(complaint(ask('SIGN_CHANGE_API_KEY', { new_pubkey: 'cc'.repeat(40) }))).toBe(
      'Signer not initialized',
    );
  });

  test('a key is revoked by the one that has the slot', () => {
    const part = transactionOf(ask('SIGN_CHANGE_API_KEY', { new_pubkey: '00'.repeat(40) }));
    expect(part.client).toEqual(mine);
  });
});

describe('tokens', () => {
  const token = (fields: JsonObject): LighterPart => partOf(ask('CREATE_AUTH_TOKEN', fields));

  test('have the deadline that is asked for', () => {
    expect(token({ deadline: 1_704_067_200n })).toEqual({
      kind: 'auth-token',
      id: 'event',
      subEvent: 'CREATE_AUTH_TOKEN',
      client: mine,
      deadline: 1_704_067_200n,
    });
  });

  test.each([{}, { deadline: -1n }, { deadline: 0n }, { deadline: null }])(
    'have the usual one for %p',
    (fields) => {
      expect(token(fields)).not.toHaveProperty('deadline');
    },
  );
});

describe('what the Lighter signing service takes', () => {
  test('its shortest order: no reduce_only, trigger_price, order_expiry or nonce', () => {
    expect(transactionOf(ask('SIGN_CREATE_ORDER'))).toMatchObject({
      fields: { ...order, OrderExpiry: -1n },
      nonce: { mode: 'skip' },
    });
  });

  test('its documented order, an immediate one that asks for the customary expiry, has none', () => {
    const documented = {
      time_in_force: 0n,
      reduce_only: 0n,
      trigger_price: 0n,
      order_expiry: -1n,
      nonce: -1n,
    };
    expect(transactionOf(ask('SIGN_CREATE_ORDER', documented)).fields).toMatchObject({
      OrderExpiry: 0n,
    });
  });

  test.each([
    ['market', 1n, 0n, 0n],
    ['immediate limit', 0n, 0n, 0n],
    ['resting limit', 0n, 1n, -1n],
    ['post-only limit', 0n, 2n, -1n],
    ['stop-loss', 2n, 0n, -1n],
    ['stop-loss limit', 3n, 1n, -1n],
    ['take-profit', 4n, 0n, -1n],
    ['TWAP', 6n, 1n, -1n],
  ])('the customary expiry of a %s order', (_kind, order_type, time_in_force, expiry) => {
    const { fields } = transactionOf(ask('SIGN_CREATE_ORDER', { order_type, time_in_force }));
    expect(fields).toMatchObject({ OrderExpiry: expiry });
  });

  test('an open expiry is settled 28 days ahead, and a given one left alone', () => {
    const now = 1_767_225_600_000;
    const settle = (expiry: bigint): unknown =>
      withOrderExpiry(partOf(ask('SIGN_CREATE_ORDER', { order_expiry: expiry })), now);
    expect(settle(-1n)).toMatchObject({ fields: { OrderExpiry: BigInt(now + 28 * 86_400_000) } });
    expect(settle(0n)).toMatchObject({ fields: { OrderExpiry: 0n } });
    const group = withOrderExpiry(partOf(ask('SIGN_CREATE_GROUPED_ORDERS')), now);
    expect(group).toMatchObject({
      fields: {
        Orders: [{ OrderExpiry: 1_769_644_800_000n }, { OrderExpiry: 1_769_644_800_000n }],
      },
    });
  });

  test('an omitted account is that of the only client of the slot', () => {
    const data = ask('CREATE_AUTH_TOKEN', { account_index: null });
    expect(partOf(data).client).toEqual(mine);
    expect(complaint({ ...data, api_key_index: 7n })).toBe('name the account');
    expect(complaint({ ...data, api_key_index: 9n })).toBe('Signer not initialized');
  });

  test('a chain is named only where clients of two would fit', () => {
    const data = { ...ask('SIGN_CREATE_SUB_ACCOUNT'), api_key_index: 8n, account_index: 1n };
    expect(complaint(data)).toBe('name the account');
    expect(partOf({ ...data, chain_id: 300n }).client.chainId).toBe(300n);
  });

  test.each([
    ['decimal text', '1000000'],
    ['a number without fraction', 1_000_000],
  ])('an integer as %s', (_kind, base_amount) => {
    expect(transactionOf(ask('SIGN_CREATE_ORDER', { base_amount })).fields).toMatchObject({
      BaseAmount: 1_000_000n,
    });
  });

  test('a choice of two as true or false', () => {
    const chosen = { is_ask: true, reduce_only: false };
    expect(transactionOf(ask('SIGN_CREATE_ORDER', chosen)).fields).toMatchObject({
      IsAsk: 1n,
      ReduceOnly: 0n,
    });
  });

  test('null where a field may be absent, also within orders', () => {
    const orders = [{ ...restOrder, trigger_price: null }, restOrder];
    expect(
      partOf(ask('SIGN_CREATE_GROUPED_ORDERS', { orders, integrator_taker_fee: null })),
    ).toEqual(partOf(ask('SIGN_CREATE_GROUPED_ORDERS', { orders: [restOrder, restOrder] })));
  });

  test('fields that it does not know', () => {
    expect(partOf(ask('SIGN_CREATE_ORDER', { colour: 'red' }))).toEqual(
      partOf(ask('SIGN_CREATE_ORDER')),
    );
  });
});

describe('memos', () => {
  const memoOf = (memo: JsonValue): unknown => {
    const part = transactionOf(ask('SIGN_TRANSFER', { memo }));
    return part.name === 'Transfer' ? part.fields.Memo : undefined;
  };
  const bytes = Uint8Array.from({ length: 32 }, (_, index) => index);
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

  test.each<[string, JsonValue]>([
    ['64 hex digits', digits],
    ['64 hex digits with 0x', `0x${digits.toUpperCase()}`],
    ['32 numbers', [...bytes].map(BigInt)],
  ])('as %s', (_kind, memo) => {
    expect(memoOf(memo)).toEqual(bytes);
  });

  test('as 32 characters, also where they look like hex', () => {
    expect(memoOf('ab'.repeat(16))).toEqual(new TextEncoder().encode('ab'.repeat(16)));
    expect(memoOf(`0x${'a'.repeat(30)}`)).toEqual(new TextEncoder().encode(`0x${'a'.repeat(30)}`));
  });

  test('are zeros where absent', () => {
    expect(memoOf(null)).toEqual(new Uint8Array(32));
  });

  test.each<[string, JsonValue]>([
    ['31 characters', 'm'.repeat(31)],
    ['32 characters of two bytes', 'é'.repeat(32)],
    ['64 characters that are no hex', 'x'.repeat(64)],
    ['31 numbers', Array<bigint>(31).fill(0n)],
    ['a number above 255', Array<bigint>(32).fill(256n)],
    ['a number', 5n],
  ])('are not %s', (_kind, memo) => {
    expect(complaint(ask('SIGN_TRANSFER', { memo }))).toMatch(/^`memo` must be 32 characters/);
  });
});

describe('nonces', () => {
  const nonceOf = (fields: JsonObject, nonceMode: 'skip' | 'strict' = 'skip'): unknown =>
    transactionOf(ask('SIGN_CREATE_ORDER', fields), { nonceMode }).nonce;

  test.each<[JsonObject, unknown]>([
    [{ nonce: -1n }, { mode: 'skip' }],
    [{ nonce: 0n }, { mode: 'explicit', nonce: 0n, skip: false }],
    [{ nonce: 2n ** 48n - 1n }, { mode: 'explicit', nonce: 2n ** 48n - 1n, skip: false }],
    [
      { nonce: 7n, skip_nonce: 1n },
      { mode: 'explicit', nonce: 7n, skip: true },
    ],
    [
      { nonce: 7n, nonce_mode: 'explicit' },
      { mode: 'explicit', nonce: 7n, skip: false },
    ],
    [{ skip_nonce: 1n }, { mode: 'skip' }],
    [{ skip_nonce: 0n }, { mode: 'strict' }],
    [{ nonce_mode: 'strict' }, { mode: 'strict' }],
    [{ nonce_mode: 'skip' }, { mode: 'skip' }],
  ])('%p', (fields, wish) => {
    expect(nonceOf(fields)).toEqual(wish);
  });

  test('are strict by default where the operator says so', () => {
    expect(nonceOf({}, 'strict')).toEqual({ mode: 'strict' });
    expect(nonceOf({ nonce_mode: 'skip' }, 'strict')).toEqual({ mode: 'skip' });
  });

  test.each<[JsonObject, string]>([
    [{ nonce: -2n }, '`nonce` must be an integer from -1 to 281474976710655'],
    [{ nonce_mode: 'explicit' }, '`nonce` must be given with `nonce_mode` explicit'],
    [{ nonce: 1n, nonce_mode: 'skip' }, '`nonce` must be -1 with `nonce_mode` skip'],
    [{ nonce: 1n, nonce_mode: 'strict' }, '`nonce` must be -1 with `nonce_mode` strict'],
    [{ skip_nonce: 1n, nonce_mode: 'strict' }, '`skip_nonce` must be 0 with `nonce_mode` strict'],
    [{ skip_nonce: 0n, nonce_mode: 'skip' }, '`skip_nonce` must be 1 with `nonce_mode` skip'],
    [{ nonce_mode: 'lucky' }, '`nonce_mode` must be one of explicit, strict, skip'],
  ])('%p makes no sense', (fields, message) => {
    expect(complaint(ask('SIGN_CREATE_ORDER', fields))).toBe(message);
  });
});

describe('what goes with an order', () => {
  test('integrator, self-trade and order version become attributes', () => {
    const fields = {
      integrator_account_index: 77n,
      integrator_taker_fee: 1n,
      integrator_maker_fee: 2n,
      self_trade_behavior: 3n,
      self_trade_equality: 0n,
    };
    const attributes = {
      IntegratorAccountIndex: 77n,
      IntegratorTakerFee: 1n,
      IntegratorMakerFee: 2n,
      SelfTradeBehavior: 3n,
      SelfTradeEquality: 0n,
    };
    expect(transactionOf(ask('SIGN_CREATE_ORDER', fields)).fields.L2TxAttributes).toEqual(
      attributes,
    );
    const versioned = ask('SIGN_MODIFY_ORDER', { ...fields, order_version: 4n });
    expect(transactionOf(versioned).fields.L2TxAttributes).toEqual({
      ...attributes,
      OrderVersion: 4n,
    });
  });

  test('a market of a cancel-all becomes an attribute', () => {
    const { fields } = transactionOf(ask('SIGN_CANCEL_ALL_ORDERS', { market_index: 3n }));
    expect(fields.L2TxAttributes).toEqual({ CancelAllMarketIndex: 3n });
  });

  test('an oracle price is a claim', () => {
    expect(transactionOf(ask('SIGN_CREATE_ORDER', { oracle_price: 49_000n })).claims).toEqual({
      oraclePrice: 49_000n,
    });
  });
});

describe('amounts and wallets', () => {
  test('other assets and routes have names of their own', () => {
    const eth = { usdc_amount: null, amount: 5n, asset_index: 1n, route_type: 1n };
    expect(transactionOf(ask('SIGN_WITHDRAW', eth)).fields).toMatchObject({
      AssetIndex: 1n,
      RouteType: 1n,
      Amount: 5n,
    });
  });

  test.each<[JsonObject, string]>([
    [{ usdc_amount: null }, '`usdc_amount` must be given, or `amount` instead'],
    [{ amount: 5n }, '`amount` must not stand beside `usdc_amount`'],
    [{ asset_index: 1n }, '`usdc_amount` must be `amount` where `asset_index` is not 3'],
  ])('%p is unclear', (fields, message) => {
    expect(complaint(ask('SIGN_WITHDRAW', fields))).toBe(message);
  });

  const ADDRESS = 'Ab'.repeat(20);

  test.each([`0x${ADDRESS}`, ADDRESS, `wallet/${ADDRESS}`])('a wallet may be %s', (wallet) => {
    const part = transactionOf(ask('SIGN_TRANSFER', { wallet, same_owner: false }));
    expect(part.wallet).toBe(`wallet/${'ab'.repeat(20)}`);
    expect(part.claims).toEqual({ sameOwner: false });
  });

  test('a signature made elsewhere is taken along, but not beside a wallet', () => {
    const l1_signature = `0x${'EF'.repeat(65)}`;
    expect(complaint(ask('SIGN_TRANSFER', { l1_signature }))).toBe(
      '`nonce` must be that of the answer whose `message_to_sign` was signed',
    );
    const signed = ask('SIGN_TRANSFER', { l1_signature, nonce: 7n });
    expect(transactionOf(signed).fields).toMatchObject({
      L1Sig: `0x${'ef'.repeat(65)}`,
    });
    expect(complaint(ask('SIGN_TRANSFER', { l1_signature, wallet: `0x${ADDRESS}` }))).toBe(
      '`l1_signature` must not stand beside `wallet`',
    );
    expect(complaint(ask('SIGN_TRANSFER', { l1_signature: '0x00' }))).toBe(
      '`l1_signature` must be 65 bytes of hex',
    );
  });

  test.each(['private_key', 'eth_private_key'])('%s is never part of an event', (name) => {
    const message = complaint(ask('SIGN_TRANSFER', { [name]: 'canary' }));
    expect(message).toContain(`\`${name}\` must not be sent`);
    expect(message).not.toContain('canary');
  });
});

describe('bounds', () => {
  /** Integer fields of every kind, with their bounds as the description has them. */
  const bounds = restNames.flatMap((name) => {
    const kind = SUB_EVENTS.find((candidate) => candidate.name === name);
    if (kind?.kind !== 'signing') return [];
    return Object.entries(kind.schema.shape).flatMap(([field, schema]) => {
      const meta = metaOf(schema);
      return typeof meta?.['minimum'] === 'bigint' && typeof meta['maximum'] === 'bigint'
        ? [{ name, field, minimum: meta['minimum'], maximum: meta['maximum'] }]
        : [];
    });
  });

  test('are described of every integer', () => {
    expect(bounds.length).toBeGreaterThan(100);
  });

  test.each(bounds)('$name: $field', ({ name, field, minimum, maximum }) => {
    const rule = `\`${field}\` must be an integer from ${String(minimum)} to ${String(maximum)}`;
    for (const value of [minimum - 1n, maximum + 1n, 1.5, 'one', '', [], {}]) {
      expect(complaint(ask(name, { [field]: value }))).toBe(rule);
    }
    for (const value of [minimum, maximum]) {
      const request = parse(ask(name, { [field]: value }));
      expect(request.ok ? '' : request.error.reason.message).not.toContain('must be an integer');
    }
  });

  test.each(bounds)('$name: $field has the limits of the signer', ({ name, field, ...range }) => {
    for (const value of [range.minimum, range.maximum]) {
      const request = parse(ask(name, { [field]: value }));
      if (!request.ok) continue;
      const [part] = request.value.parts;
      if (part.kind !== 'transaction') throw new Error('not a transaction');
      const settled = withOrderExpiry(part, 1_767_225_600_000);
      const transaction = { ...settled.fields, Nonce: 7n, ExpiredAt: 1_767_226_199_000n };
      const signing = { name: part.name, chainId: 304n, transaction } as Parameters<
        typeof transactionProblem
      >[0];
      expect(transactionProblem(signing)?.code).not.toBe('lighter.range');
    }
  });

  function metaOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
    // SAFETY: the shape of an object schema holds schemas.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    const field = schema as z.ZodType;
    // SAFETY: as above, an optional field wraps another.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    return field.meta() ?? (field as z.ZodOptional<z.ZodType>).unwrap().meta();
  }
});

describe('actions of an in-browser signer', () => {
  const act = (name: string, fields: JsonObject): JsonObject => ({
    sub_event_type: name,
    ...fields,
  });

  test.each<[string, JsonObject, string, string]>([
    ['PLACE_ORDER', restOrder, 'SIGN_CREATE_ORDER', 'CreateOrder'],
    ['PLACE_TRIGGER_ORDER', restOrder, 'SIGN_CREATE_ORDER', 'CreateOrder'],
    ['PLACE_TWAP_ORDER', restOrder, 'SIGN_CREATE_ORDER', 'CreateOrder'],
    ['CANCEL_ORDER', { market_index: 0n, order_index: 1n }, 'SIGN_CANCEL_ORDER', 'CancelOrder'],
    ['CANCEL_TWAP', { market_index: 0n, order_index: 1n }, 'SIGN_CANCEL_ORDER', 'CancelOrder'],
    [
      'MODIFY_ORDER',
      restRequests['SIGN_MODIFY_ORDER']?.body ?? {},
      'SIGN_MODIFY_ORDER',
      'ModifyOrder',
    ],
    [
      'UPDATE_LEVERAGE',
      restRequests['SIGN_UPDATE_LEVERAGE']?.body ?? {},
      'SIGN_UPDATE_LEVERAGE',
      'UpdateLeverage',
    ],
    [
      'UPDATE_POSITION_MARGIN',
      restRequests['SIGN_UPDATE_MARGIN']?.body ?? {},
      'SIGN_UPDATE_MARGIN',
      'UpdateMargin',
    ],
    [
      'APPROVE_INTEGRATOR',
      restRequests['SIGN_APPROVE_INTEGRATOR']?.body ?? {},
      'SIGN_APPROVE_INTEGRATOR',
      'ApproveIntegrator',
    ],
    [
      'ACCOUNT_MODE',
      { account_trading_mode: 1n },
      'SIGN_UPDATE_ACCOUNT_CONFIG',
      'UpdateAccountConfig',
    ],
  ])('%s', (name, fields, subEvent, transaction) => {
    const request = requestOf(act(name, fields));
    expect(request).toMatchObject({ subEvent: name, dialect: 'action' });
    expect(request.parts[0]).toMatchObject({
      subEvent,
      name: transaction,
      client: { apiKey: 42n },
    });
  });

  test('CANCEL_ALL_ORDERS has its own word for the time', () => {
    const data = act('CANCEL_ALL_ORDERS', { time_in_force: 1n, timestamp_ms: 9n });
    expect(transactionOf(data).fields).toMatchObject({ TimeInForce: 1n, Time: 9n });
  });

  test('TRANSFER has its own word for the receiver', () => {
    const data = act('TRANSFER', { to_account: 9n, usdc_amount: 1n });
    expect(transactionOf(data).fields).toMatchObject({ ToAccountIndex: 9n, Amount: 1n });
  });

  test('SEND_ASSET moves between the sides of one account', () => {
    const fields = { amount: '1.5', decimals: 6n, sourceDex: 'perps', destinationDex: 'spot' };
    expect(transactionOf(act('SEND_ASSET', fields)).fields).toMatchObject({
      FromAccountIndex: 123n,
      ToAccountIndex: 123n,
      FromRouteType: 0n,
      ToRouteType: 1n,
      Amount: 1_500_000n,
    });
    expect(transactionOf(act('SEND_ASSET', { ...fields, decimals: null })).fields).toMatchObject({
      Amount: 1_500_000n,
    });
    expect(complaint(act('SEND_ASSET', { ...fields, decimals: null, asset_index: 1n }))).toBe(
      '`decimals` must be given where `asset_index` is not 3',
    );
    expect(complaint(act('SEND_ASSET', { ...fields, sourceDex: 'moon' }))).toBe(
      '`sourceDex` must be perps or spot',
    );
  });

  test('REVOKE_INTEGRATOR grants nothing', () => {
    const part = transactionOf(act('REVOKE_INTEGRATOR', { integrator_account_index: 9n }));
    expect(part.fields).toMatchObject({ MaxPerpsTakerFee: 0n, ApprovalExpiry: 0n, L1Sig: '' });
  });

  test('UPDATE_ASSET_COLLATERAL has its own word for the mode', () => {
    const data = act('UPDATE_ASSET_COLLATERAL', { asset_index: 1n, enabled: true });
    expect(transactionOf(data).fields).toMatchObject({ AssetIndex: 1n, AssetMarginMode: 1n });
  });

  test('ACCOUNT_TYPE is a token for an hour', () => {
    const request = requestOf(act('ACCOUNT_TYPE', {}));
    expect(request.parts[0]).toMatchObject({ kind: 'auth-token', lifetime: 3_600n });
  });

  test('REGISTER_API_KEY says where a registration begins', () => {
    expect(complaint(act('REGISTER_API_KEY', {}))).toContain('`POST /register_api_key` began');
  });

  test('DEPOSIT is the wallet’s to make', () => {
    const request = parse(act('DEPOSIT', {}));
    expect(request).toMatchObject({ ok: false, error: { reason: { code: 'lighter.l1_wallet' } } });
    expect(request.ok ? '' : request.error.reason.message).toContain('L1 wallet');
  });

  const withdrawal = {
    asset_index: 3n,
    route_type: 0n,
    amount: '12.5',
    decimals: 6n,
    symbol: 'USDC',
  };

  test.each<[string, bigint, bigint]>([
    ['12.5', 6n, 12_500_000n],
    ['12.500000', 6n, 12_500_000n],
    ['12.50000000', 6n, 12_500_000n],
    ['0.000001', 6n, 1n],
    ['1', 18n, 10n ** 18n],
    ['0.1', 18n, 10n ** 17n],
    ['007', 0n, 7n],
  ])('WITHDRAWAL of %s with %p decimals is exact', (amount, decimals, Amount) => {
    const data = act('WITHDRAWAL', { ...withdrawal, amount, decimals });
    expect(transactionOf(data).fields).toMatchObject({ AssetIndex: 3n, Amount });
  });

  test.each<[JsonObject, RegExp]>([
    [{ amount: '0.0000001' }, /^`amount` must be above 0.* with 6 digits/],
    [{ amount: '0' }, /^`amount` must be above 0/],
    [{ amount: String(2n ** 60n), decimals: 0n }, /^`amount` must be above 0, below 2\^60/],
    [{ amount: '1e3' }, /^`amount` must be a decimal text/],
    [{ amount: '-1' }, /^`amount` must be a decimal text/],
    [{ amount: '.5' }, /^`amount` must be a decimal text/],
    [{ amount: 12.5 }, /^`amount` must be a decimal text/],
    [{ decimals: 19n }, /^`decimals` must be an integer from 0 to 18/],
    [{ min_withdrawal_amount: '12.500001' }, /^`amount` must not be below `min_withdrawal_amount`/],
  ])('WITHDRAWAL with %p is refused', (fields, message) => {
    expect(complaint(act('WITHDRAWAL', { ...withdrawal, ...fields }))).toMatch(message);
  });

  test('WITHDRAWAL of the least that is accepted is read', () => {
    const data = act('WITHDRAWAL', { ...withdrawal, min_withdrawal_amount: '12.5' });
    expect(transactionOf(data).fields).toMatchObject({ Amount: 12_500_000n });
  });
});

describe('batches', () => {
  const job = (id: string, fields: JsonObject = {}): JsonObject => ({
    id,
    market_index: 0n,
    order_index: 1n,
    ...fields,
  });
  const batch = (jobs: JsonValue, fields: JsonObject = {}): JsonObject => ({
    sub_event_type: 'SIGN_CANCEL_ORDER',
    api_key_index: 5n,
    account_index: 123n,
    ...fields,
    signing_jobs: jobs,
  });

  test('have one part for each job, and what they share at the top', () => {
    const mixed = job('b', { sub_event_type: 'CREATE_AUTH_TOKEN', api_key_index: 42n });
    const request = requestOf(batch([job('a'), mixed]));
    expect(request).toMatchObject({ id: 'event', isBatch: true, subEvent: 'SIGN_CANCEL_ORDER' });
    expect(request.parts).toMatchObject([
      { id: 'a', name: 'CancelOrder', client: { apiKey: 5n } },
      { id: 'b', kind: 'auth-token', client: { apiKey: 42n } },
    ]);
  });

  test('a request alone is no batch', () => {
    expect(requestOf(ask('SIGN_CANCEL_ORDER')).isBatch).toBe(false);
  });

  test.each<[string, JsonValue, string]>([
    ['nothing', [], '`signing_jobs` must not be empty'],
    ['no list', {}, '`signing_jobs` must be a list of jobs'],
    ['no object', [5n], '`signing_jobs[0]` must be an object'],
    ['no id', [{}], '`signing_jobs[0].id` must be a text of 1 to 200 printable characters'],
    [
      'a bad id',
      [job('a b')],
      '`signing_jobs[0].id` must be a text of 1 to 200 printable characters',
    ],
    ['one id twice', [job('a'), job('a')], '`signing_jobs[1].id` must be unique within the batch'],
    [
      'a bad field',
      [job('a'), job('b', { order_index: 0n })],
      `\`signing_jobs[1].order_index\` must be an integer from 1 to ${String(2n ** 60n - 1n)}`,
    ],
    [
      'two dialects',
      [job('a'), job('b', { sub_event_type: 'CANCEL_ORDER' })],
      '`signing_jobs` must not mix action names and sub-events',
    ],
    [
      'a raw key',
      [job('a', { private_key: '00' })],
      '`signing_jobs[0].private_key` must not be sent; keep the key here and name it',
    ],
  ])('of %s are refused', (_kind, jobs, message) => {
    expect(complaint(batch(jobs))).toBe(message);
  });

  test('are bounded', () => {
    const jobs = Array.from({ length: MAX_BATCH + 1 }, (_, index) => job(String(index)));
    expect(complaint(batch(jobs))).toBe('`signing_jobs` must have at most 1000 jobs');
    expect(requestOf(batch(jobs.slice(1))).parts).toHaveLength(MAX_BATCH);
  });
});

describe('requests by a route of their own', () => {
  test('are prepared with their client named and nothing unknown', () => {
    const unnamed = { account_index: null, secret: 'canary', nonce: 7n };
    const data = ask('SIGN_WITHDRAW', unnamed);
    expect(prepareLighter(data, { clients, defaults })).toEqual({
      ok: true,
      value: {
        eventType: EVENT_TYPE,
        entityId: 'account:123/5',
        task: { world: 'lighter', key: '304/123/5', action: 'withdraw', isRelief: false },
        data: {
          sub_event_type: 'SIGN_WITHDRAW',
          usdc_amount: 1_000_000n,
          nonce: 7n,
          api_key_index: 5n,
          account_index: 123n,
          chain_id: 304n,
        },
      },
    });
  });

  test('are a relief where they take orders back or can only reduce', () => {
    const isRelief = (name: string, fields: JsonObject = {}): unknown => {
      const prepared = prepareLighter(ask(name, fields), { clients, defaults });
      return prepared.ok ? prepared.value.task.isRelief : prepared.error;
    };
    expect(restNames.filter((name) => isRelief(name) === true)).toEqual([
      'SIGN_CANCEL_ORDER',
      'SIGN_CANCEL_ALL_ORDERS',
    ]);
    expect(isRelief('SIGN_CREATE_ORDER', { reduce_only: 1n })).toBe(true);
    const scheduled = { time_in_force: 1n, time: 9n };
    expect(isRelief('SIGN_CANCEL_ALL_ORDERS', scheduled)).toBe(false);
  });

  test('are read from what was prepared as they were asked for', () => {
    for (const name of restNames) {
      const prepared = prepareLighter(ask(name), { clients, defaults });
      if (!prepared.ok) throw new Error(prepared.error.reason.message);
      expect(partOf(prepared.value.data)).toEqual(partOf(ask(name)));
    }
  });
});

describe('what is no request', () => {
  test.each<[string, JsonObject, string]>([
    ['no name', {}, '`sub_event_type` must be a text'],
    [
      'an unknown name',
      { sub_event_type: 'SIGN_EVERYTHING' },
      '`sub_event_type` is `SIGN_EVERYTHING`, which is not known',
    ],
    [
      'no slot',
      { sub_event_type: 'SIGN_CREATE_SUB_ACCOUNT' },
      '`api_key_index` must be an integer from 0 to 254',
    ],
  ])('%s', (_kind, data, message) => {
    expect(complaint(data)).toBe(message);
  });

  test('names nothing of a value that it refuses', () => {
    const message = complaint(ask('SIGN_CREATE_ORDER', { price: 'canary' }));
    expect(message).not.toContain('canary');
  });

  test('a group of four orders', () => {
    const orders = Array<JsonObject>(4).fill(restOrder);
    expect(complaint(ask('SIGN_CREATE_GROUPED_ORDERS', { orders }))).toBe(
      '`orders` must have 1 to 3 orders',
    );
    expect(
      complaint(
        ask('SIGN_CREATE_GROUPED_ORDERS', { orders: [restOrder, { ...restOrder, price: 0n }] }),
      ),
    ).toBe('`orders[1].price` must be an integer from 1 to 4294967295');
  });
});

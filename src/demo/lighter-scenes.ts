/** A trader's day: what is asked of the Lighter world, and what must become of each. */
import { randomUUID } from 'node:crypto';

import type { JsonObject } from '../base/json.ts';
import type { Call } from './daemon.ts';
import { hexIn, objectsIn, textIn } from './json-fields.ts';
import { AMOUNT, createOrders, MARKET, orderFields } from './lighter-orders.ts';
import type { LighterStandIn } from './lighter-stand-in.ts';
import type { LighterTrader } from './lighter-trader.ts';
import type { CallScene, EventScene, Scene } from './scene.ts';

/** Where in-browser signers register their key, and another slot. */
const [BROWSER_SLOT, OTHER_SLOT] = [42n, 43n];

/** `now` in epoch milliseconds. */
export function createLighterScenes(
  trader: LighterTrader,
  exchange: LighterStandIn,
  now: bigint,
): readonly Scene[] {
  const { account, apiKey } = trader;
  const slot = { api_key_index: apiKey, account_index: account };
  const { makeOrder, bracket, placing, changing, cancelling } = createOrders(trader, now);
  const [first, careful, batched] = [makeOrder(1n), makeOrder(2n), makeOrder(3n)];
  const group = bracket([4n, 5n, 6n]);
  const withIdempotencyKey = { 'idempotency-key': randomUUID() };
  let carefulInfo = '';
  let registration = { id: '', text: '' };

  const sign = (name: string, fields: JsonObject, headers: Call['headers'] = {}): Call => ({
    method: 'POST',
    path: `/${name}`,
    body: { ...slot, ...fields },
    headers,
  });
  const register = (fields: JsonObject): Call => ({
    method: 'POST',
    path: '/register_api_key',
    body: { url: exchange.url, chain_id: trader.chainId, account_index: account, ...fields },
    asOperator: true,
  });
  const signed = (
    title: string,
    because: string,
    call: () => Call,
    check: CallScene['check'],
  ): Scene => ({
    kind: 'call',
    title,
    call,
    status: 200,
    outcome: 'signed',
    because,
    ...(check && { check }),
  });
  const event = (data: JsonObject, changes: JsonObject = {}): JsonObject => ({
    event_type: 'LIGHTER_SIGNING',
    event_id: randomUUID(),
    timestamp: new Date().toISOString(),
    entity_id: `account:${String(account)}/${String(apiKey)}`,
    data: { ...slot, ...data },
    ...changes,
  });
  const webhook = (scene: Omit<EventScene, 'kind' | 'path'>): Scene => ({
    kind: 'event',
    path: '/webhooks/lighter',
    ...scene,
  });

  return [
    {
      kind: 'call',
      title: 'a fresh API key',
      call: () => ({ method: 'POST', path: '/create_api_key', body: { seed: '' } }),
      status: 200,
      outcome: 'done',
      check: (reply) =>
        trader.isPair(hexIn(reply, 'private_key'), hexIn(reply, 'public_key'))
          ? []
          : ['the public key is not that of the private key'],
    },
    {
      kind: 'call',
      title: "a client with the account's throw-away key",
      call: () => ({
        method: 'POST',
        path: '/create_client',
        body: {
          ...slot,
          url: exchange.url,
          chain_id: trader.chainId,
          private_key: trader.privateKey,
        },
      }),
      status: 200,
      outcome: 'done',
      check: (reply) =>
        hexIn(reply, 'public_key') === trader.publicKey ? [] : ['it is the client of another key'],
    },
    {
      kind: 'call',
      title: 'whether the exchange has the same key',
      call: () => sign('check_client', {}),
      status: 200,
      outcome: 'done',
      check: (reply) => (textIn(reply, 'error') === '' ? [] : [textIn(reply, 'error')]),
    },
    signed(
      'an order',
      'lighter-orders',
      () => sign('sign_create_order', orderFields(first)),
      (reply) => trader.check(placing(first), reply, exchange),
    ),
    signed(
      'an order with its take-profit and stop-loss',
      'lighter-orders',
      () =>
        sign('sign_create_grouped_orders', { grouping_type: 3n, orders: group.map(orderFields) }),
      (reply) => trader.check(placing(...group), reply, exchange),
    ),
    signed(
      'another price for the order',
      'lighter-modified-orders',
      () =>
        sign('sign_modify_order', {
          ...{ market_index: MARKET, order_index: 1n, base_amount: AMOUNT, price: 51_000n },
        }),
      (reply) => trader.check(changing(1n, 51_000n), reply, exchange),
    ),
    signed(
      'the end of the order',
      'lighter-cancels',
      () => sign('sign_cancel_order', { market_index: MARKET, order_index: 1n }),
      (reply) => trader.check(cancelling(1n), reply, exchange),
    ),
    {
      kind: 'call',
      title: 'a withdrawal',
      call: () => sign('sign_withdraw', { usdc_amount: 1_000_000n }),
      status: 403,
      outcome: 'declined',
      because: 'policy.no_rule',
    },
    {
      kind: 'call',
      title: 'an order too large',
      call: () => sign('sign_create_order', orderFields(makeOrder(7n, { BaseAmount: 2_000_000n }))),
      status: 403,
      outcome: 'declined',
      because: 'policy.no_rule',
    },
    signed(
      'an order with an Idempotency-Key',
      'lighter-orders',
      () => sign('sign_create_order', orderFields(careful), withIdempotencyKey),
      (reply) => {
        carefulInfo = textIn(reply, 'tx_info');
        return trader.check(placing(careful), reply, exchange);
      },
    ),
    signed(
      'the same once more: the same bytes',
      'lighter-orders',
      () => sign('sign_create_order', orderFields(careful), withIdempotencyKey),
      async (reply) => [
        ...(await trader.check(placing(careful), reply)),
        ...(textIn(reply, 'tx_info') === carefulInfo ? [] : ['one request was signed in two ways']),
      ],
    ),
    {
      kind: 'call',
      title: 'another order with the same Idempotency-Key',
      call: () => sign('sign_create_order', orderFields(makeOrder(8n)), withIdempotencyKey),
      status: 409,
      outcome: 'conflict',
      because: 'claim.conflict',
    },
    webhook({
      title: 'webhook: an order, a cancellation, a withdrawal',
      event: () =>
        event({
          signing_jobs: [
            { id: 'order', sub_event_type: 'SIGN_CREATE_ORDER', ...orderFields(batched) },
            { id: 'withdrawal', sub_event_type: 'SIGN_WITHDRAW', usdc_amount: 1_000_000n },
            {
              ...{ id: 'cancellation', sub_event_type: 'SIGN_CANCEL_ORDER' },
              ...{ market_index: MARKET, order_index: 2n },
            },
          ],
        }),
      status: 204,
      outcome: 'signed',
      callbacks: [
        {
          type: 'signing.completed',
          async check(data) {
            const [order = {}, cancellation = {}, ...more] = objectsIn(data, 'results');
            return [
              ...expectIds([order, cancellation, ...more], ['order', 'cancellation']),
              ...(await trader.check(placing(batched), order, exchange)),
              ...(await trader.check(cancelling(2n), cancellation, exchange)),
            ];
          },
        },
        {
          type: 'signing.declined',
          check: (data) => expectIds(objectsIn(data, 'results'), ['withdrawal']),
        },
      ],
    }),
    webhook({
      title: 'webhook with a forged signature',
      event: () => event({ sub_event_type: 'SIGN_CREATE_ORDER', ...orderFields(makeOrder(9n)) }),
      forged: true,
      status: 401,
      outcome: 'unverified',
      callbacks: [],
    }),
    webhook({
      title: 'webhook that wants its answer sent elsewhere',
      event: () =>
        event(
          { sub_event_type: 'SIGN_CREATE_ORDER', ...orderFields(makeOrder(9n)) },
          { callback_url: 'https://elsewhere.example/' },
        ),
      status: 400,
      outcome: 'malformed',
      because: 'callback.forbidden_host',
      callbacks: [],
    }),
    signed(
      'a new key for slot 42, countersigned by the wallet',
      'demo-new-keys',
      () => register({ api_key_index: BROWSER_SLOT, eth_private_key: trader.walletKey }),
      (reply) => trader.checkRegistration(reply, exchange),
    ),
    {
      kind: 'call',
      title: 'whether the exchange has that key now',
      call: () => sign('check_client', { api_key_index: BROWSER_SLOT }),
      status: 200,
      outcome: 'done',
      check: (reply) => (textIn(reply, 'error') === '' ? [] : [textIn(reply, 'error')]),
    },
    signed(
      'a key for slot 43, whose wallet is elsewhere',
      'demo-new-keys',
      () => register({ api_key_index: OTHER_SLOT, l1_address: trader.owner }),
      (reply) => {
        registration = { id: textIn(reply, 'id'), text: textIn(reply, 'message_to_sign') };
        const state = textIn(reply, 'state');
        return state === 'awaiting_countersignature' ? [] : [`its state is \`${state}\``];
      },
    ),
    signed(
      'the signature of that wallet',
      'demo-new-keys',
      () => ({
        method: 'POST',
        path: `/register_api_key/${registration.id}/countersign`,
        body: { signature: trader.countersign(registration.text) },
        asOperator: true,
      }),
      (reply) => trader.checkRegistration(reply, exchange),
    ),
  ];
}

function expectIds(results: readonly JsonObject[], ids: readonly string[]): readonly string[] {
  const told = results.map((result) => textIn(result, 'id')).join(', ');
  return told === ids.join(', ') ? [] : [`the callback is about \`${told}\``];
}

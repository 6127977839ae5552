/** A trader's side of the api: orders asked for over connections that are kept, each one timed. */
import { Pool } from 'undici';

import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../src/base/json.ts';
import { goodOrder } from '../../test/support/good-lighter-requests.ts';
import { TRADER } from './orders.ts';

export interface OrderCaller {
  /** Milliseconds of each of `orders` calls, in ascending order; throws if any is refused. */
  readonly call: (orders: number) => Promise<readonly number[]>;
  readonly createClient: () => Promise<void>;
  /** The reply to one order. */
  readonly ask: () => Promise<JsonObject>;
  readonly close: () => Promise<void>;
}

const SLOT = {
  chain_id: BigInt(TRADER.chainId),
  account_index: BigInt(TRADER.accountIndex),
  api_key_index: BigInt(TRADER.apiKeyIndex),
};
/** The nonce is the daemon's to choose, and with it goes its record. */
const ORDER = stringifyJson({
  ...SLOT,
  market_index: goodOrder.MarketIndex,
  client_order_index: goodOrder.ClientOrderIndex,
  base_amount: goodOrder.BaseAmount,
  price: goodOrder.Price,
  is_ask: goodOrder.IsAsk,
  order_type: goodOrder.Type,
  time_in_force: goodOrder.TimeInForce,
  order_expiry: -1n,
});

export function createOrderCaller(api: string, token: string, atOnce: number): OrderCaller {
  const pool = new Pool(api, { connections: atOnce });
  const headers = { 'content-type': 'application/json' };

  async function post(path: string, body: string, more: Record<string, string> = {}) {
    const answer = await pool.request({
      path,
      method: 'POST',
      headers: { ...headers, ...more },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode === 200) return text;
    throw new Error(`\`${path}\` was answered ${String(answer.statusCode)}: ${text}`);
  }

  return Object.freeze({
    async call(orders: number): Promise<readonly number[]> {
      const times: number[] = [];
      const worker = async (): Promise<void> => {
        while (times.length < orders) {
          const place = times.push(0) - 1;
          const start = performance.now();
          await post('/sign_create_order', ORDER);
          times[place] = performance.now() - start;
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
      return times.sort((left, right) => left - right);
    },
    async createClient(): Promise<void> {
      const body = stringifyJson({ ...SLOT, private_key: TRADER.privateKey });
      await post('/create_client', body, { authorization: `Bearer ${token}` });
    },
    async ask(): Promise<JsonObject> {
      const json = parseJson(await post('/sign_create_order', ORDER));
      if (json.ok && isJsonObject(json.value)) return json.value;
      throw new Error('a reply is a JSON object');
    },
    close: () => pool.close(),
  });
}

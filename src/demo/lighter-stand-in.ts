/**
 * A stand-in of Lighter's REST api: accounts with owners, slots with keys and nonces, and `sendTx` as
 * far as those are concerned. It checks no signature of an API key and matches no order.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { base64 } from '@scure/base';
import { z } from 'zod';

import { toHex } from '../base/hex.ts';
import { parseJson, stringifyJson, type JsonObject } from '../base/json.ts';

export interface LighterStandIn extends AsyncDisposable {
  /** For `create_client`; its host goes into `LIGHTER_API_HOSTS`. */
  readonly url: string;
  readonly host: string;
  readonly addAccount: (account: bigint, owner: string) => void;
  /** As if the key had been registered elsewhere. */
  readonly setKey: (account: bigint, apiKey: bigint, publicKey: string) => void;
  readonly nonce: (account: bigint, apiKey: bigint) => bigint;
  /** Transactions taken, oldest first. */
  readonly taken: readonly { readonly type: string; readonly info: string }[];
}

interface Slot {
  publicKey: string;
  nonce: bigint;
}

interface Account {
  readonly owner: string;
  readonly slots: Map<bigint, Slot>;
}

const CHANGE_PUB_KEY = '8';
const SKIP_NONCE = '4';

const transaction = z.object({
  AccountIndex: z.bigint().optional(),
  FromAccountIndex: z.bigint().optional(),
  ApiKeyIndex: z.bigint(),
  Nonce: z.bigint(),
  PubKey: z.string().optional(),
  L1Sig: z.string().optional(),
  L2TxAttributes: z.record(z.string(), z.bigint()).nullable(),
});

class Refusal extends Error {
  readonly code: bigint;

  constructor(code: bigint, message: string) {
    super(message);
    this.code = code;
  }
}

export async function startLighterStandIn(): Promise<LighterStandIn> {
  const accounts = new Map<bigint, Account>();
  const taken: { type: string; info: string }[] = [];

  function accountOf(index: bigint): Account {
    const account = accounts.get(index);
    if (account === undefined) throw new Refusal(21_100n, 'account not found');
    return account;
  }

  const calls: Readonly<Record<string, (query: URLSearchParams) => JsonObject>> = {
    'GET /api/v1/nextNonce': (query) => {
      const { slots } = accountOf(integer(query, 'account_index'));
      return { nonce: slots.get(integer(query, 'api_key_index'))?.nonce ?? 0n };
    },
    'GET /api/v1/apikeys': (query) => {
      const index = integer(query, 'account_index');
      const wanted = integer(query, 'api_key_index');
      const found = [...accountOf(index).slots].filter(([slot]) => slot === wanted);
      if (found.length === 0) throw new Refusal(21_109n, 'api key not found');
      return {
        api_keys: found.map(([slot, { publicKey, nonce }]) => ({
          account_index: index,
          api_key_index: slot,
          nonce,
          public_key: publicKey,
        })),
      };
    },
    'GET /api/v1/account': (query) => {
      const index = integer(query, 'value');
      return { total: 1n, accounts: [{ index, l1_address: accountOf(index).owner }] };
    },
    'POST /api/v1/sendTx': (form) => send(form.get('tx_type') ?? '', form.get('tx_info') ?? ''),
  };

  function send(type: string, info: string): JsonObject {
    const json = parseJson(info);
    const read = transaction.safeParse(json.ok ? json.value : undefined);
    if (!read.success) throw new Refusal(20_001n, 'invalid param : tx_info');
    const { ApiKeyIndex: apiKey, Nonce: nonce, PubKey, L1Sig } = read.data;
    const account = read.data.AccountIndex ?? read.data.FromAccountIndex ?? -1n;
    const { slots } = accountOf(account);
    const slot = slots.get(apiKey) ?? { publicKey: '', nonce: 0n };
    const isChange = type === CHANGE_PUB_KEY;
    if (slot.publicKey === '' && !isChange) throw new Refusal(21_108n, 'invalid PublicKey');
    if (!follows(slot.nonce, read.data)) throw new Refusal(21_104n, 'invalid nonce');
    if (isChange) slot.publicKey = newKey(PubKey, L1Sig);
    slot.nonce = nonce + 1n;
    slots.set(apiKey, slot);
    taken.push({ type, info });
    return { message: 'taken', tx_hash: '' };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const call = calls[`${request.method ?? ''} ${url.pathname}`];
    const query = request.method === 'POST' ? await formOf(request) : url.searchParams;
    const [status, body] = reply(call, query);
    response.writeHead(status, { 'content-type': 'application/json' }).end(stringifyJson(body));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;

  return {
    url: `http://${host}`,
    host,
    taken,
    addAccount(account, owner) {
      accounts.set(account, { owner, slots: new Map() });
    },
    setKey(account, apiKey, publicKey) {
      accountOf(account).slots.set(apiKey, { publicKey, nonce: 0n });
    },
    nonce: (account, apiKey) => accountOf(account).slots.get(apiKey)?.nonce ?? 0n,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Strictly the next one, or with the attribute any that is not spent. */
function follows(next: bigint, { Nonce, L2TxAttributes }: z.infer<typeof transaction>): boolean {
  return L2TxAttributes?.[SKIP_NONCE] === 1n ? Nonce >= next : Nonce === next;
}

function newKey(publicKey = '', countersignature = ''): string {
  if (countersignature === '') throw new Refusal(21_136n, 'invalid signature');
  return toHex(base64.decode(publicKey));
}

function reply(
  call: ((query: URLSearchParams) => JsonObject) | undefined,
  query: URLSearchParams,
): readonly [number, JsonObject] {
  try {
    if (call === undefined) return [404, { code: 404n, message: 'not found' }];
    return [200, { code: 200n, ...call(query) }];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [400, { code: error.code, message: error.message }];
  }
}

function integer(query: URLSearchParams, name: string): bigint {
  const text = query.get(name) ?? '';
  if (!/^[0-9]{1,18}$/.test(text)) throw new Refusal(20_001n, `invalid param : ${name}`);
  return BigInt(text);
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  // SAFETY: without a decoder a request yields bytes.
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk);
  }
  return new URLSearchParams(text);
}

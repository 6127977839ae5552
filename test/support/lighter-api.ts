/** The api with Lighter's routes, over a core and a desk that record what they are asked. */
import { isHex, toHex } from '../../src/base/hex.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import type { Ask, Told } from '../../src/core/desk.ts';
import type { Reason } from '../../src/core/outcome.ts';
import { nonceRoutes } from '../../src/http/lighter/nonce-routes.ts';
import type {
  ClientView,
  LighterDesk,
  LighterRefusal,
  NewApiKey,
  NewClient,
  NewRegistration,
  Registration,
  SetupStep,
} from '../../src/protocols/lighter/ports.ts';
import { lighterRoutes } from '../../src/http/lighter/routes.ts';
import { lighterEndpoints } from '../../src/protocols/lighter/endpoints.ts';
import { type ApiServer, apiServer, type ApiSetup } from './api-server.ts';
import { lighterClient, lighterClients, publicKeyOf } from './lighter-clients.ts';

export const mine = lighterClient(304n, 123n, 5n);
export const URL_OF_EXCHANGE = 'https://exchange.example';
export const KEPT_WALLET = `wallet/${'ab'.repeat(20)}`;
const HASH = 'ab'.repeat(40);
if (!isHex(HASH)) throw new Error('not hex');

const SIGNED: Told = {
  kind: 'decided',
  job: 'job-1',
  parts: [
    {
      id: 'part',
      outcome: 'signed',
      answer: { tx_type: 14n, tx_info: '{"Nonce":7}', tx_hash: HASH, nonce: 7n },
    },
  ],
};

const REGISTRATION: Registration = {
  id: 'registration-1',
  state: 'awaiting_countersignature',
  chainId: 304n,
  account: 123n,
  apiKey: 42n,
  publicKey: publicKeyOf('bb'),
  messageToSign: 'Register Lighter Account',
  txType: 8n,
  txInfo: '{}',
  txHash: HASH,
  nonce: 3n,
  expiredAt: 1_767_226_199_000n,
};

export interface LighterApi extends ApiServer {
  readonly asked: readonly Ask[];
  /** What the desk for keys was called with; secrets as hex. */
  readonly keyCalls: readonly (readonly unknown[])[];
  /** Operations on nonces, and what the exchange was asked for them. */
  readonly operations: readonly unknown[];
  readonly post: (
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly status: number; readonly headers: Headers; readonly json: JsonObject }>;
}

export interface LighterApiSetup extends ApiSetup {
  readonly told?: Told;
  readonly acceptRawKeys?: boolean;
  /** How an operation ends. */
  readonly operated?: Result<JsonObject, Reason>;
  /** Every call about keys is refused so. */
  readonly refusal?: LighterRefusal;
}

export async function lighterApi(setup: LighterApiSetup = {}): Promise<LighterApi> {
  const asked: Ask[] = [];
  const keyCalls: (readonly unknown[])[] = [];
  const operations: unknown[] = [];
  const clients = lighterClients(
    [mine, { ...mine, apiKey: 6n, url: URL_OF_EXCHANGE }],
    [lighterClient(304n, 123n, 5n, publicKeyOf('bb'))],
  );
  const server = await apiServer({
    ...setup,
    deps: {
      ...setup.deps,
      worlds: (access) => [
        ...lighterRoutes({
          access,
          world: 'lighter',
          source: 'lighter-api',
          acceptRawKeys: setup.acceptRawKeys ?? true,
          endpoints: lighterEndpoints({ clients, defaults: { nonceMode: 'skip' } }),
          keys: recordingDesk(keyCalls, setup.refusal),
          core: {
            ask(ask) {
              asked.push(ask);
              return Promise.resolve(setup.told ?? SIGNED);
            },
          },
        }),
        ...nonceRoutes({
          access,
          world: 'lighter',
          clients,
          operator: {
            operate(order) {
              operations.push(order);
              return Promise.resolve(setup.operated ?? ok({ message: 'done' }));
            },
          },
          exchange: {
            nextNonce(...asked) {
              operations.push(asked);
              return Promise.resolve(ok(9n));
            },
          },
        }),
      ],
    },
  });
  const post: LighterApi['post'] = async (path, body, headers = {}) => {
    const response = await fetch(`${server.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    // SAFETY: all replies of the api are JSON objects, and tests look at them as such.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    const json = (await response.json()) as JsonObject;
    return { status: response.status, headers: response.headers, json };
  };
  return { ...server, asked, keyCalls, operations, post };
}

function recordingDesk(calls: (readonly unknown[])[], refusal?: LighterRefusal): LighterDesk {
  const answer = <Value>(value: Value, ...call: readonly unknown[]) => {
    calls.push(call);
    return Promise.resolve(refusal === undefined ? ok(value) : err(refusal));
  };
  const view: ClientView = { ...mine };
  const steps: readonly SetupStep[] = [
    { step: 'api_key', done: true, hint: '' },
    { step: 'registered', done: false, hint: 'register the key' },
  ];
  const newKey = (): NewApiKey => ({
    publicKey: publicKeyOf('cc'),
    privateKey: new Secret(new Uint8Array(40).fill(0xdd)),
  });
  return {
    chainOf: ({ chainId, url }) =>
      chainId === undefined && url === undefined
        ? err({ kind: 'invalid', reason: { code: 'lighter.chain_id', message: 'name the chain' } })
        : ok(chainId ?? 304n),
    find: ({ apiKey }) =>
      apiKey === mine.apiKey
        ? ok(view)
        : err({
            kind: 'unknown',
            reason: { code: 'lighter.no_client', message: 'Signer not initialized' },
          }),
    createClient: (client: NewClient, caller) =>
      answer(view, 'createClient', { ...client, key: openKey(client.key) }, caller),
    createApiKey: (seed, caller) => answer(newKey(), 'createApiKey', openSecret(seed), caller),
    checkClient: (slot) => answer(view, 'checkClient', slot),
    keepWallet: (key, caller) => answer(KEPT_WALLET, 'keepWallet', openSecret(key), caller),
    register: (registration: NewRegistration, caller) =>
      answer(REGISTRATION, 'register', registration, caller),
    countersign: (id, signature, caller) =>
      answer({ ...REGISTRATION, state: 'complete' as const }, 'countersign', id, signature, caller),
    setup: (slot) => answer(steps, 'setup', slot),
  };
}

function openKey(key: NewClient['key']): unknown {
  return key.kind === 'raw' ? openSecret(key.privateKey) : key;
}

function openSecret(secret: Secret | undefined): string | undefined {
  return secret?.reveal(toHex);
}

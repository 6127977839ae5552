/** The Ethereum world without a daemon: real room, desk, store, keys, policy and routes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll } from '@jest/globals';

import { createDutyReader, type Network, NETWORKS } from '../../signers/bls12381/index.ts';
import type { KeySource } from '../../src/adapters/bls/key-source.ts';
import { keystoreDirectory } from '../../src/adapters/bls/keystore-directory.ts';
import {
  createKeyHistory,
  type KeyHistory,
  pinChain,
} from '../../src/adapters/ethereum/key-history.ts';
import { createKeymanager } from '../../src/adapters/ethereum/keymanager.ts';
import { openSqliteStore } from '../../src/adapters/store/sqlite-store.ts';
import { systemRandom } from '../../src/adapters/system.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { ok } from '../../src/base/result.ts';
import { createDesk, type Desk, type Told } from '../../src/core/desk.ts';
import { createDispatch } from '../../src/core/dispatch.ts';
import { createOperator } from '../../src/core/operator.ts';
import { createPipeline } from '../../src/core/pipeline.ts';
import type { Clock, KeyRing, Observer, Store, Transport } from '../../src/core/ports.ts';
import type { EthereumKeys } from '../../src/http/ethereum/ports.ts';
import { ethereumRoutes } from '../../src/http/ethereum/routes.ts';
import { API_SOURCE } from '../../src/http/ethereum/sign-routes.ts';
import { listPathsOf, loadPolicySet, type PolicySet } from '../../src/policy/policy-set.ts';
import {
  chainTime,
  createEthereum,
  EVENT_TYPE,
  rawRootDomain,
  readSettings,
  settingsKey,
} from '../../src/protocols/ethereum/index.ts';
import { vocabulary } from '../../src/protocols/index.ts';
import { type ApiServer, apiServer, type ApiSetup, TOKEN } from './api-server.ts';
import { loaded } from './bank-policy.ts';
import { type StoreRig, storeIn, writeInteropKeystores } from './validator-files.ts';
import { wallClock } from './temp-store.ts';

/** Permits whatever reaches policy. */
const PERMIT_ALL = `version: 1
rules:
  - id: all
    on: ethereum
    effect: permit
`;

export interface EthereumRigOptions extends ApiSetup {
  /** `PERMIT_ALL` unless said otherwise. */
  readonly policy?: string;
  readonly network?: Network;
  /** Epoch milliseconds. */
  readonly now?: number;
  /** Interop keys that lie in the operator's directory; loaded at once. */
  readonly operatorKeys?: readonly number[];
  readonly rawRoots?: readonly string[];
  /** Whether keys are loaded at once. */
  readonly load?: boolean;
  /** Stands between the desk and the store. */
  readonly storeFor?: (store: Store) => Store;
  /** Stands between the Keymanager API and the store. */
  readonly historyStoreFor?: (store: Store) => Store;
  readonly desk?: Partial<Desk>;
  readonly room?: Partial<Parameters<typeof createEthereum>[0]>;
}

export interface EthereumRig extends AsyncDisposable {
  readonly server: ApiServer;
  readonly store: Store;
  readonly validators: StoreRig;
  readonly home: string;
  /** What broke in the core. */
  readonly failures: readonly unknown[];
  readonly frozen: Set<string>;
  readonly setNow: (now: number) => void;
  /** Asks the desk as the webhook's data would. */
  readonly ask: (data: JsonObject, caller?: string) => Promise<Told>;
  readonly call: (path: string, init?: CallOptions) => Promise<Answered>;
  /** The same by the operator. */
  readonly order: (path: string, init?: CallOptions) => Promise<Answered>;
  /** What a request to sign is answered. */
  readonly sign: (identifier: string, body: unknown) => Promise<Answered>;
}

export interface CallOptions {
  readonly method?: string;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** `undefined` where the answer is no JSON. */
  readonly json: unknown;
}

/** One rig for all tests of a file, each with keys of its own: opening a store takes its time. */
export function sharedRig(options: EthereumRigOptions = {}): () => EthereumRig {
  let rig: EthereumRig | undefined;
  beforeAll(async () => {
    rig = await ethereumRig(options);
  }, 30_000);
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]();
  });
  return () => {
    if (rig === undefined) throw new Error('the rig stands only while tests run');
    return rig;
  };
}

/** A date at which mainnet is at slot 10,000,000. */
export const MAINNET_NOW = (1_606_824_023 + 12 * 10_000_000) * 1000;

export async function ethereumRig(options: EthereumRigOptions = {}): Promise<EthereumRig> {
  const { network = NETWORKS.mainnet, rawRoots = [], operatorKeys = [] } = options;
  const home = await mkdtemp(join(tmpdir(), 'countersign-'));
  let { now = MAINNET_NOW } = options;
  const clock: Clock = { ...wallClock, now: () => now };
  const { store: opened } = await openSqliteStore({ directory: join(home, 'data'), clock });
  const store = options.storeFor?.(opened) ?? opened;
  const history = await historyIn(opened, network, clock);
  const validators = await storeIn(home, {
    sources: sourcesIn(join(home, 'keystores'), operatorKeys),
    beforeActivation: async (pubkeys) => {
      await history.begin(pubkeys);
      return ok(undefined);
    },
  });
  if (options.load !== false) await validators.reload();

  const frozen = new Set<string>();
  const failures: unknown[] = [];
  const allowed = new Set(rawRoots.map(rawRootDomain));
  const { keys } = validators;
  const protocol = createEthereum({
    network,
    readDuty: createDutyReader(network),
    hasKey: keys.has,
    allowsRawRoot: (domain) => allowed.has(domain),
    signRoot: keys.sign,
    ...options.room,
  });
  const observer: Observer = {
    stage: () => undefined,
    alarm: () => undefined,
    failure: (error) => failures.push(error),
    route: () => undefined,
  };
  const ring: KeyRing = { list: keys.list, isFrozen: (id) => frozen.has(id) };
  const parts = {
    store,
    policy: bookOf(policySet(options.policy ?? PERMIT_ALL)),
    keys: ring,
    clock,
    random: systemRandom,
    observer,
    transport: silent,
    sources: [],
    desks: [{ name: API_SOURCE, dispatch: createDispatch([protocol]) }],
    protocols: [protocol],
    outboxLifetime: 1,
  };
  const desk: Desk = { ...createDesk(parts), ...options.desk };
  const operator = createOperator({ ...parts, pipeline: createPipeline(parts) });
  const forRoutes: EthereumKeys = {
    isLoaded: () => validators.store.status().isLoaded,
    publicKeys: keys.publicKeys,
    has: keys.has,
    list: keys.list,
    ...createKeymanager({
      keys: validators.store,
      history,
      store: options.historyStoreFor?.(opened) ?? opened,
      isLoaded: keys.has,
    }),
    reload: () => validators.store.reload() !== undefined,
    reloadStatus: () => ({ state: validators.store.status().state }),
    highWatermark: async () => (await opened.slashing.settings()).highWatermark,
    settings: async (pubkey) =>
      readSettings(pubkey, await opened.state('ethereum', [settingsKey(pubkey)])),
  };
  const server = await apiServer({
    ...options,
    deps: {
      ...options.deps,
      worlds: (access) => ethereumRoutes({ access, desk, operator, keys: forRoutes }),
    },
  });

  const call = callerOf(server.origin);

  return {
    server,
    store: opened,
    validators,
    home,
    failures,
    frozen,
    setNow: (at) => {
      now = at;
    },
    ask: (data, caller = 'somebody') =>
      desk.ask({ source: API_SOURCE, caller, eventType: EVENT_TYPE, entityId: '', data }),
    call,
    order: (path, init = {}) =>
      call(path, { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...init.headers } }),
    sign: (identifier, body) =>
      call(`/api/v1/eth2/sign/${identifier}`, {
        method: 'POST',
        body,
        headers: { accept: 'application/json' },
      }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await opened.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function callerOf(origin: string): EthereumRig['call'] {
  return async (path, init = {}) => {
    const { method = 'GET', body, headers = {} } = init;
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: { ...type, ...headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body, exactIntegers) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const json: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, text, headers: response.headers, json };
  };
}

async function historyIn(store: Store, network: Network, clock: Clock): Promise<KeyHistory> {
  const { genesisValidatorsRoot, millisecondsPerSlot, preset } = network;
  if (genesisValidatorsRoot !== undefined) await pinChain(store, genesisValidatorsRoot);
  const slotsPerEpoch = preset.SLOTS_PER_EPOCH;
  const timeOf = (now: number) => chainTime(network, now);
  return createKeyHistory(
    { chainTime: timeOf, millisecondsPerSlot, slotsPerEpoch, isRestored: false },
    { store, clock },
  );
}

function sourcesIn(directory: string, indices: readonly number[]): readonly KeySource[] {
  if (indices.length === 0) return [];
  writeInteropKeystores(directory, indices);
  return [keystoreDirectory({ directory, passwords: directory, exposed: 'refused' })];
}

function policySet(text: string): PolicySet {
  const sources = [{ file: 'test.yaml', text }];
  const lists = new Map(listPathsOf(sources).map((path) => [path, ok('')] as const));
  return loaded(loadPolicySet(sources, lists, vocabulary));
}

function bookOf({ hash, text, evaluate }: PolicySet) {
  return { hash: () => hash, text: () => text, evaluate };
}

/** Nothing that is answered in line is sent anywhere. */
const silent: Transport = {
  route: () => 'nowhere',
  send: () => Promise.resolve({ kind: 'delivered' }),
};

function exactIntegers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

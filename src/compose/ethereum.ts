/** The Ethereum world from its configuration: room, validator keys and their history, routes. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { parse as parseYaml } from 'yaml';

import {
  createDutyReader,
  type Network,
  type NetworkName,
  NETWORKS,
  readNetwork,
} from '../../signers/bls12381/index.ts';
import { showProgress } from '../adapters/bls/load-progress.ts';
import { openValidatorKeys, type OpenValidatorKeys } from '../adapters/bls/open-validator-keys.ts';
import { createKeyHistory, pinChain } from '../adapters/ethereum/key-history.ts';
import { createKeymanager } from '../adapters/ethereum/keymanager.ts';
import { startPruning } from '../adapters/ethereum/pruning.ts';
import { createSlashingControl } from '../adapters/ethereum/slashing-control.ts';
import type { KeysPassword } from '../adapters/keys/keys-password.ts';
import { systemCode } from '../adapters/keys/private-file.ts';
import type { Log } from '../adapters/observe/log.ts';
import { systemClock } from '../adapters/system.ts';
import type { StopUpkeep } from '../adapters/upkeep.ts';
import { isJsonObject, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Config, EthereumConfig } from '../config.ts';
import { createDispatch } from '../core/dispatch.ts';
import type { Reason } from '../core/outcome.ts';
import type { Store } from '../core/ports.ts';
import { ethereumRoutes } from '../http/ethereum/routes.ts';
import type { EthereumKeys } from '../http/ethereum/ports.ts';
import { ethereumSections } from '../http/ethereum/sections.ts';
import { slashingRoutes } from '../http/ethereum/slashing-routes.ts';
import { API_SOURCE } from '../http/ethereum/sign-routes.ts';
import type { WebhookPath } from '../http/webhook.ts';
import {
  chainTime,
  createEthereum,
  isDomainName,
  rawRootDomain,
  readSettings,
  settingsKey,
} from '../protocols/ethereum/index.ts';
import { composeCallbacks } from './callbacks.ts';
import { openFrozenValidators } from './frozen-validators.ts';
import { createKeyLoading } from './key-loading.ts';
import type { Readiness } from './readiness.ts';
import type { ServedWorld } from './world.ts';

const NAME = 'ethereum';
const PATHS: readonly WebhookPath[] = [{ path: '/webhooks/bls', source: NAME }];
/** Milliseconds: a slot. */
const PATIENCE = 9_000;

export interface EthereumParts {
  readonly store: Store;
  readonly isRestored: boolean;
  readonly password: KeysPassword;
  readonly readiness: Pick<Readiness, 'up' | 'down'>;
  readonly log: Log;
  readonly alarm: (reason: Reason) => void;
}

export interface Ethereum {
  readonly world: ServedWorld;
  readonly keys: OpenValidatorKeys['keys'];
  /** Loads keys in the background; readiness tells when all are usable. Also begins to prune. */
  readonly begin: (onLoaded: () => void) => void;
}

export async function composeEthereum(
  config: Config,
  { store, isRestored, password, readiness, log, alarm }: EthereumParts,
): Promise<Result<Ethereum, Reason>> {
  const { ethereum, callbacks, dataDir, keysDir } = config;
  const network = openNetwork(ethereum.network);
  if (!network.ok) return network;
  const unknown = ethereum.rawRootDomains.find((name) => !isDomainName(name));
  if (unknown !== undefined) {
    return refuse(`\`ETH_ALLOW_RAW_ROOT\` names \`${unknown}\`, which is no domain`);
  }
  const { genesisValidatorsRoot, name, preset } = network.value;
  if (genesisValidatorsRoot !== undefined && !(await pinChain(store, genesisValidatorsRoot))) {
    return refuse(
      `the database in \`DATA_DIR\` protects keys of another chain than \`ETH_NETWORK\`, which is ${name}; name that network, or give each its own directory`,
    );
  }
  const history = await createKeyHistory(
    {
      chainTime: (now) => chainTime(network.value, now),
      millisecondsPerSlot: network.value.millisecondsPerSlot,
      slotsPerEpoch: preset.SLOTS_PER_EPOCH,
      isRestored,
    },
    { store, clock: systemClock },
  );
  const secret = password.forNew();
  if (!secret.ok) return secret;
  const cores = availableParallelism();
  const opened = await openValidatorKeys(
    {
      workers: ethereum.workers ?? cores,
      concurrency: cores,
      imports: { directory: join(keysDir, 'validators'), password: secret.value },
      sources: sourcesOf(ethereum),
      ...(ethereum.keyCache
        ? { cache: { file: join(dataDir, 'validators.cache'), secret: secret.value } }
        : {}),
    },
    {
      frozen: openFrozenValidators(dataDir, alarm),
      alarm,
      beforeActivation: async (pubkeys) => {
        await history.begin(pubkeys);
        return ok(undefined);
      },
      onProgress: showProgress({
        terminal: process.stderr,
        say: (message) => {
          log.say('info', message);
        },
        now: systemClock.now,
      }),
      now: systemClock.now,
    },
  );
  if (!opened.ok) return opened;
  const { keys, store: keyStore, close } = opened.value;
  const allowed = new Set(ethereum.rawRootDomains.map(rawRootDomain));
  const protocol = createEthereum({
    network: network.value,
    readDuty: createDutyReader(network.value),
    hasKey: keys.has,
    allowsRawRoot: (domain) => allowed.has(domain),
    signRoot: keys.sign,
  });
  const answering = composeCallbacks(
    {
      name: NAME,
      patience: PATIENCE,
      webhook: ethereum.webhook,
      callbacks,
      secretFields: [],
      isReady: () => keyStore.status().isLoaded,
    },
    { protocol, log },
  );
  if (!answering.ok) return answering;
  const { sources, transport } = answering.value;

  const loading = createKeyLoading({
    store: keyStore,
    count: keys.count,
    readiness,
    log,
    alarm,
    clock: systemClock,
    onLoaded: () => {
      tellLoaded();
    },
  });
  let tellLoaded = (): void => undefined;
  let stopPruning: StopUpkeep = () => Promise.resolve();

  function begin(onLoaded: () => void): void {
    tellLoaded = onLoaded;
    loading.load();
    stopPruning = startPruning(
      { slotsPerEpoch: preset.SLOTS_PER_EPOCH },
      {
        store,
        clock: systemClock,
        onPruned: (pruned) => {
          log.say('info', 'slashing protection pruned', pruned);
        },
        onFailure: (error) => {
          log.failure('pruning slashing protection failed', error);
        },
      },
    );
  }

  const forRoutes: EthereumKeys = {
    publicKeys: keys.publicKeys,
    has: keys.has,
    list: keys.list,
    ...createKeymanager({ keys: keyStore, history, store, isLoaded: keys.has }),
    reload: loading.load,
    isLoaded: () => keyStore.status().isLoaded,
    reloadStatus: () => {
      const { state, endedAt, errors } = keyStore.status();
      const [first] = errors;
      const failed = first && `${first.file}: ${first.reason.message}`;
      const error = state === 'failed' ? 'machinery broke; the log says why' : failed;
      return {
        state,
        ...(endedAt === undefined ? {} : { endedAt }),
        ...(error === undefined ? {} : { error }),
      };
    },
    highWatermark: async () => (await store.slashing.settings()).highWatermark,
    settings: async (pubkey) =>
      readSettings(pubkey, await store.state(NAME, [settingsKey(pubkey)])),
  };

  return ok({
    keys,
    begin,
    world: {
      on: true,
      name: NAME,
      protocol,
      sources,
      desks: [{ name: API_SOURCE, dispatch: createDispatch([protocol]) }],
      transport: {
        ...transport,
        close: async () => {
          loading.stop();
          await stopPruning();
          await transport.close();
          await close();
        },
      },
      paths: PATHS,
      sections: ethereumSections,
      routes: ({ access, desk, operator }) => [
        ...ethereumRoutes({ access, desk, operator, keys: forRoutes }),
        ...slashingRoutes({ access, slashing: createSlashingControl(store) }),
      ],
    },
  });
}

function sourcesOf({
  keystoresDir: directory,
  passwordDir: passwords,
  exposed,
}: EthereumConfig): Parameters<typeof openValidatorKeys>[0]['sources'] {
  if (directory === undefined) return [];
  return [{ directory, exposed, ...(passwords === undefined ? {} : { passwords }) }];
}

function openNetwork(name: string): Result<Network, Reason> {
  if (isNetworkName(name)) return ok(NETWORKS[name]);
  try {
    const parsed: unknown = parseYaml(readFileSync(name, 'utf8'), { intAsBigInt: true });
    // SAFETY: YAML of the core schema with integers as bigint is made of JSON values.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    const config = parsed as JsonValue;
    return isJsonObject(config) ? readNetwork(config) : refuse(`\`${name}\` holds no settings`);
  } catch (error) {
    const names = Object.keys(NETWORKS).join(', ');
    const why = systemCode(error) ?? (error instanceof Error ? error.name : 'unreadable');
    return refuse(
      `\`ETH_NETWORK\` is neither one of ${names} nor a file that can be read: \`${name}\` (${why})`,
    );
  }
}

function isNetworkName(name: string): name is NetworkName {
  return Object.hasOwn(NETWORKS, name);
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'ethereum.config', message });
}

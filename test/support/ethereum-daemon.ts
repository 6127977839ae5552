/** The built daemon of a validator operator, on a chain of the test's own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse as parseYaml } from 'yaml';

import { type Network, readNetwork } from '../../signers/bls12381/index.ts';
import type { Fork } from '../../signers/bls12381/network.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import { type Home, makeHome, type RunningDaemon, until } from './daemon-home.ts';
import { freePort } from './free-port.ts';
import { hex } from './hex.ts';
import { interopKeystore, interopPassword } from './validator-files.ts';

export interface EthereumHome extends Home {
  readonly network: Network;
  readonly startValidators: () => Promise<ValidatorDaemon>;
}

export interface ValidatorDaemon extends RunningDaemon {
  readonly order: (method: string, path: string, body?: JsonObject) => Promise<OrderReply>;
  /** Imports interop keys with their history. */
  readonly importKeys: (indices: readonly number[], history?: JsonObject) => Promise<OrderReply>;
}

export interface OrderReply {
  readonly status: number;
  readonly json: JsonObject;
}

export interface Chain {
  readonly slotMilliseconds: number;
  /** How long ago it began. */
  readonly ageMilliseconds: number;
  /** After phase 0; without them it is at Fulu from its first epoch on. */
  readonly forks?: readonly Fork[];
}

/** Of a chain of the tests. */
export const GENESIS_ROOT = `0x${'42'.repeat(32)}`;

const fork = { previous_version: '0x06000001', current_version: '0x06000001', epoch: '0' };
export const forkInfo = { fork, genesis_validators_root: GENESIS_ROOT };

/** `changes` are settings besides those of every validator's daemon. */
export async function ethereumHome(
  directory: string,
  chain: Chain,
  changes: Readonly<Record<string, string>> = {},
): Promise<EthereumHome> {
  const home = await makeHome(directory, {
    seedHex: '5a'.repeat(32),
    testSeedHex: 'a5'.repeat(32),
    webhookSecret: 'webhook-secret',
    clientSecret: 'client-secret',
  });
  const file = join(directory, 'network.yaml');
  writeFileSync(file, networkFile(chain));
  const network = readNetwork(parsed(readFileSync(file, 'utf8')));
  if (!network.ok) throw new Error(network.error.message);
  const settings = {
    ETH_NETWORK: file,
    API_PORT: String(await freePort()),
    KEYS_DIR: join(directory, 'keys'),
    ...changes,
  };

  async function startValidators(): Promise<ValidatorDaemon> {
    const daemon = await home.start({ ...settings, LOG_LEVEL: 'info' });
    const { api } = daemon.origins;
    const token = readFileSync(join(home.dataDir, 'api-token'), 'utf8').trim();

    async function order(method: string, path: string, body?: JsonObject): Promise<OrderReply> {
      const response = await fetch(`${api}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const json: unknown = await response.json();
      return { status: response.status, json: isJsonObject(json) ? json : {} };
    }
    // Keys that were imported before this start are there once they are loaded.
    await until(async () => (await fetch(`${api}/api/v1/eth2/publicKeys`)).status === 200);
    return Object.freeze({
      ...daemon,
      order,
      importKeys: (indices: readonly number[], history?: JsonObject) =>
        order('POST', '/eth/v1/keystores', {
          keystores: indices.map((index) => interopKeystore(index)),
          passwords: indices.map(() => interopPassword),
          ...(history === undefined ? {} : { slashing_protection: JSON.stringify(history) }),
        }),
    });
  }

  return Object.freeze({ ...home, network: network.value, startValidators });
}

/**
 * An interchange document that says of keys that they have signed nothing, but for a vote from the
 * epoch before `newest` to it, so that they were not away.
 */
export function historyOf(pubkeys: readonly string[], newest?: bigint): JsonObject {
  const recent =
    newest === undefined
      ? []
      : [{ source_epoch: String(newest - 1n), target_epoch: String(newest) }];
  return {
    metadata: { interchange_format_version: '5', genesis_validators_root: GENESIS_ROOT },
    data: pubkeys.map((pubkey) => ({
      pubkey: `0x${pubkey}`,
      signed_blocks: [{ slot: '0' }],
      signed_attestations: [{ source_epoch: '0', target_epoch: '0' }, ...recent],
    })),
  };
}

const FULU: Fork = { name: 'FULU', version: hex('06000001'), epoch: 0n };

function networkFile({ slotMilliseconds, ageMilliseconds, forks = [FULU] }: Chain): string {
  const genesis = Math.floor((Date.now() - ageMilliseconds) / 1000);
  return `PRESET_BASE: 'minimal'
CONFIG_NAME: 'test'
GENESIS_FORK_VERSION: 0x00000001
${forks.map(forkLines).join('')}SLOT_DURATION_MS: ${String(slotMilliseconds)}
GENESIS_TIME: ${String(genesis)}
GENESIS_VALIDATORS_ROOT: '${GENESIS_ROOT}'
`;
}

const FAR_FUTURE = 2n ** 64n - 1n;

function forkLines({ name, version, epoch }: Fork): string {
  return `${name}_FORK_VERSION: 0x${version}\n${name}_FORK_EPOCH: ${String(epoch ?? FAR_FUTURE)}\n`;
}

function parsed(text: string): JsonObject {
  const value: unknown = parseYaml(text, { intAsBigInt: true });
  // SAFETY: YAML of the core schema with integers as bigint is made of JSON values.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  const json = value as JsonValue;
  if (!isJsonObject(json)) throw new Error('the network file holds no settings');
  return json;
}

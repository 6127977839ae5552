import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import {
  forkOfVersion,
  type Network,
  type NetworkName,
  NETWORKS,
  readNetwork,
} from '../../../signers/bls12381/index.ts';
import { concatBytes } from '../../../src/base/bytes.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import { sha256 } from '../../../src/base/sha256.ts';
import { hex } from '../../support/hex.ts';

const networks = Object.entries<Network>(NETWORKS);

describe('the networks', () => {
  // `compute_fork_digest`: version and genesis validators root, hashed.
  const digests: readonly (readonly [NetworkName, string])[] = [
    ['mainnet', 'b5303f2a afcaaba0 4a26c58b bba4da96 6a95a1a9 ad532ceb'],
    ['gnosis', 'bc9a6864 56fdb5e0 824be431 21a6f836 3ebfd484 7d5aab40 f9ab5f85'],
  ];

  test.each(digests)(
    '%s greets its peers with the fork digests of that chain',
    (name, expected) => {
      const { forks, genesisValidatorsRoot = hex('') }: Network = NETWORKS[name];
      const digest = ({ version }: { readonly version: Hex }): string => {
        const data = concatBytes(
          fromHex(version),
          new Uint8Array(28),
          fromHex(genesisValidatorsRoot),
        );
        return toHex(sha256(data)).slice(0, 8);
      };
      expect(forks.map(digest).join(' ')).toMatch(new RegExp(`^${expected}`));
    },
  );

  test.each(networks)(
    '%s is under its own name, and its forks follow each other',
    (name, network) => {
      expect(network.name).toBe(name);
      const epochs = network.forks.flatMap(({ epoch }) => epoch ?? []);
      expect(epochs).toEqual([...epochs].sort((left, right) => Number(left - right)));
      expect(new Set(network.forks.map(({ version }) => version)).size).toBe(network.forks.length);
      for (const fork of network.forks) expect(forkOfVersion(network, fork.version)).toBe(fork);
    },
  );

  test('have no versions in common', () => {
    const versions = networks.flatMap(([, { forks }]) => forks.map(({ version }) => version));
    expect(new Set(versions).size).toBe(versions.length);
    expect(forkOfVersion(NETWORKS.hoodi, hex('01000000'))).toBeUndefined();
  });
});

/** As files are written: versions without quotes, comments, names that do not concern us. */
const FILE = `
PRESET_BASE: 'minimal'
CONFIG_NAME: devnet-7
GENESIS_FORK_VERSION: 0x10000038
MIN_GENESIS_TIME: 1700000000  # not the time of genesis
ALTAIR_FORK_VERSION: 0x20000038
ALTAIR_FORK_EPOCH: 0
BELLATRIX_FORK_VERSION: 0x30000038
BELLATRIX_FORK_EPOCH: 18446744073709551615
TERMINAL_TOTAL_DIFFICULTY: 115792089237316195423570985008687907853269984665640564039457584007913129638912
SECONDS_PER_SLOT: 6
GENESIS_TIME: 1700000060
GENESIS_VALIDATORS_ROOT: 0x00b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe9
`;

function configOf(text: string, intAsBigInt = true): JsonObject {
  const config: unknown = parse(text, { intAsBigInt });
  if (!isJsonObject(config)) throw new Error('the file is no object');
  return config;
}

function problemOf(changes: JsonObject): string {
  const network = readNetwork({ ...configOf(FILE), ...changes });
  return network.ok ? 'no problem' : network.error.message;
}

describe('a network from a file', () => {
  test('has what the file says', () => {
    expect(readNetwork(configOf(FILE))).toEqual({
      ok: true,
      value: {
        name: 'devnet-7',
        preset: NETWORKS.minimal.preset,
        millisecondsPerSlot: 6_000,
        forks: [
          { name: 'PHASE0', version: '10000038', epoch: 0n },
          { name: 'ALTAIR', version: '20000038', epoch: 0n },
          { name: 'BELLATRIX', version: '30000038' },
        ],
        genesisTime: 1_700_000_060n,
        genesisValidatorsRoot: '00b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe9',
      },
    });
  });

  test('needs little', () => {
    const least = {
      PRESET_BASE: 'gnosis',
      GENESIS_FORK_VERSION: '0x0000006F',
      SLOT_DURATION_MS: 5000n,
    };
    expect(readNetwork(least)).toEqual({
      ok: true,
      value: {
        name: 'custom',
        preset: NETWORKS.gnosis.preset,
        millisecondsPerSlot: 5_000,
        forks: [{ name: 'PHASE0', version: '0000006f', epoch: 0n }],
      },
    });
  });

  test('is read from numbers of JavaScript too, as long as they are exact', () => {
    const rounded = configOf(FILE, false);
    expect(readNetwork(rounded)).toMatchObject({
      ok: false,
      error: {
        code: 'network.config',
        message: expect.stringMatching(/GENESIS_VALIDATORS_ROOT.*put it in quotes/),
      },
    });
    const quoted = { ...rounded, GENESIS_VALIDATORS_ROOT: `0x${'ab'.repeat(32)}` };
    expect(readNetwork(quoted)).toMatchObject({
      value: {
        forks: [
          { version: '10000038', epoch: 0n },
          { version: '20000038', epoch: 0n },
          { name: 'BELLATRIX', version: '30000038' },
        ],
      },
    });
  });

  test.each([
    ['PRESET_BASE', 'holesky', /one of mainnet, gnosis, minimal/],
    ['PRESET_BASE', 'toString', /one of mainnet/],
    ['PRESET_BASE', null, /one of mainnet/],
    ['GENESIS_FORK_VERSION', null, /is missing/],
    ['GENESIS_FORK_VERSION', '0x0102030405', /must be 4 bytes/],
    ['GENESIS_FORK_VERSION', '01020304', /must be 4 bytes/],
    ['GENESIS_FORK_VERSION', -1n, /must be 4 bytes/],
    ['GENESIS_FORK_VERSION', 2n ** 32n, /must be 4 bytes/],
    ['ALTAIR_FORK_EPOCH', 'soon', /decimal integer/],
    ['ALTAIR_FORK_EPOCH', 1.5, /decimal integer/],
    ['GENESIS_TIME', -5n, /decimal integer/],
    ['SECONDS_PER_SLOT', 0n, /at most an hour/],
    ['SECONDS_PER_SLOT', 4000n, /at most an hour/],
    ['GENESIS_VALIDATORS_ROOT', '0x00', /must be 32 bytes/],
  ])('is refused when %s is %s', (name, value, message) => {
    expect(problemOf({ [name]: value })).toMatch(message);
  });
});

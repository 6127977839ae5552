/** What signing roots and the clock depend on: forks, genesis and preset of a chain. */
import { type Hex, isHexOf } from '../../src/base/hex.ts';
import { type Preset, PRESETS } from './preset.ts';

/** In the order in which they follow each other. */
export const FORK_NAMES = [
  'PHASE0',
  'ALTAIR',
  'BELLATRIX',
  'CAPELLA',
  'DENEB',
  'ELECTRA',
  'FULU',
  'GLOAS',
] as const;
export type ForkName = (typeof FORK_NAMES)[number];

export interface Fork {
  readonly name: ForkName;
  /** Four bytes. */
  readonly version: Hex;
  /** First epoch; absent where none is set yet. */
  readonly epoch?: bigint;
}

export interface Network {
  readonly name: string;
  readonly preset: Preset;
  readonly millisecondsPerSlot: number;
  /** In the order in which they follow each other; the first is that of genesis. */
  readonly forks: readonly [Fork, ...Fork[]];
  /** Unix seconds; absent for local chains, which begin anew each time. */
  readonly genesisTime?: bigint;
  readonly genesisValidatorsRoot?: Hex;
}

/** The version of a fork; `undefined` where the network is not known to have it. */
export function forkVersion({ forks }: Network, name: ForkName): Hex | undefined {
  return forks.find((fork) => fork.name === name)?.version;
}

/** The fork that has this version; `undefined` for versions of other networks. */
export function forkOfVersion({ forks }: Network, version: Hex): Fork | undefined {
  return forks.find((fork) => fork.version === version);
}

/** Networks by name, as their published configurations have them (eth-clients, gnosischain/configs). */
export const NETWORKS = {
  mainnet: network({
    name: 'mainnet',
    preset: PRESETS.mainnet,
    millisecondsPerSlot: 12_000,
    forks: [
      ['00000000', 0n],
      ['01000000', 74_240n],
      ['02000000', 144_896n],
      ['03000000', 194_048n],
      ['04000000', 269_568n],
      ['05000000', 364_032n],
      ['06000000', 411_392n],
      ['07000000'],
    ],
    genesisTime: 1_606_824_023n,
    genesisValidatorsRoot: '4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95',
  }),
  sepolia: network({
    name: 'sepolia',
    preset: PRESETS.mainnet,
    millisecondsPerSlot: 12_000,
    forks: [
      ['90000069', 0n],
      ['90000070', 50n],
      ['90000071', 100n],
      ['90000072', 56_832n],
      ['90000073', 132_608n],
      ['90000074', 222_464n],
      ['90000075', 272_640n],
      ['90000076'],
    ],
    genesisTime: 1_655_733_600n,
    genesisValidatorsRoot: 'd8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078',
  }),
  hoodi: network({
    name: 'hoodi',
    preset: PRESETS.mainnet,
    millisecondsPerSlot: 12_000,
    forks: [
      ['10000910', 0n],
      ['20000910', 0n],
      ['30000910', 0n],
      ['40000910', 0n],
      ['50000910', 0n],
      ['60000910', 2_048n],
      ['70000910', 50_688n],
      ['80000910'],
    ],
    genesisTime: 1_742_213_400n,
    genesisValidatorsRoot: '212f13fc4df078b6cb7db228f1c8307566dcecf900867401a92023d7ba99cb5f',
  }),
  gnosis: network({
    name: 'gnosis',
    preset: PRESETS.gnosis,
    millisecondsPerSlot: 5_000,
    forks: [
      ['00000064', 0n],
      ['01000064', 512n],
      ['02000064', 385_536n],
      ['03000064', 648_704n],
      ['04000064', 889_856n],
      ['05000064', 1_337_856n],
      ['06000064', 1_714_688n],
      ['07000064'],
    ],
    genesisTime: 1_638_993_340n,
    genesisValidatorsRoot: 'f5dcb5564e829aab27264b9becd5dfaa017085611224cb3036f573368dbb9d47',
  }),
  chiado: network({
    name: 'chiado',
    preset: PRESETS.gnosis,
    millisecondsPerSlot: 5_000,
    forks: [
      ['0000006f', 0n],
      ['0100006f', 90n],
      ['0200006f', 180n],
      ['0300006f', 244_224n],
      ['0400006f', 516_608n],
      ['0500006f', 948_224n],
      ['0600006f', 1_353_216n],
      ['0700006f'],
    ],
    genesisTime: 1_665_396_300n,
    genesisValidatorsRoot: '9d642dac73058fbf39c0ae41ab1e34e4d889043cb199851ded7095bc99eb4c1e',
  }),
  minimal: network({
    name: 'minimal',
    preset: PRESETS.minimal,
    millisecondsPerSlot: 6_000,
    forks: [
      ['00000001', 0n],
      ['01000001'],
      ['02000001'],
      ['03000001'],
      ['04000001'],
      ['05000001'],
      ['06000001'],
      ['07000001'],
    ],
  }),
} as const satisfies Readonly<Record<string, Network>>;

export type NetworkName = keyof typeof NETWORKS;

interface WrittenNetwork {
  readonly name: string;
  readonly preset: Preset;
  readonly millisecondsPerSlot: number;
  /** Version and epoch in the order of `FORK_NAMES`. */
  readonly forks: readonly [WrittenFork, ...WrittenFork[]];
  readonly genesisTime?: bigint;
  readonly genesisValidatorsRoot?: string;
}

type WrittenFork = readonly [version: string, epoch?: bigint];

function network({ forks, genesisValidatorsRoot, ...rest }: WrittenNetwork): Network {
  const [genesis, ...later] = forks;
  const laterForks = later.map((item, index) => fork(nameAt(index + 1), item));
  return Object.freeze<Network>({
    ...rest,
    forks: [fork('PHASE0', genesis), ...laterForks],
    ...(genesisValidatorsRoot !== undefined && {
      genesisValidatorsRoot: constant(32, genesisValidatorsRoot),
    }),
  });
}

function fork(name: ForkName, [version, epoch]: WrittenFork): Fork {
  return { name, version: constant(4, version), ...(epoch !== undefined && { epoch }) };
}

function nameAt(index: number): ForkName {
  const name = FORK_NAMES[index];
  if (name === undefined) throw new Error('a network has more forks than there are');
  return name;
}

function constant(size: number, text: string): Hex {
  if (!isHexOf(size, text)) throw new Error(`a constant of a network is not ${String(size)} bytes`);
  return text;
}

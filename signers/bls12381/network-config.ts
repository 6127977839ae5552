/** Networks from a configuration file with the names of consensus-specs, `configs/*.yaml`. */
import { type Hex, isHexOf } from '../../src/base/hex.ts';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { type Fork, FORK_NAMES, type ForkName, type Network } from './network.ts';
import { type PresetName, PRESETS } from './preset.ts';

export interface NetworkProblem {
  readonly code: 'network.config';
  readonly message: string;
}

class Invalid extends Error {
  override readonly name = 'Invalid';
}

/**
 * Reads a parsed file. YAML takes unquoted hex for numbers, so parse it with integers as bigint:
 * `GENESIS_VALIDATORS_ROOT` does not survive as a number of JavaScript.
 *
 * Needed are `PRESET_BASE`, `GENESIS_FORK_VERSION`, and `SLOT_DURATION_MS` or `SECONDS_PER_SLOT`;
 * versions and epochs of later forks, `CONFIG_NAME`, `GENESIS_TIME` and `GENESIS_VALIDATORS_ROOT` are
 * taken where they are given, all other names ignored.
 */
export function readNetwork(config: JsonObject): Result<Network, NetworkProblem> {
  try {
    const genesisTime = integer(config, 'GENESIS_TIME');
    const genesisValidatorsRoot = bytes(config, 'GENESIS_VALIDATORS_ROOT', 32);
    return ok({
      name: nameOf(config),
      preset: PRESETS[presetOf(config)],
      millisecondsPerSlot: slotOf(config),
      forks: [
        genesisFork(config),
        ...FORK_NAMES.slice(1).flatMap((name) => laterFork(config, name)),
      ],
      ...(genesisTime !== undefined && { genesisTime }),
      ...(genesisValidatorsRoot !== undefined && { genesisValidatorsRoot }),
    });
  } catch (error) {
    if (error instanceof Invalid) return err({ code: 'network.config', message: error.message });
    throw error;
  }
}

function nameOf({ CONFIG_NAME: name }: JsonObject): string {
  return typeof name === 'string' && name !== '' ? name : 'custom';
}

function presetOf({ PRESET_BASE: base }: JsonObject): PresetName {
  if (typeof base === 'string' && isPreset(base)) return base;
  const names = Object.keys(PRESETS).join(', ');
  throw new Invalid(`\`PRESET_BASE\` in the network's file must be one of ${names}`);
}

function isPreset(name: string): name is PresetName {
  return Object.hasOwn(PRESETS, name);
}

function slotOf(config: JsonObject): number {
  const milliseconds = integer(config, 'SLOT_DURATION_MS');
  const seconds = integer(config, 'SECONDS_PER_SLOT');
  const duration = milliseconds ?? (seconds === undefined ? 0n : seconds * 1_000n);
  if (duration > 0n && duration <= MAX_SLOT) return Number(duration);
  throw new Invalid(
    "`SLOT_DURATION_MS` or `SECONDS_PER_SLOT` in the network's file must give a slot of at most an hour",
  );
}

const MAX_SLOT = 3_600_000n;

function genesisFork(config: JsonObject): Fork {
  const version = bytes(config, 'GENESIS_FORK_VERSION', 4);
  if (version === undefined) {
    throw new Invalid(
      "`GENESIS_FORK_VERSION` is missing in the network's file; give 4 bytes in hex",
    );
  }
  return { name: 'PHASE0', version, epoch: 0n };
}

function laterFork(config: JsonObject, name: ForkName): readonly Fork[] {
  const version = bytes(config, `${name}_FORK_VERSION`, 4);
  const epoch = integer(config, `${name}_FORK_EPOCH`);
  if (version === undefined) return [];
  return [{ name, version, ...(isSet(epoch) && { epoch }) }];
}

/** `FAR_FUTURE_EPOCH`, 2^64 − 1 and what a rounding parser makes of it, says that there is none yet. */
function isSet(epoch: bigint | undefined): epoch is bigint {
  return epoch !== undefined && epoch < 2n ** 64n - 1n;
}

function integer(config: JsonObject, name: string): bigint | undefined {
  const value = config[name];
  if (isAbsent(value)) return undefined;
  if (typeof value === 'string' && /^[0-9]{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === 'bigint' && value >= 0n) return value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return BigInt(value);
  throw new Invalid(`\`${name}\` in the network's file must be a decimal integer`);
}

function bytes(config: JsonObject, name: string, size: number): Hex | undefined {
  const value = config[name];
  if (isAbsent(value)) return undefined;
  const digits = digitsOf(value, size);
  if (digits !== undefined && isHexOf(size, digits)) return digits;
  throw new Invalid(
    `\`${name}\` in the network's file must be ${String(size)} bytes in hex; put it in quotes`,
  );
}

/** Numbers have lost the zeros in front. */
function digitsOf(value: JsonValue, size: number): string | undefined {
  if (typeof value === 'string') {
    return value.startsWith('0x') ? value.slice(2).toLowerCase() : undefined;
  }
  if (typeof value !== 'bigint' && typeof value !== 'number') return undefined;
  const isExact = typeof value === 'bigint' || Number.isSafeInteger(value);
  return isExact ? value.toString(16).padStart(2 * size, '0') : undefined;
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** Compile-time constants of a chain that signing roots depend on (consensus-specs, `presets/`). */
export interface Preset {
  readonly SLOTS_PER_EPOCH: bigint;
  readonly MAX_COMMITTEES_PER_SLOT: number;
  readonly SYNC_COMMITTEE_SIZE: number;
}

const mainnet = {
  SLOTS_PER_EPOCH: 32n,
  MAX_COMMITTEES_PER_SLOT: 64,
  SYNC_COMMITTEE_SIZE: 512,
} as const satisfies Preset;

export const PRESETS = {
  mainnet,
  gnosis: { ...mainnet, SLOTS_PER_EPOCH: 16n },
  minimal: { SLOTS_PER_EPOCH: 8n, MAX_COMMITTEES_PER_SLOT: 4, SYNC_COMMITTEE_SIZE: 32 },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;

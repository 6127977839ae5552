/** The writes of slashing protection, as plain data for the writer's thread. */
import { fromHex, type Hex } from '../../base/hex.ts';
import type { HighWatermark, SignedAttestation, SignedBlock } from '../../core/slashing.ts';
import type { Validator } from './slashing-tables.ts';
import type { SqlValue } from './sqlite-driver.ts';
import { toStored } from './uint64.ts';

/** A record of our own adds exactly one row, or its transaction is refused. */
export const SLASHING_STATEMENTS = {
  putValidator: `INSERT INTO validators (key, is_enabled, is_orderly, began_at,
      low_slot, low_source, low_target, floor_slot, floor_source, floor_target)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET is_enabled = excluded.is_enabled,
      is_orderly = excluded.is_orderly, began_at = excluded.began_at,
      low_slot = excluded.low_slot, low_source = excluded.low_source,
      low_target = excluded.low_target, floor_slot = excluded.floor_slot,
      floor_source = excluded.floor_source, floor_target = excluded.floor_target`,
  addBlock: `INSERT INTO signed_blocks (validator, slot, root)
    SELECT id, ?, ? FROM validators WHERE key = ?`,
  addAttestation: `INSERT INTO signed_attestations (validator, target, source, root)
    SELECT id, ?1, ?2, ?3 FROM validators WHERE key = ?4 AND NOT EXISTS
      (SELECT 1 FROM signed_attestations WHERE validator = validators.id AND target = ?1)`,
  mergeBlock: `INSERT INTO signed_blocks (validator, slot, root)
    SELECT id, ?, ? FROM validators WHERE key = ?
    ON CONFLICT (validator, slot) DO UPDATE SET root = excluded.root`,
  mergeAttestation: `INSERT INTO signed_attestations (validator, target, source, root)
    SELECT id, ?, ?, ? FROM validators WHERE key = ?
    ON CONFLICT (validator, target, source) DO UPDATE SET root = excluded.root`,
  pruneBlocks: `DELETE FROM signed_blocks
    WHERE validator = (SELECT id FROM validators WHERE key = ?) AND slot < ?`,
  pruneAttestations: `DELETE FROM signed_attestations
    WHERE validator = (SELECT id FROM validators WHERE key = ?) AND target < ?`,
  pinGenesis: `UPDATE slashing_settings SET genesis_root = ?`,
  putHighWatermark: `UPDATE slashing_settings SET high_slot = ?, high_epoch = ?`,
  noteActivity: `UPDATE slashing_settings SET last_recorded_at = ?`,
} as const;

export type SlashingWrite = readonly [keyof typeof SLASHING_STATEMENTS, ...SqlValue[]];

export function putValidator(validator: Validator): SlashingWrite {
  const { key, isEnabled, isOrderly, beganAt, lowest, floor } = validator;
  return [
    'putValidator',
    ...[key, isEnabled ? 1 : 0, isOrderly ? 1 : 0, beganAt ?? null],
    ...[stored(lowest.slot), stored(lowest.source), stored(lowest.target)],
    ...[stored(floor.slot), stored(floor.source), stored(floor.target)],
  ];
}

export function writeBlock(
  statement: 'addBlock' | 'mergeBlock',
  key: Hex,
  { slot, root }: SignedBlock,
): SlashingWrite {
  return [statement, toStored(slot), bytesOf(root), key];
}

export function writeAttestation(
  statement: 'addAttestation' | 'mergeAttestation',
  key: Hex,
  { source, target, root }: SignedAttestation,
): SlashingWrite {
  return [statement, toStored(target), toStored(source), bytesOf(root), key];
}

/** Forgets blocks before `slot` and attestations before `target`. */
export function prune(
  key: Hex,
  { slot, target }: { readonly slot: bigint; readonly target: bigint },
): readonly SlashingWrite[] {
  return [
    ['pruneBlocks', key, toStored(slot)],
    ['pruneAttestations', key, toStored(target)],
  ];
}

export function putHighWatermark(mark: HighWatermark | undefined): SlashingWrite {
  return ['putHighWatermark', stored(mark?.slot), stored(mark?.epoch)];
}

function stored(value: bigint | undefined): bigint | null {
  return value === undefined ? null : toStored(value);
}

function bytesOf(root: Hex | undefined): Uint8Array | null {
  return root === undefined ? null : fromHex(root);
}

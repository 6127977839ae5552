/**
 * Keys and settings of slashing protection as they were last committed, which rarely change: a duty
 * need not read them each time.
 *
 * Only this process writes. What a transaction changes is forgotten when its commit has ended, however
 * it ended, and before its lanes are free: nobody in a key's lane can find an older one here.
 */
import type { Hex } from '../../base/hex.ts';
import type { SlashingSettings } from '../../core/slashing.ts';
import type { LedgerChanges } from './slashing-ledger.ts';
import type { SlashingTables, Validator } from './slashing-tables.ts';

export interface SlashingMemory {
  readonly tables: SlashingTables;
  readonly forget: (changed: LedgerChanges) => void;
}

/** About 25 MB. */
const CAPACITY = 50_000;

export function createSlashingMemory(committed: SlashingTables): SlashingMemory {
  const validators = new Map<Hex, Validator>();
  let settings: SlashingSettings | undefined;

  return Object.freeze({
    tables: Object.freeze({
      ...committed,
      settings: () => (settings ??= committed.settings()),
      validator(key: Hex) {
        const known = validators.get(key) ?? committed.validator(key);
        if (validators.size >= CAPACITY) validators.clear();
        if (known !== undefined) validators.set(key, known);
        return known;
      },
    }),
    forget({ keys, hasSettings }: LedgerChanges) {
      for (const key of keys) validators.delete(key);
      if (hasSettings()) settings = undefined;
    },
  });
}

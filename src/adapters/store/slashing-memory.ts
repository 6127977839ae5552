/**
 * What slashing protection asks for every duty, as it was last committed: keys, settings, and the
 * newest vote of each key. A duty need not read them each time.
 *
 * Only this process writes. What a transaction changes is forgotten when its commit has ended, however
 * it ended, and before its lanes are free: nobody in a key's lane can find an older one here.
 */
import type { Hex } from '../../base/hex.ts';
import type { SlashingSettings } from '../../core/slashing.ts';
import type { LedgerChanges } from './slashing-ledger.ts';
import type { SlashingTables, Validator, Vote } from './slashing-tables.ts';

export interface SlashingMemory {
  readonly tables: SlashingTables;
  /** To be called when a commit has ended, however it ended. */
  readonly forget: (changed: LedgerChanges) => void;
  /** To be called after it, and only where the commit is durable. */
  readonly learn: (changed: LedgerChanges) => void;
}

/** About 30 MB. */
const CAPACITY = 50_000;

export function createSlashingMemory(committed: SlashingTables): SlashingMemory {
  const validators = new Map<Hex, Validator>();
  /** By row; `null`: the key has no vote. */
  const newest = new Map<bigint, Vote | null>();
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
      newestAttestation(validator: bigint) {
        const known = newest.get(validator);
        if (known !== undefined) return known ?? undefined;
        const read = committed.newestAttestation(validator);
        if (newest.size >= CAPACITY) newest.clear();
        newest.set(validator, read ?? null);
        return read;
      },
    }),
    forget({ keys, votes, hasSettings }: LedgerChanges) {
      for (const [key, id] of keys) {
        validators.delete(key);
        if (id !== undefined) newest.delete(id);
      }
      for (const id of votes.keys()) newest.delete(id);
      if (hasSettings()) settings = undefined;
    },
    learn({ keys, votes }: LedgerChanges) {
      const changed = new Set(keys.values());
      for (const [id, vote] of votes) if (!changed.has(id)) newest.set(id, vote);
    },
  });
}

/** Committed slashing protection: seeks by index, on prepared statements. */
import type { Hex } from '../../base/hex.ts';
import type {
  HighWatermark,
  ProtectedKey,
  SignedAttestation,
  SignedBlock,
  SigningHistory,
  SlashingSettings,
  Watermarks,
} from '../../core/slashing.ts';
import { bigint, hexOf, integer, optional } from './rows.ts';
import type { Row, SqlValue } from './sqlite-driver.ts';
import { fromStored, toStored } from './uint64.ts';

/** One row of `validators`. */
export interface Validator {
  /** Absent until the row is committed. */
  readonly id?: bigint;
  readonly key: Hex;
  readonly isEnabled: boolean;
  /** No record surrounds another. */
  readonly isOrderly: boolean;
  /** When it was said where the history begins, epoch milliseconds. */
  readonly beganAt?: number;
  /** The lowest of all records there ever were. */
  readonly lowest: Watermarks;
  readonly floor: Watermarks;
}

/** Where a vote goes from and to. */
export type Vote = Pick<SignedAttestation, 'source' | 'target'>;

export interface SlashingTables {
  readonly settings: () => SlashingSettings;
  readonly validator: (key: Hex) => Validator | undefined;
  readonly validators: (after: Hex | undefined, limit: number) => readonly Validator[];
  readonly block: (validator: bigint, slot: bigint) => SignedBlock | undefined;
  readonly attestations: (validator: bigint, target: bigint) => readonly SignedAttestation[];
  /** Of the highest target; of several, the one with the highest source. */
  readonly newestAttestation: (validator: bigint) => Vote | undefined;
  readonly someSurrounds: (of: Validator, source: bigint, target: bigint) => boolean;
  readonly someSurrounded: (of: Validator, source: bigint, target: bigint) => boolean;
  /** The highest target of records with an earlier source than this. */
  readonly targetOfSourcesBelow: (validator: bigint, source: bigint) => bigint | undefined;
  /** The newest slot and target; there is no newest source to speak of. */
  readonly newest: (validator: bigint) => Watermarks;
  /** How many records are older than this slot and this target, and the highest of each. */
  readonly older: (
    validator: bigint,
    than: { readonly slot: bigint; readonly target: bigint },
  ) => { readonly count: number; readonly highest: Watermarks };
  readonly history: (validator: bigint) => SigningHistory;
}

/** How this module asks the database; see reader.ts. */
export interface Ask {
  readonly one: (sql: string, ...values: readonly SqlValue[]) => Row | undefined;
  readonly all: (sql: string, ...values: readonly SqlValue[]) => readonly Row[];
}

/** Sorts before every key. */
const BEFORE_ALL = '';

export function createSlashingTables({ one, all }: Ask): SlashingTables {
  return Object.freeze({
    settings: () => toSettings(one('SELECT * FROM slashing_settings') ?? {}),
    validator(key) {
      const row = one('SELECT * FROM validators WHERE key = ?', key);
      return row && toValidator(row);
    },
    validators: (after, limit) =>
      all(
        'SELECT * FROM validators WHERE key > ? ORDER BY key LIMIT ?',
        ...[after ?? BEFORE_ALL, limit],
      ).map(toValidator),
    block(validator, slot) {
      const row = one(
        'SELECT slot, root FROM signed_blocks WHERE validator = ? AND slot = ?',
        ...[validator, toStored(slot)],
      );
      return row && toBlock(row);
    },
    attestations: (validator, target) =>
      all(
        `SELECT source, target, root FROM signed_attestations WHERE validator = ? AND target = ?`,
        ...[validator, toStored(target)],
      ).map(toAttestation),
    newestAttestation(validator) {
      const row = one(
        `SELECT source, target FROM signed_attestations WHERE validator = ?
          ORDER BY target DESC, source DESC LIMIT 1`,
        validator,
      );
      return row && { source: uint64(row, 'source'), target: uint64(row, 'target') };
    },
    someSurrounds({ id, isOrderly }, source, target) {
      if (id === undefined) return false;
      if (isOrderly) {
        const next = one(
          `SELECT source FROM signed_attestations WHERE validator = ? AND target > ?
            ORDER BY target, source LIMIT 1`,
          ...[id, toStored(target)],
        );
        return next !== undefined && uint64(next, 'source') < source;
      }
      const found = one(
        `SELECT 1 FROM signed_attestations WHERE validator = ? AND target > ? AND source < ? LIMIT 1`,
        ...[id, toStored(target), toStored(source)],
      );
      return found !== undefined;
    },
    someSurrounded({ id, isOrderly }, source, target) {
      if (id === undefined) return false;
      if (isOrderly) {
        const previous = one(
          `SELECT source FROM signed_attestations WHERE validator = ? AND target < ?
            ORDER BY target DESC, source DESC LIMIT 1`,
          ...[id, toStored(target)],
        );
        return previous !== undefined && uint64(previous, 'source') > source;
      }
      const found = one(
        `SELECT 1 FROM signed_attestations WHERE validator = ? AND target < ? AND source > ? LIMIT 1`,
        ...[id, toStored(target), toStored(source)],
      );
      return found !== undefined;
    },
    targetOfSourcesBelow(validator, source) {
      const row = one(
        'SELECT max(target) AS target FROM signed_attestations WHERE validator = ? AND source < ?',
        ...[validator, toStored(source)],
      );
      return optional(uint64, row ?? {}, 'target');
    },
    newest(validator) {
      const row = one(
        `SELECT (SELECT max(slot) FROM signed_blocks WHERE validator = ?) AS slot,
          (SELECT max(target) FROM signed_attestations WHERE validator = ?) AS target`,
        ...[validator, validator],
      );
      return watermarks(
        optional(uint64, row ?? {}, 'slot'),
        undefined,
        optional(uint64, row ?? {}, 'target'),
      );
    },
    older(validator, { slot, target }) {
      const blocks = one(
        `SELECT count(*) AS count, max(slot) AS slot FROM signed_blocks
          WHERE validator = ? AND slot < ?`,
        ...[validator, toStored(slot)],
      );
      const attestations = one(
        `SELECT count(*) AS count, max(source) AS source, max(target) AS target
          FROM signed_attestations WHERE validator = ? AND target < ?`,
        ...[validator, toStored(target)],
      );
      return {
        count: integer(blocks ?? {}, 'count') + integer(attestations ?? {}, 'count'),
        highest: watermarks(
          optional(uint64, blocks ?? {}, 'slot'),
          optional(uint64, attestations ?? {}, 'source'),
          optional(uint64, attestations ?? {}, 'target'),
        ),
      };
    },
    history: (validator) => ({
      blocks: all(
        'SELECT slot, root FROM signed_blocks WHERE validator = ? ORDER BY slot',
        validator,
      ).map(toBlock),
      attestations: all(
        `SELECT source, target, root FROM signed_attestations WHERE validator = ?
          ORDER BY target, source`,
        validator,
      ).map(toAttestation),
    }),
  } satisfies SlashingTables);
}

/** The row as the port tells it. */
export function toProtectedKey({
  key,
  isEnabled,
  beganAt,
  lowest,
  floor,
}: Validator): ProtectedKey {
  return { key, isEnabled, hasHistory: beganAt !== undefined, low: higher(lowest, floor), floor };
}

/** Member by member, the higher of two. */
export function higher(one: Watermarks, other: Watermarks): Watermarks {
  return combine(one, other, (a, b) => (a > b ? a : b));
}

/** Member by member, the lower of two; an absent one counts as higher than all. */
export function lower(one: Watermarks, other: Watermarks): Watermarks {
  return combine(one, other, (a, b) => (a < b ? a : b));
}

function combine(
  one: Watermarks,
  other: Watermarks,
  choose: (a: bigint, b: bigint) => bigint,
): Watermarks {
  const of = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
    a === undefined || b === undefined ? (a ?? b) : choose(a, b);
  return watermarks(
    of(one.slot, other.slot),
    of(one.source, other.source),
    of(one.target, other.target),
  );
}

export function watermarks(slot?: bigint, source?: bigint, target?: bigint): Watermarks {
  return {
    ...(slot === undefined ? {} : { slot }),
    ...(source === undefined ? {} : { source }),
    ...(target === undefined ? {} : { target }),
  };
}

function toValidator(row: Row): Validator {
  const beganAt = optional(integer, row, 'began_at');
  return {
    id: bigint(row, 'id'),
    key: hexOf(row, 'key'),
    isEnabled: bigint(row, 'is_enabled') === 1n,
    isOrderly: bigint(row, 'is_orderly') === 1n,
    ...(beganAt === undefined ? {} : { beganAt }),
    lowest: marksOf(row, 'low'),
    floor: marksOf(row, 'floor'),
  };
}

function marksOf(row: Row, name: string): Watermarks {
  return watermarks(
    optional(uint64, row, `${name}_slot`),
    optional(uint64, row, `${name}_source`),
    optional(uint64, row, `${name}_target`),
  );
}

function toSettings(row: Row): SlashingSettings {
  const genesisRoot = optional(hexOf, row, 'genesis_root');
  const slot = optional(uint64, row, 'high_slot');
  const epoch = optional(uint64, row, 'high_epoch');
  const lastActivity = optional(integer, row, 'last_recorded_at');
  const highWatermark: HighWatermark | undefined =
    slot === undefined || epoch === undefined ? undefined : { slot, epoch };
  return {
    ...(genesisRoot === undefined ? {} : { genesisRoot }),
    ...(highWatermark === undefined ? {} : { highWatermark }),
    ...(lastActivity === undefined ? {} : { lastActivity }),
  };
}

function toBlock(row: Row): SignedBlock {
  return { slot: uint64(row, 'slot'), ...rootOf(row) };
}

function toAttestation(row: Row): SignedAttestation {
  return { source: uint64(row, 'source'), target: uint64(row, 'target'), ...rootOf(row) };
}

function rootOf(row: Row): { readonly root?: Hex } {
  const root = optional(hexOf, row, 'root');
  return root === undefined ? {} : { root };
}

function uint64(row: Row, column: string): bigint {
  return fromStored(bigint(row, column));
}

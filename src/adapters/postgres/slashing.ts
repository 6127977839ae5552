/** Slashing protection on the server: checked and recorded there, in one round trip for many duties. */
import type { Hex } from '../../base/hex.ts';
import { joinHistories, NO_HISTORY } from '../../core/signing-history.ts';
import type {
  SigningHistory,
  SlashingLedger,
  SlashingReader,
  Watermarks,
} from '../../core/slashing.ts';
import { bigint, hexOf, integer, optional } from '../store/rows.ts';
import { toProtectedKey, type Validator, watermarks } from '../store/slashing-tables.ts';
import { judgeDuty, type Question, recordDuties } from './duties.ts';
import type { Query, Row } from './pg-driver.ts';
import { together } from './together.ts';

export interface LedgerDeps {
  readonly query: Query;
  readonly now: () => number;
  /** Throws where a duty must not be recorded on this server. */
  readonly admit: () => void;
  /** Whether the time of this record is worth keeping; see `lastActivity`. */
  readonly isNotable: (at: number) => boolean;
}

export function createLedger({ query, now, admit, isNotable }: LedgerDeps): SlashingLedger {
  /** Judged in the order asked, each duty seeing those before it. */
  const record = together(async (questions: readonly Question[]) => {
    const verdicts = await recordDuties(query, questions);
    const at = now();
    const isNew = verdicts.some((verdict) => verdict.kind === 'allowed' && !verdict.isRepeat);
    if (isNew && isNotable(at)) await query(NOTE_ACTIVITY, at);
    return verdicts;
  });

  return Object.freeze({
    async record(duty, genesisRoot) {
      admit();
      return record({ duty, genesisRoot });
    },
    async begin(key, marks) {
      await query('SELECT begin_key($1, $2, $3, $4, $5)', key, ...flat(marks), now());
    },
    async raise(key, marks) {
      await query('SELECT raise_floor($1, $2, $3, $4, $5)', key, ...flat(marks), now());
    },
    async setEnabled(key, isEnabled) {
      await query(
        `INSERT INTO validators (key, is_enabled) VALUES ($1, $2)
          ON CONFLICT (key) DO UPDATE SET is_enabled = excluded.is_enabled`,
        ...[key, isEnabled],
      );
    },
    async merge(key, history) {
      const { blocks, attestations } = joinHistories(NO_HISTORY, history);
      await query(
        'SELECT merge_history($1, $2::jsonb, $3::jsonb, $4)',
        key,
        JSON.stringify(blocks.map(({ slot, root }) => ({ slot: String(slot), root }))),
        JSON.stringify(
          attestations.map(({ source, target, root }) => ({
            source: String(source),
            target: String(target),
            root,
          })),
        ),
        now(),
      );
    },
    async prune(key, { slots, epochs }) {
      const [row = {}] = await query(
        'SELECT prune_history($1, $2, $3, $4) AS gone',
        ...[key, slots, epochs, now()],
      );
      return integer(row, 'gone');
    },
    async pinGenesis(root) {
      await query(
        'UPDATE slashing_settings SET genesis_root = $1 WHERE genesis_root IS NULL',
        root,
      );
      const [row = {}] = await query('SELECT genesis_root FROM slashing_settings');
      return hexOf(row, 'genesis_root') === root;
    },
    async setHighWatermark(mark) {
      await query(
        'UPDATE slashing_settings SET high_slot = $1, high_epoch = $2',
        ...[mark?.slot ?? null, mark?.epoch ?? null],
      );
    },
  } satisfies SlashingLedger);
}

export function createSlashingReader(query: Query): SlashingReader {
  return Object.freeze({
    check: (duty, genesisRoot) => judgeDuty(query, { duty, genesisRoot }),
    async key(key) {
      const [row] = await query('SELECT * FROM validators WHERE key = $1', key);
      return row && toProtectedKey(toValidator(row));
    },
    async keys(after, limit) {
      const rows = await query(
        'SELECT * FROM validators WHERE key > $1 ORDER BY key LIMIT $2',
        ...[after ?? '', limit],
      );
      return rows.map((row) => toProtectedKey(toValidator(row)));
    },
    async newestTarget(key) {
      const [row = {}] = await query(
        `SELECT max(target) AS target FROM signed_attestations
          WHERE validator = (SELECT id FROM validators WHERE key = $1)`,
        key,
      );
      return optional(bigint, row, 'target');
    },
    async history(key): Promise<SigningHistory> {
      const of = 'validator = (SELECT id FROM validators WHERE key = $1)';
      const [blocks, attestations] = await Promise.all([
        query(`SELECT slot, root FROM signed_blocks WHERE ${of} ORDER BY slot`, key),
        query(
          `SELECT source, target, root FROM signed_attestations WHERE ${of} ORDER BY target, source`,
          key,
        ),
      ]);
      return {
        blocks: blocks.map((row) => ({ slot: bigint(row, 'slot'), ...rootOf(row) })),
        attestations: attestations.map((row) => ({
          source: bigint(row, 'source'),
          target: bigint(row, 'target'),
          ...rootOf(row),
        })),
      };
    },
    async settings() {
      const [row = {}] = await query('SELECT * FROM slashing_settings');
      const genesisRoot = optional(hexOf, row, 'genesis_root');
      const slot = optional(bigint, row, 'high_slot');
      const epoch = optional(bigint, row, 'high_epoch');
      const lastActivity = optional(integer, row, 'last_recorded_at');
      return {
        ...(genesisRoot === undefined ? {} : { genesisRoot }),
        ...(slot === undefined || epoch === undefined ? {} : { highWatermark: { slot, epoch } }),
        ...(lastActivity === undefined ? {} : { lastActivity }),
      };
    },
  } satisfies SlashingReader);
}

/** Who finds the row locked leaves it: somebody notes the same just now. */
const NOTE_ACTIVITY = `UPDATE slashing_settings SET last_recorded_at = greatest(last_recorded_at, $1)
  WHERE one = (SELECT one FROM slashing_settings FOR NO KEY UPDATE SKIP LOCKED)`;

function toValidator(row: Row): Validator {
  const beganAt = optional(integer, row, 'began_at');
  return {
    id: bigint(row, 'id'),
    key: hexOf(row, 'key'),
    isEnabled: isTrue(row, 'is_enabled'),
    isOrderly: isTrue(row, 'is_orderly'),
    ...(beganAt === undefined ? {} : { beganAt }),
    lowest: marksOf(row, 'low'),
    floor: marksOf(row, 'floor'),
  };
}

function marksOf(row: Row, name: string): Watermarks {
  return watermarks(
    optional(bigint, row, `${name}_slot`),
    optional(bigint, row, `${name}_source`),
    optional(bigint, row, `${name}_target`),
  );
}

function rootOf(row: Row): { readonly root?: Hex } {
  const root = optional(hexOf, row, 'root');
  return root === undefined ? {} : { root };
}

function isTrue(row: Row, column: string): boolean {
  return String(row[column]) === 'true';
}

function flat({ slot, source, target }: Watermarks): readonly (bigint | null)[] {
  return [slot ?? null, source ?? null, target ?? null];
}

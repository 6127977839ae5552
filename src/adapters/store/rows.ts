/** Database rows as the records of the port. */
import { type Hex, isHex, toHex } from '../../base/hex.ts';
import type {
  DecisionRecord,
  JobRecord,
  JournalEntry,
  OutboxRecord,
  OutboxState,
} from '../../core/ports.ts';
import { OUTCOMES, STAGES, type Reason } from '../../core/outcome.ts';
import { fromDocument, fromObjectDocument } from './documents.ts';
import type { Row } from './sqlite-driver.ts';

const PARTS = ['answer', 'decline'] as const satisfies readonly OutboxRecord['part'][];
const OUTBOX_STATES = [
  'pending',
  'delivered',
  'rejected',
  'unconfirmed',
  'parked',
] as const satisfies readonly OutboxState[];

export function toJob(row: Row): JobRecord {
  const inputs = optional(text, row, 'inputs');
  const answer = optional(text, row, 'answer');
  return {
    job: text(row, 'job'),
    source: text(row, 'source'),
    id: text(row, 'id'),
    digest: hexOf(row, 'digest'),
    eventType: text(row, 'event_type'),
    entityId: text(row, 'entity_id'),
    body: bytes(row, 'body'),
    caller: text(row, 'caller'),
    receivedAt: integer(row, 'received_at'),
    ...toProgress(row),
    ...(inputs === undefined ? {} : { inputs: fromObjectDocument(inputs) }),
    ...(answer === undefined ? {} : { answer: fromObjectDocument(answer) }),
    updatedAt: integer(row, 'updated_at'),
  };
}

export function toJournalEntry(row: Row): JournalEntry {
  return {
    seq: bigint(row, 'seq'),
    job: text(row, 'job'),
    at: integer(row, 'at'),
    ...toProgress(row),
  };
}

export function toDecision(row: Row): DecisionRecord {
  const column = (name: string): unknown => fromDocument(text(row, name));
  // SAFETY: these columns are append-only and written from a DecisionRecord alone (writes.ts).
  /* eslint-disable @typescript-eslint/no-unsafe-type-assertion -- see SAFETY */
  return {
    job: text(row, 'job'),
    item: text(row, 'item'),
    facts: column('facts') as DecisionRecord['facts'],
    decision: column('decision') as DecisionRecord['decision'],
    violations: column('violations') as DecisionRecord['violations'],
    doubts: column('doubts') as DecisionRecord['doubts'],
    caller: text(row, 'caller'),
    decidedAt: integer(row, 'decided_at'),
  };
  /* eslint-enable @typescript-eslint/no-unsafe-type-assertion */
}

export function toOutbox(row: Row): OutboxRecord {
  const error = optionalReason(row, 'error');
  return {
    job: text(row, 'job'),
    part: oneOf(PARTS, row, 'part'),
    route: text(row, 'route'),
    state: oneOf(OUTBOX_STATES, row, 'state'),
    attempts: integer(row, 'attempts'),
    unknown: integer(row, 'unknown') === 1,
    createdAt: integer(row, 'created_at'),
    nextAt: integer(row, 'next_at'),
    ...(error === undefined ? {} : { error }),
  };
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`column \`${column}\` is not a text`);
  return value;
}

export function bigint(row: Row, column: string): bigint {
  const value = row[column];
  if (typeof value !== 'bigint') throw new Error(`column \`${column}\` is not an integer`);
  return value;
}

/** A count or a time, which fits a `number` exactly. */
export function integer(row: Row, column: string): number {
  const value = Number(bigint(row, column));
  if (!Number.isSafeInteger(value)) throw new Error(`column \`${column}\` is out of range`);
  return value;
}

/** A text that is hex, or the hex of bytes. */
export function hexOf(row: Row, column: string): Hex {
  const value = row[column];
  if (typeof value === 'object' && value !== null) return toHex(value);
  if (typeof value !== 'string' || !isHex(value))
    throw new Error(`column \`${column}\` is not hex`);
  return value;
}

/** A column that may be NULL, which is told as `undefined`. */
export function optional<T>(
  read: (row: Row, column: string) => T,
  row: Row,
  column: string,
): T | undefined {
  return row[column] === null ? undefined : read(row, column);
}

function toProgress(row: Row): Pick<JobRecord, 'stage' | 'outcome' | 'reason'> {
  const reason = optionalReason(row, 'reason');
  return {
    stage: oneOf(STAGES, row, 'stage'),
    ...(row['outcome'] === null ? {} : { outcome: oneOf(OUTCOMES, row, 'outcome') }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function optionalReason(row: Row, name: string): Reason | undefined {
  const code = optional(text, row, `${name}_code`);
  return code === undefined ? undefined : { code, message: text(row, `${name}_message`) };
}

function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (typeof value !== 'object' || value === null) {
    throw new Error(`column \`${column}\` is not bytes`);
  }
  return value;
}

function oneOf<T extends string>(known: readonly T[], row: Row, column: string): T {
  const value = text(row, column);
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`column \`${column}\` holds unknown \`${value}\``);
  return found;
}

/** The daemon's database as another process sees it: what is committed, and nothing else. */
import { createReader, type Reader } from '../../src/adapters/store/reader.ts';
import { openForReading } from '../../src/adapters/store/sqlite-driver.ts';
import type { DecisionRecord, JobRecord, JournalEntry } from '../../src/core/ports.ts';

export interface Evidence {
  readonly record: JobRecord;
  readonly decisions: readonly DecisionRecord[];
  readonly history: readonly JournalEntry[];
}

export const SOURCE = 'lightspark';

/**
 * Lends a reader. It is closed again at once: a connection that outlived the daemon would spare the
 * next one the recovery of its log.
 */
export function reading<T>(path: string, use: (reader: Reader) => T): T {
  const database = openForReading(path);
  try {
    return use(createReader(database));
  } finally {
    database.close();
  }
}

export function evidenceOf(reader: Reader, id: string): Evidence | undefined {
  const record = reader.findJob(SOURCE, id);
  if (record === undefined) return undefined;
  return { record, decisions: reader.decisions(record.job), history: reader.history(record.job) };
}

/** Whether it is on record that this may be signed, and that it was. */
export function isSignedOnRecord({ decisions, history }: Evidence): boolean {
  const allowed = decisions.filter(
    ({ decision, violations, doubts }) =>
      decision.verdict === 'allow' && violations.length === 0 && doubts.length === 0,
  );
  return (
    allowed.length > 0 &&
    history.some(({ stage, outcome }) => stage === 'sign' && outcome === 'signed')
  );
}

export function isDeclinedOnRecord({ decisions, history }: Evidence): boolean {
  return (
    decisions.length > 0 &&
    history.some(({ stage, outcome }) => stage === 'decide' && outcome === 'declined')
  );
}

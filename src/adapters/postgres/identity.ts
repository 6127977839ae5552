/** Which database this is, whether it is an older one, and who this daemon is in it. */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath, resolve as absolute } from 'node:path';

import type { Reason } from '../../core/outcome.ts';
import type { Clock } from '../../core/ports.ts';
import type { Probe } from '../../core/probe.ts';
import { createMarker, type Mark, type Marker, writeMark } from '../store/marker.ts';
import type { Meta, Restored } from '../store/prepare-database.ts';
import { bigint, integer, text } from '../store/rows.ts';
import type { Connection, Connections } from './pg-driver.ts';
import type { ServerIdentity } from './server.ts';

export interface Identified {
  readonly meta: Meta;
  readonly restored?: Restored;
}

/** What this daemon remembers of the database besides it. */
export interface Remembered {
  readonly mark: Mark | undefined;
  /** Its generation when this daemon was last started; absent: never. */
  readonly generation: bigint | undefined;
}

/**
 * Reads what identifies the database, and raises its generation where it may be an older one. Where
 * another daemon did so since, it is an older one for this one, too.
 */
export async function identify(
  connections: Connections,
  { systemId, timeline }: ServerIdentity,
  { mark, generation: lastSeen }: Remembered,
  now: number,
): Promise<Identified> {
  return connections.lend(async (connection) => {
    const { query, command } = connection;
    await command('BEGIN');
    await query(
      `INSERT INTO meta (one, store_id, created_at, generation, system_id, timeline)
        VALUES (1, $1, $2, 0, $3, $4) ON CONFLICT DO NOTHING`,
      ...[randomUUID(), now, systemId, timeline],
    );
    const [row = {}] = await query('SELECT * FROM meta FOR UPDATE');
    const storeId = text(row, 'store_id');
    const sequence = await readProgress(connection);
    const hasMoved = text(row, 'system_id') !== systemId || bigint(row, 'timeline') !== timeline;
    const isBehind = mark !== undefined && (mark.storeId !== storeId || mark.sequence > sequence);
    const step = hasMoved || isBehind ? 1 : 0;
    const [after = {}] = await query(
      'UPDATE meta SET generation = generation + $1, system_id = $2, timeline = $3 RETURNING *',
      ...[step, systemId, timeline],
    );
    await command('COMMIT');
    const createdAt = integer(after, 'created_at');
    const generation = bigint(after, 'generation');
    const meta = { storeId, createdAt, generation, sequence };
    const isOlder = lastSeen !== undefined && generation > lastSeen;
    return step === 1 || isOlder ? { meta, restored: compare(meta, mark) } : { meta };
  });
}

/** How far the database has come. */
export async function readProgress({ query }: Connection): Promise<bigint> {
  const [row = {}] = await query('SELECT max(sequence) AS sequence FROM progress');
  return bigint(row, 'sequence');
}

function compare({ storeId, sequence }: Meta, mark: Mark | undefined): Restored {
  return {
    markerSeq: mark?.sequence ?? sequence,
    seq: sequence,
    storeChanged: mark !== undefined && mark.storeId !== storeId,
  };
}

/** Who this daemon is among those of the database, for as long as its data directory lives. */
export function instanceOf(directory: string): string {
  const path = joinPath(directory, 'instance');
  try {
    return readFileSync(path, 'utf8');
  } catch {
    const instance = randomUUID();
    writeFileSync(path, instance, { mode: 0o600 });
    return instance;
  }
}

/** The generation of the database that the daemon of this data directory has seen. */
export function readGeneration(directory: string): bigint | undefined {
  try {
    const text = readFileSync(generationPath(directory), 'utf8');
    // What a crash left half-written makes the daemon look twice, not stop.
    return /^\d+$/.test(text) ? BigInt(text) : 0n;
  } catch {
    return undefined;
  }
}

export function rememberGeneration(directory: string, generation: bigint): void {
  writeFileSync(generationPath(directory), String(generation), { mode: 0o600 });
}

function generationPath(directory: string): string {
  return joinPath(directory, 'generation');
}

export interface MarkerPlace {
  readonly markerPath: string | undefined;
  readonly clock: Clock;
  readonly alarm: (reason: Reason) => void;
}

const NO_MARKER: Marker = { advance: () => undefined, close: () => Promise.resolve() };

export async function openMarker(
  { markerPath, clock, alarm }: MarkerPlace,
  { storeId, sequence }: Meta,
  probe: Probe,
): Promise<Marker> {
  if (markerPath === undefined) return NO_MARKER;
  const path = absolute(markerPath);
  await writeMark(path, { storeId, sequence }, probe);
  return createMarker({ path, storeId, clock, probe, alarm }, sequence);
}

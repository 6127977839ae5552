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
import type { Connections } from './pg-driver.ts';
import type { ServerIdentity } from './server.ts';

export interface Identified {
  readonly meta: Meta;
  readonly restored?: Restored;
}

/** Reads what identifies the database, and raises its generation where it may be an older one. */
export async function identify(
  connections: Connections,
  { systemId, timeline }: ServerIdentity,
  mark: Mark | undefined,
  now: number,
): Promise<Identified> {
  return connections.lend(async ({ query, command }) => {
    await command('BEGIN');
    await query(
      `INSERT INTO meta (one, store_id, created_at, generation, system_id, timeline)
        VALUES (1, $1, $2, 0, $3, $4) ON CONFLICT DO NOTHING`,
      ...[randomUUID(), now, systemId, timeline],
    );
    const [row = {}] = await query('SELECT * FROM meta FOR UPDATE');
    const [progress = {}] = await query('SELECT max(sequence) AS sequence FROM progress');
    const storeId = text(row, 'store_id');
    const sequence = bigint(progress, 'sequence');
    const hasMoved = text(row, 'system_id') !== systemId || bigint(row, 'timeline') !== timeline;
    const isOlder = mark !== undefined && (mark.storeId !== storeId || mark.sequence > sequence);
    const step = hasMoved || isOlder ? 1 : 0;
    const [after = {}] = await query(
      'UPDATE meta SET generation = generation + $1, system_id = $2, timeline = $3 RETURNING *',
      ...[step, systemId, timeline],
    );
    await command('COMMIT');
    const createdAt = integer(after, 'created_at');
    const meta = { storeId, createdAt, generation: bigint(after, 'generation'), sequence };
    return step === 1 ? { meta, restored: compare(meta, mark) } : { meta };
  });
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

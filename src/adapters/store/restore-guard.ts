/**
 * Notices a database that is older than its marker, before anything is signed on its word. What
 * each world then does about it hangs on the raised generation.
 */
import { stat } from 'node:fs/promises';

import type { Reason } from '../../core/outcome.ts';
import type { Clock } from '../../core/ports.ts';
import type { Probe } from '../../core/probe.ts';
import { createMarker, type Mark, type Marker, readMark, writeMark } from './marker.ts';
import { type Prepared, prepareDatabase } from './prepare-database.ts';

export interface GuardOptions {
  readonly markerPath?: string;
  readonly clock: Clock;
  readonly probe: Probe;
  readonly alarm: (reason: Reason) => void;
}

export interface Guarded extends Prepared {
  readonly marker: Marker;
  /** What the operator should know about a guard that guards less than it could. */
  readonly warnings: readonly Reason[];
}

const UNSET: Reason = {
  code: 'store.marker_unset',
  message: 'STATE_MARKER is not set; an older copy of the database would not be noticed',
};
const MISSING: Reason = {
  code: 'store.marker_missing',
  message: 'STATE_MARKER was missing and is begun anew; check that its device is mounted',
};
const SAME_DEVICE: Reason = {
  code: 'store.marker_same_device',
  message: 'STATE_MARKER is on the device of DATA_DIR; restoring that device takes both back',
};

const NO_MARKER: Marker = { advance: () => undefined, close: () => Promise.resolve() };

/** Prepares the database at `path` and compares it with its marker, which it then takes over. */
export async function openGuarded(path: string, options: GuardOptions): Promise<Guarded> {
  const { markerPath, clock, probe, alarm } = options;
  if (markerPath === undefined) {
    const prepared = prepareDatabase(path, clock.now(), undefined);
    return { ...prepared, marker: NO_MARKER, warnings: [UNSET] };
  }
  const mark = await readMark(markerPath);
  const prepared = prepareDatabase(path, clock.now(), mark);
  await writeMark(markerPath, prepared.meta, probe);
  const { storeId, sequence } = prepared.meta;
  const marker = createMarker({ path: markerPath, storeId, clock, probe, alarm }, sequence);
  return { ...prepared, marker, warnings: await warningsOf(path, markerPath, prepared, mark) };
}

async function warningsOf(
  path: string,
  markerPath: string,
  { meta }: Prepared,
  mark: Mark | undefined,
): Promise<readonly Reason[]> {
  const [data, marker] = await Promise.all([stat(path), stat(markerPath)]);
  return [
    ...(data.dev === marker.dev ? [SAME_DEVICE] : []),
    ...(mark === undefined && meta.sequence > 0n ? [MISSING] : []),
  ];
}

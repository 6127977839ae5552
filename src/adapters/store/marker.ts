/**
 * The restore guard's memory: a small file, best on another device, that says how far the database
 * had come. A database that is behind its marker is an older copy.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import { isJsonObject, parseJson, stringifyJson } from '../../base/json.ts';
import type { Clock } from '../../core/ports.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Probe } from '../../core/probe.ts';
import { messageOf } from './error-message.ts';

export interface Mark {
  readonly storeId: string;
  /** How far the database had come; rises with every commit. */
  readonly sequence: bigint;
}

export interface Marker {
  /** Tells how far the database is; the file follows within a second. */
  readonly advance: (sequence: bigint) => void;
  /** Writes what is not written yet, and stops. */
  readonly close: () => Promise<void>;
}

export interface MarkerOptions {
  readonly path: string;
  readonly storeId: string;
  readonly clock: Clock;
  readonly probe: Probe;
  readonly alarm: (reason: Reason) => void;
}

/** Half of the second that the file may be behind, in milliseconds; the rest is for writing it. */
const DELAY = 500;

/** The mark at `path`, or `undefined` where there is no file. Throws when it cannot be understood. */
export async function readMark(path: string): Promise<Mark | undefined> {
  const content = await readFile(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw unusable('read', path, error);
  });
  if (content === undefined) return undefined;
  const parsed = parseJson(content);
  const fields = parsed.ok && isJsonObject(parsed.value) ? parsed.value : {};
  const { storeId, seq: sequence } = fields;
  if (typeof storeId !== 'string' || typeof sequence !== 'bigint') {
    throw new Error(
      `STATE_MARKER \`${path}\` is damaged; make sure that the database is the newest one, then delete the file`,
    );
  }
  return { storeId, sequence };
}

/** Makes `mark` durable; at any moment either the old or the new file is there, whole. */
export async function writeMark(path: string, mark: Mark, probe: Probe): Promise<void> {
  try {
    await replaceFile(path, mark, probe);
  } catch (error) {
    throw unusable('write', path, error);
  }
}

async function replaceFile(path: string, mark: Mark, probe: Probe): Promise<void> {
  const temporary = `${path}.new`;
  probe('marker.before-write');
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(stringifyJson({ storeId: mark.storeId, seq: mark.sequence }));
    await file.sync();
  } finally {
    await file.close();
  }
  probe('marker.before-rename');
  await rename(temporary, path);
  await syncDirectory(dirname(path));
  probe('marker.after-rename');
}

export function createMarker(options: MarkerOptions, written: bigint): Marker {
  const { path, storeId, clock, probe, alarm } = options;
  let latest = written;
  let onDisk = written;
  let cancel: (() => void) | undefined;
  let writing: Promise<void> | undefined;
  let failing = false;

  return Object.freeze({
    advance(sequence: bigint) {
      latest = sequence;
      schedule();
    },
    async close() {
      cancel?.();
      cancel = () => undefined;
      await writing;
      if (onDisk !== latest) await write();
    },
  });

  function schedule(): void {
    if (cancel !== undefined || writing !== undefined || onDisk === latest) return;
    cancel = clock.after(DELAY, () => {
      cancel = undefined;
      writing = write().finally(() => {
        writing = undefined;
        schedule();
      });
    });
  }

  async function write(): Promise<void> {
    const sequence = latest;
    try {
      await writeMark(path, { storeId, sequence }, probe);
      onDisk = sequence;
      failing = false;
    } catch (error) {
      if (!failing) alarm({ code: 'store.marker', message: messageOf(error) });
      failing = true;
    }
  }
}

function unusable(act: 'read' | 'write', path: string, cause: unknown): Error {
  const message = `cannot ${act} STATE_MARKER \`${path}\`; check its device and permissions`;
  return new Error(message, { cause });
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

/** Makes the names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Adds and revokes callers. One command changes the file at a time, so that none undoes another. */
import { existsSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';

import { toHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { CallerStorage, NewCaller, StoredCaller } from '../../core/caller-storage.ts';
import { isCallerName } from '../../core/caller.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Clock } from '../../core/ports.ts';
import { createPrivateFile, makePrivateDirectory } from '../keys/private-file.ts';
import { type CallerRecord, readCallerFile, writeCallerFile } from './caller-file.ts';
import { digestOfToken, newToken } from './token.ts';

export interface CallerStorageOptions {
  /** Need not exist; made with mode 0600 when the first caller is added. */
  readonly file: string;
}

export interface CallerStorageDeps {
  readonly clock: Pick<Clock, 'now'>;
}

/** What the file is to hold next. */
type Edit = (records: readonly CallerRecord[]) => Result<readonly CallerRecord[], Reason>;

export function createCallerStorage(
  { file }: CallerStorageOptions,
  { clock }: CallerStorageDeps,
): CallerStorage {
  const lock = `${file}.lock`;

  function list(): Result<readonly StoredCaller[], Reason> {
    const records = readCallerFile(file);
    return records.ok ? ok(records.value.map(withoutDigest)) : records;
  }

  function add(caller: NewCaller): Result<Secret, Reason> {
    const token = newToken();
    const added = change((records) => {
      const free = checkFree(caller.name, records);
      if (!free.ok) return free;
      const digest = toHex(token.reveal(digestOfToken));
      return ok([...records, { ...caller, digest, createdAt: clock.now() }]);
    });
    if (added.ok) return ok(token);
    token[Symbol.dispose]();
    return added;
  }

  function revoke(name: string): Result<void, Reason> {
    return change((records) => {
      const kept = records.filter((record) => record.name !== name);
      return kept.length < records.length ? ok(kept) : err(unknownCaller(name, records));
    });
  }

  function change(edit: Edit): Result<void, Reason> {
    const made = makePrivateDirectory(dirname(file));
    if (!made.ok) return made;
    const locked = createPrivateFile(lock, '');
    if (!locked.ok) return existsSync(lock) ? err(busy(file, lock)) : locked;
    try {
      const records = readCallerFile(file);
      if (!records.ok) return records;
      const next = edit(records.value);
      return next.ok ? writeCallerFile(file, next.value) : next;
    } finally {
      unlinkSync(lock);
    }
  }

  return Object.freeze({ list, add, revoke });
}

function withoutDigest({ name, scopes, createdAt, expiresAt }: CallerRecord): StoredCaller {
  return { name, scopes, createdAt, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

function checkFree(name: string, records: readonly CallerRecord[]): Result<void, Reason> {
  if (!isCallerName(name)) {
    return refuse(
      'callers.name',
      `\`${name}\` cannot be the name of a caller; use up to 63 lower-case letters, digits, dots and hyphens, and none of the daemon's own names`,
    );
  }
  if (!records.some((record) => record.name === name)) return ok(undefined);
  return refuse('callers.name', `there is a caller \`${name}\` already; revoke it first`);
}

function unknownCaller(name: string, records: readonly CallerRecord[]): Reason {
  const names = records.map((record) => `\`${record.name}\``).join(', ');
  const choice = records.length === 0 ? 'there are none' : `there are ${names}`;
  return { code: 'callers.unknown', message: `no caller \`${name}\`; ${choice}` };
}

function busy(file: string, lock: string): Reason {
  const message = `another command is changing \`${file}\`; try again, or remove \`${lock}\` if none is running`;
  return { code: 'callers.busy', message };
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code, message });
}

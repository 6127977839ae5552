/**
 * Who holds a token, for the running daemon. The file is the truth and is looked at for every token,
 * so that a caller added or revoked by another process is known or refused at once.
 */
import { timingSafeEqual } from 'node:crypto';

import { fromHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Identify, type KnownCaller, OPERATOR } from '../../core/caller.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Clock } from '../../core/ports.ts';
import { fileStamp } from '../keys/file-stamp.ts';
import { readCallerFile } from './caller-file.ts';
import { digestOfToken } from './token.ts';

export interface CallerBookOptions {
  readonly file: string;
  /** SHA-256 of each token of the operator's. */
  readonly operators: readonly Uint8Array[];
}

export interface CallerBookDeps {
  readonly clock: Pick<Clock, 'now'>;
  /** Told once for each version of the file that cannot be used; until then only the operator is known. */
  readonly alarm: (reason: Reason) => void;
}

interface Entry {
  readonly caller: KnownCaller;
  readonly digest: Uint8Array;
  readonly expiresAt: number;
}

export function createCallerBook(
  { file, operators }: CallerBookOptions,
  { clock, alarm }: CallerBookDeps,
): Identify {
  const ours: readonly Entry[] = operators.map((digest) => ({
    caller: OPERATOR,
    digest,
    expiresAt: Infinity,
  }));
  let known: { readonly stamp: string; readonly entries: readonly Entry[] } | undefined;
  let alarmedAt: string | undefined;

  function entries(): readonly Entry[] {
    const stamp = fileStamp(file);
    if (known?.stamp === stamp) return known.entries;
    const read = readEntries(file);
    if (read.ok) {
      known = { stamp, entries: [...ours, ...read.value] };
      return known.entries;
    }
    if (alarmedAt !== stamp) {
      alarmedAt = stamp;
      alarm(nobodyElse(read.error));
    }
    return ours;
  }

  function identify(token: string): Result<KnownCaller, Reason> {
    const digest = digestOfToken(token);
    let holder: Entry | undefined;
    // Every hash is compared, so that the time does not tell which one was near or matched.
    for (const entry of entries()) if (timingSafeEqual(entry.digest, digest)) holder = entry;
    if (holder === undefined) return err(UNKNOWN);
    return holder.expiresAt > clock.now() ? ok(holder.caller) : err(EXPIRED);
  }

  // A file that cannot be used is told of at start, not when the first caller is refused.
  entries();
  return identify;
}

const UNKNOWN: Reason = {
  code: 'caller.token',
  message: 'the token is not known; ask the operator for one',
};
const EXPIRED: Reason = {
  code: 'caller.expired',
  message: 'the token has expired; ask the operator for a new one',
};

function readEntries(file: string): Result<readonly Entry[], Reason> {
  const records = readCallerFile(file);
  if (!records.ok) return records;
  return ok(
    records.value.map(({ name, scopes, digest, expiresAt = Infinity }) => ({
      caller: { name, scopes },
      digest: fromHex(digest),
      expiresAt,
    })),
  );
}

function nobodyElse({ message }: Reason): Reason {
  return {
    code: 'callers.unusable',
    message: `only the operator's token is accepted: ${message}`,
  };
}

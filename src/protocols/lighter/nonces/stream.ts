/**
 * The nonces of one API key: which were given out, which the exchange is known to have consumed, and
 * what may still be alive.
 *
 * A key's documents stay small however fast it signs. Nonces that we chose ourselves always exceed
 * all before them, so the intervals in which they lie are enough to know; those that callers chose
 * are kept one by one, beside the stream (signed-nonces.ts), for as long as they live.
 */
import { z } from 'zod';

import type { JsonObject } from '../../../base/json.ts';
import type { JudgeContext } from '../../../core/protocol.ts';
import type { LighterClient } from '../clients.ts';
import { FURTHEST_JUMP } from './limits.ts';

/** Epoch milliseconds. */
const time = z.bigint();
const nonce = z.bigint();

const span = z.object({
  /** `held`: set aside for a caller who will name them, and not signed by the act. */
  mode: z.enum(['strict', 'skip', 'held']),
  from: nonce,
  to: nonce,
  since: time,
  /** When all that was signed in it is dead. */
  until: time,
});

const stream = z.object({
  /** Highest nonce given out, set aside or known to be consumed; −1 for none. */
  last: nonce,
  /** The next nonce in strict mode; absent until the exchange or a caller has said where it stands. */
  strictNext: nonce.exactOptional(),
  /** Highest nonce that the exchange consumed for certain, and since when we know. */
  consumed: z.object({ nonce, at: time }).exactOptional(),
  /** Rises when the exchange has said where it stands; what was signed before is then settled. */
  term: z.bigint(),
  /** Time of the last decision. */
  seenAt: time,
  /** By age. */
  spans: z.array(span).readonly(),
  /** Strict nonces that came to nothing below others that were given out; lowest first. */
  gaps: z.array(nonce).readonly(),
  /** Others within a span on which nothing is alive, and that nobody waits for. */
  unused: z.array(nonce).readonly(),
  /** When we found that an older database had come back. */
  restoredAt: time.exactOptional(),
});

const stored = z.object({ generation: z.bigint(), content: stream });

export type Span = z.infer<typeof span>;
export type Stream = z.infer<typeof stream>;

/** The key whose nonces these are. */
export type StreamOwner = Pick<LighterClient, 'chainId' | 'account' | 'apiKey'>;

export function streamKey({ chainId, account, apiKey }: StreamOwner): string {
  return `nonces/${String(chainId)}/${String(account)}/${String(apiKey)}`;
}

const unknownStream: Stream = {
  last: -1n,
  term: 0n,
  seenAt: 0n,
  spans: [],
  gaps: [],
  unused: [],
};

export interface OpenedStream {
  readonly stream: Stream;
  /** Whether an older database was found since it was written, which must not be forgotten. */
  readonly isRestored: boolean;
}

/**
 * The stream at `now`, without what is dead. Where an older database came back, or none of a database
 * that did, what was signed in between is unknown.
 */
export function openStream(
  document: JsonObject | undefined,
  { now, generation }: Pick<JudgeContext, 'now' | 'generation'>,
): OpenedStream {
  const read = document && stored.parse(document);
  const writtenIn = read?.generation ?? 0n;
  const known = read?.content ?? unknownStream;
  const isRestored = writtenIn < generation;
  const current = isRestored ? afterRestore(known, BigInt(now)) : known;
  return { stream: withoutDead(current, BigInt(now)), isRestored };
}

export function writeStream(
  content: Stream,
  { generation }: Pick<JudgeContext, 'generation'>,
): JsonObject {
  return { generation, content };
}

const HALF_JUMP = FURTHEST_JUMP / 2n;

/**
 * Skip mode jumps over what can have been given out since, half a day to a day ahead; strict mode
 * must ask the exchange. The distance differs from one restore to the next, so that a backup that is
 * restored twice does not give the same nonces twice.
 */
function afterRestore(stream: Stream, now: bigint): Stream {
  const { last, consumed, term, seenAt, spans } = stream;
  return {
    last: max(last, now) + HALF_JUMP + (now % HALF_JUMP),
    ...(consumed === undefined ? {} : { consumed }),
    term,
    seenAt,
    spans,
    gaps: [],
    unused: [],
    restoredAt: now,
  };
}

function withoutDead(stream: Stream, now: bigint): Stream {
  if (stream.unused.length === 0 && stream.spans.every(({ until }) => until > now)) return stream;
  const spans = stream.spans.filter(({ until }) => until > now);
  const unused = stream.unused.filter((nonce) => spans.some((live) => contains(live, nonce)));
  return { ...stream, spans, unused };
}

/** Beyond so many the oldest count as taken again: more is refused than must be, never less. */
const MOST_UNUSED = 256;

export function withUnused(stream: Stream, ...nonces: readonly bigint[]): Stream {
  if (nonces.length === 0) return stream;
  return { ...stream, unused: [...stream.unused, ...nonces].slice(-MOST_UNUSED) };
}

export function contains({ from, to }: Span, nonce: bigint): boolean {
  return from <= nonce && nonce <= to;
}

export function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

export function min(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

/**
 * What the caller or the exchange tells of nonces that were given out. Every function is pure and
 * says what came of it in words, for the operator's record.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import { unreachable } from '../../../base/unreachable.ts';
import type { Hex } from '../../../base/hex.ts';
import type { Reason } from '../../../core/outcome.ts';
import { liveSpanOf } from './give.ts';
import type { Restated } from './restate.ts';
import { isLive, type SignedNonce, type SignedNonces } from './signed-nonces.ts';
import { max, type Span, type Stream, withUnused } from './stream.ts';

/**
 * - `accepted`: the exchange took the transaction, and its nonce is consumed
 * - `rejected`: the exchange's API refused it, and its nonce is not consumed
 * - `failed`: it was taken and then came to nothing; its nonce is consumed, most often
 */
export type Ending = 'accepted' | 'rejected' | 'failed';

export interface Acknowledgement {
  readonly nonce: bigint;
  readonly ending: Ending;
  /** Which transaction, where several are alive on one nonce. */
  readonly hash?: Hex;
}

export interface Known {
  readonly stream: Stream;
  /** Of the nonce's block. */
  readonly records: SignedNonces;
  /** The hash of what was signed on it, where it was given out by us. */
  readonly given: Hex | undefined;
  readonly now: bigint;
}

export interface Settled extends Restated {
  /** Of the nonce's block. */
  readonly records: SignedNonces;
}

export function acknowledge(
  { nonce, ending, hash }: Acknowledgement,
  { stream, records, given, now }: Known,
): Result<Settled, Reason> {
  const onNonce = records.filter((record) => record.nonce === nonce && isLive(record, stream, now));
  const isGiven = liveSpanOf(stream, nonce) !== undefined;
  if (onNonce.length === 0 && !isGiven) {
    return refuse(
      'lighter.nonce_unknown',
      `nothing is alive on nonce \`${String(nonce)}\`; refresh the nonce to say where the exchange is`,
    );
  }
  switch (ending) {
    case 'accepted':
      return ok({
        stream: consume(stream, nonce, now),
        records,
        message: `nonce \`${String(nonce)}\` is consumed`,
      });
    case 'failed':
      return ok({
        stream,
        records,
        message: `nonce \`${String(nonce)}\` stays taken, as the exchange mostly consumes it; refresh if the next one is refused`,
      });
    case 'rejected':
      return reject({ nonce, hash }, { stream, records, onNonce, isGiven, given });
    default:
      return unreachable(ending);
  }
}

/** Every nonce up to this one is void. */
function consume(stream: Stream, nonce: bigint, now: bigint): Stream {
  const { last, strictNext, consumed } = stream;
  if (consumed !== undefined && consumed.nonce >= nonce) return stream;
  return {
    ...stream,
    last: max(last, nonce),
    consumed: { nonce, at: now },
    ...(strictNext === undefined ? {} : { strictNext: max(strictNext, nonce + 1n) }),
    spans: stream.spans.flatMap((span) => above(span, nonce)),
    gaps: stream.gaps.filter((gap) => gap > nonce),
    unused: stream.unused.filter((other) => other > nonce),
  };
}

function above(span: Span, nonce: bigint): readonly Span[] {
  if (span.to <= nonce) return [];
  return [span.from > nonce ? span : { ...span, from: nonce + 1n }];
}

interface Alive {
  readonly stream: Stream;
  readonly records: SignedNonces;
  /** Those of the nonce. */
  readonly onNonce: SignedNonces;
  /** Whether one lies on the nonce that got it from us, and its hash, if we still know it. */
  readonly isGiven: boolean;
  readonly given: Hex | undefined;
}

function reject(
  { nonce, hash }: { readonly nonce: bigint; readonly hash: Hex | undefined },
  { stream, records, onNonce, isGiven, given }: Alive,
): Result<Settled, Reason> {
  const several = onNonce.length + (isGiven ? 1 : 0) > 1;
  if (several && hash === undefined) {
    return refuse(
      'lighter.nonce_ambiguous',
      `several transactions are alive on nonce \`${String(nonce)}\`; name one by its \`tx_hash\``,
    );
  }
  const rejected = onNonce.find((record) => hash === undefined || record.hash === hash);
  if (rejected === undefined && !(isGiven && (hash === undefined || hash === given))) {
    return refuse(
      'lighter.nonce_unknown',
      `another transaction is alive on nonce \`${String(nonce)}\`; check its \`tx_hash\``,
    );
  }
  if (rejected?.replacesCancel === true) {
    return refuse(
      'lighter.nonce_ambiguous',
      `several cancels are alive on nonce \`${String(nonce)}\`; refresh the nonce, or wait until they expire`,
    );
  }
  const marked = records.map((record) =>
    record === rejected ? { ...record, isRejected: true } : record,
  );
  const isFree = !several;
  const settled = isFree ? giveBack(stream, nonce, rejected) : voidOwn(stream, nonce, rejected);
  return ok({ ...settled, records: marked });
}

/** The nonce of a rejected transaction on which others are alive: only what was rejected is void. */
function voidOwn(stream: Stream, nonce: bigint, rejected: SignedNonce | undefined): Restated {
  const message = `nonce \`${String(nonce)}\` stays taken by what else was signed on it`;
  return { stream: rejected === undefined ? withUnused(stream, nonce) : stream, message };
}

/** Gaps that strict mode fills of itself; further ones wait for a refresh. */
const MOST_GAPS = 256;

function giveBack(stream: Stream, nonce: bigint, record: SignedNonce | undefined): Restated {
  const { strictNext, gaps, consumed } = stream;
  const span = liveSpanOf(stream, nonce);
  const isStrict = record === undefined ? span?.mode === 'strict' : !record.skip;
  if (strictNext === undefined || !isStrict || nonce <= (consumed?.nonce ?? -1n)) {
    const message = `nonce \`${String(nonce)}\` is free again`;
    return { stream: record === undefined ? withUnused(stream, nonce) : stream, message };
  }
  if (nonce + 1n === strictNext) {
    const { next, rest } = lowered(nonce, gaps);
    const message = `nonce \`${String(next)}\` is the next again`;
    return {
      stream: {
        ...stream,
        strictNext: next,
        gaps: rest,
        spans: stream.spans.flatMap((other) => below(other, next)),
      },
      message,
    };
  }
  const message = `nonce \`${String(nonce)}\` leaves a gap below \`${String(strictNext)}\`; the next request in strict mode fills it`;
  const more = [...gaps, nonce].sort((a, b) => (a < b ? -1 : 1)).slice(0, MOST_GAPS);
  return { stream: { ...stream, gaps: more }, message };
}

/** Gaps right below the next nonce are the next nonces themselves. */
function lowered(
  nonce: bigint,
  gaps: readonly bigint[],
): { readonly next: bigint; readonly rest: readonly bigint[] } {
  const highest = gaps.at(-1);
  if (highest === undefined || highest + 1n !== nonce) return { next: nonce, rest: gaps };
  return lowered(highest, gaps.slice(0, -1));
}

function below(span: Span, nonce: bigint): readonly Span[] {
  if (span.mode !== 'strict' || span.to < nonce) return [span];
  return span.from >= nonce ? [] : [{ ...span, to: nonce - 1n }];
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code, message });
}

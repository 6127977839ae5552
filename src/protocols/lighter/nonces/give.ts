/** Giving out a stream's nonces that nobody named: one above all before it, or one that fills a gap. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Reason } from '../../../core/outcome.ts';
import { deadFrom, HIGHEST_NONCE, HIGHEST_SKIP_NONCE } from './limits.ts';
import { contains, max, min, type Span, type Stream, withUnused } from './stream.ts';

export interface Given {
  readonly nonce: bigint;
  readonly stream: Stream;
}

/** The next nonce in strict mode: where something came to nothing, its nonce first. */
export function giveStrict(stream: Stream, now: bigint): Result<Given, Reason> {
  const { strictNext, gaps, unused } = stream;
  if (strictNext === undefined) return err(COUNTER_UNKNOWN);
  const [gap, ...others] = gaps;
  const nonce = gap ?? strictNext;
  if (nonce > HIGHEST_NONCE) return err(EXHAUSTED);
  const counted = gap === undefined ? { strictNext: nonce + 1n } : { gaps: others };
  return ok({
    nonce,
    stream: {
      ...stream,
      ...counted,
      last: max(stream.last, nonce),
      unused: unused.filter((other) => other !== nonce),
      spans: withSpan(stream, 'strict', nonce, now),
    },
  });
}

/** The next nonce in skip mode: the time, or one more than the last where that is ahead of time. */
export function giveSkip(stream: Stream, now: bigint): Result<Given, Reason> {
  const nonce = max(stream.last + 1n, now);
  if (nonce > HIGHEST_SKIP_NONCE) return err(EXHAUSTED);
  const spans = withSpan(stream, 'skip', nonce, now);
  return ok({ nonce, stream: { ...afterJump(stream, nonce), spans } });
}

/** Sets `count` nonces in a row aside for a caller who names them one by one. */
export function hold(
  stream: Stream,
  mode: 'strict' | 'skip',
  { count, now }: { readonly count: bigint; readonly now: bigint },
): Result<Given, Reason> {
  const { strictNext } = stream;
  if (mode === 'strict' && strictNext === undefined) return err(COUNTER_UNKNOWN);
  const from = mode === 'skip' ? max(stream.last + 1n, now) : (strictNext ?? 0n);
  const to = from + count - 1n;
  if (to > (mode === 'skip' ? HIGHEST_SKIP_NONCE : HIGHEST_NONCE)) return err(EXHAUSTED);
  if (stream.spans.length >= MANY_SPANS) return err(TOO_MANY_HELD);
  const held: Span = { mode: 'held', from, to, since: now, until: deadFrom(now) };
  const counted =
    mode === 'skip'
      ? afterJump(stream, to)
      : { ...stream, strictNext: to + 1n, last: max(stream.last, to) };
  return ok({ nonce: from, stream: { ...counted, spans: [...stream.spans, held] } });
}

/** Once the exchange has consumed a nonce beyond the next one, those in between are void. */
export function afterJump(stream: Stream, nonce: bigint): Stream {
  const { strictNext, last, gaps } = stream;
  return {
    ...withUnused(stream, ...gaps),
    last: max(last, nonce),
    gaps: [],
    ...(strictNext === undefined ? {} : { strictNext: max(strictNext, nonce + 1n) }),
  };
}

/** Nonces given out within so long, in milliseconds, share a span. */
const SPAN_LENGTH = 60_000n;
/** From so many on, spans grow over what lies between: more is refused than must be, never less. */
const MANY_SPANS = 64;

function withSpan(
  { spans, last }: Stream,
  mode: 'strict' | 'skip',
  nonce: bigint,
  now: bigint,
): readonly Span[] {
  const adjoins = ({ to }: Span): boolean => (mode === 'skip' ? to === last : to + 1n === nonce);
  const index = spans.findLastIndex(
    (span) =>
      span.mode === mode &&
      (contains(span, nonce) ||
        (adjoins(span) && span.since + SPAN_LENGTH > now) ||
        spans.length >= MANY_SPANS),
  );
  const until = deadFrom(now);
  const grown = spans[index];
  if (grown === undefined) return [...spans, { mode, from: nonce, to: nonce, since: now, until }];
  return spans.with(index, {
    ...grown,
    from: min(grown.from, nonce),
    to: max(grown.to, nonce),
    until: max(grown.until, until),
  });
}

/** A span of nonces that were signed and may be alive, if the nonce lies in one. */
export function liveSpanOf(stream: Stream, nonce: bigint): Span | undefined {
  if (stream.gaps.includes(nonce) || stream.unused.includes(nonce)) return undefined;
  return stream.spans.find((span) => span.mode !== 'held' && contains(span, nonce));
}

const EXHAUSTED: Reason = {
  code: 'lighter.nonce_exhausted',
  message: 'no nonce is left for this API key; register another key',
};

const TOO_MANY_HELD: Reason = {
  code: 'lighter.too_many_reserved',
  message: 'too many ranges of nonces are set aside; use them, or wait ten minutes',
};

const COUNTER_UNKNOWN: Reason = {
  code: 'lighter.nonce_unknown',
  message:
    'where the exchange stands is not known; refresh with its `nextNonce`, give the nonce, or use mode `skip`',
};

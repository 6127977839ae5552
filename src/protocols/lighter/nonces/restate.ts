/**
 * Where a stream stands, told from outside: the exchange's next nonce, or a nonce that nobody will
 * use after all.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { SignedNonces } from './signed-nonces.ts';
import { contains, max, type Stream } from './stream.ts';

/** A stream as it stands from now on, and what came of it in words. */
export interface Restated {
  readonly stream: Stream;
  readonly message: string;
}

/** How long the exchange's answer may lag behind what it accepted, in milliseconds. */
const LAG = 60_000n;

/**
 * The exchange says which nonce comes next: all below are consumed, and nothing that was signed from
 * there on is. The operator's clock stands from now on.
 */
export function refresh(stream: Stream, next: bigint, now: bigint): Result<Restated, Reason> {
  const { last, consumed, term } = stream;
  if (consumed !== undefined && next <= consumed.nonce && now - consumed.at < LAG) {
    return refuse(
      'lighter.nonce_lags',
      `nonce \`${String(consumed.nonce)}\` was just accepted, so \`${String(next)}\` is an old answer; ask the exchange again in a minute`,
    );
  }
  return ok({
    stream: {
      last: max(last, next - 1n),
      strictNext: next,
      ...(next === 0n ? {} : { consumed: { nonce: next - 1n, at: now } }),
      term: term + 1n,
      seenAt: now,
      spans: [],
      gaps: [],
      unused: [],
    },
    message: `the next nonce is \`${String(next)}\``,
  });
}

/** Gives back the newest nonce, if it was only set aside and nothing was signed on it. */
export function rollBack(
  stream: Stream,
  nonce: bigint,
  records: SignedNonces,
): Result<Restated, Reason> {
  const { last, strictNext, spans } = stream;
  const held = spans.find((span) => span.mode === 'held' && contains(span, nonce));
  const isSigned = records.some((record) => record.nonce === nonce);
  if (nonce !== last || held === undefined || isSigned) {
    return refuse(
      'lighter.nonce_not_newest',
      `only the newest nonce, \`${String(last)}\`, can be rolled back, and only before anything is signed on it; acknowledge the transaction as rejected instead`,
    );
  }
  return ok({
    stream: {
      ...stream,
      last: nonce - 1n,
      ...(strictNext === nonce + 1n ? { strictNext: nonce } : {}),
      spans: spans.flatMap((span) => {
        if (span !== held) return [span];
        return span.from === nonce ? [] : [{ ...span, to: nonce - 1n }];
      }),
    },
    message: `nonce \`${String(nonce)}\` was rolled back`,
  });
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code, message });
}

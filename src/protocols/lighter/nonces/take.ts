/**
 * Taking a nonce that the caller named: for one transaction only, as long as that may be included.
 *
 * The same transaction again gets the same signature. Another one has to wait until the first was
 * rejected, was shown not to be consumed, or is dead; only cancels, which take risk away, never wait.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Reason } from '../../../core/outcome.ts';
import { afterJump, liveSpanOf } from './give.ts';
import { deadFrom, FURTHEST_JUMP, HIGHEST_NONCE, HIGHEST_SKIP_NONCE } from './limits.ts';
import { isFresh, isLive, type SignedNonce, type SignedNonces } from './signed-nonces.ts';
import { max, type Stream, withUnused } from './stream.ts';

export interface NamedNonce {
  readonly nonce: bigint;
  /** Whether the exchange is told to jump to it. */
  readonly skip: boolean;
  /** Equal for transactions that differ in nothing but when they expire. */
  readonly content: string;
  readonly isCancel: boolean;
  /** Whether its signer can repeat itself. */
  readonly repeatable: boolean;
}

export type Taken =
  | { readonly kind: 'new'; readonly stream: Stream; readonly gap: bigint }
  | { readonly kind: 'repeat'; readonly record: SignedNonce };

export function takeNamed(
  named: NamedNonce,
  stream: Stream,
  records: SignedNonces,
  now: bigint,
): Result<Taken, Reason> {
  const refusal = outOfBounds(named, stream, now);
  if (refusal !== undefined) return err(refusal);
  if (!named.isCancel && isDoubtful(stream, now)) return err(RESTORED);

  const holders = records.filter(
    (record) => record.nonce === named.nonce && isLive(record, stream, now),
  );
  const same = holders.findLast(({ content }) => content === named.content);
  const isRepeated = named.repeatable || !named.isCancel;
  if (same !== undefined && isRepeated && isFresh(same, now))
    return ok({ kind: 'repeat', record: same });
  const conflict = named.isCancel ? undefined : conflictOf(named, { stream, holders, same });
  if (conflict !== undefined) return err(conflict);
  return ok({ kind: 'new', stream: afterNamed(named, stream), gap: gapBelow(named, stream) });
}

function outOfBounds(
  { nonce, skip }: NamedNonce,
  { last }: Stream,
  now: bigint,
): Reason | undefined {
  const furthest = max(last, now) + FURTHEST_JUMP;
  const highest = skip ? HIGHEST_SKIP_NONCE : HIGHEST_NONCE;
  if (nonce > highest) {
    return refusal('lighter.nonce_range', `nonce \`${String(nonce)}\` is above ${String(highest)}`);
  }
  if (nonce <= furthest) return undefined;
  const message = `nonce \`${String(nonce)}\` is more than a day ahead; give ${String(furthest)} at most, or refresh with the exchange's \`nextNonce\``;
  return refusal('lighter.nonce_too_far', message);
}

/** Whether signatures that a lost database had recorded may still be alive. */
function isDoubtful({ restoredAt }: Stream, now: bigint): boolean {
  return restoredAt !== undefined && now < deadFrom(restoredAt);
}

interface Holding {
  readonly stream: Stream;
  /** What is alive on the nonce. */
  readonly holders: SignedNonces;
  /** The one of them that is the same transaction. */
  readonly same: SignedNonce | undefined;
}

function conflictOf({ nonce }: NamedNonce, held: Holding): Reason | undefined {
  const { stream, holders, same } = held;
  const { consumed } = stream;
  if (consumed !== undefined && nonce <= consumed.nonce) {
    const message = `nonce \`${String(nonce)}\` is used up; the exchange is at ${String(consumed.nonce + 1n)}`;
    return refusal('lighter.nonce_consumed', message);
  }
  if (same !== undefined) {
    const message = `the transaction on nonce \`${String(nonce)}\` is about to expire; send it again when it has, or acknowledge it`;
    return refusal('lighter.nonce_expiring', message);
  }
  if (holders.length === 0 && liveSpanOf(stream, nonce) === undefined) return undefined;
  const message = `another transaction waits on nonce \`${String(nonce)}\`; acknowledge it as rejected, refresh the nonce, or use one above ${String(stream.last)}`;
  return refusal('lighter.nonce_reserved', message);
}

function afterNamed({ nonce, skip }: NamedNonce, stream: Stream): Stream {
  if (skip) return afterJump(stream, nonce);
  const { strictNext, restoredAt, gaps } = stream;
  // After a restore only the exchange can say where strict mode goes on.
  const isCounted = strictNext !== undefined || restoredAt === undefined;
  const filled = gaps.includes(nonce) ? withUnused(stream, nonce) : stream;
  return {
    ...filled,
    last: max(stream.last, nonce),
    gaps: gaps.filter((gap) => gap !== nonce),
    ...(isCounted ? { strictNext: max(strictNext ?? stream.last + 1n, nonce + 1n) } : {}),
  };
}

/** How many nonces stay unused below this one, which the exchange will not pass over by itself. */
function gapBelow({ nonce, skip }: NamedNonce, { strictNext }: Stream): bigint {
  return skip || strictNext === undefined ? 0n : max(0n, nonce - strictNext);
}

const RESTORED: Reason = {
  code: 'lighter.nonce_restored',
  message:
    'an older database came back, and what was signed since is unknown; refresh with `nextNonce` of the exchange, or use mode `skip`',
};

function refusal(code: string, message: string): Reason {
  return { code, message };
}

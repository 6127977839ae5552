/**
 * The reservation of a nonce for one transaction: which nonce, and what is to be remembered with the
 * decision, before any signature exists.
 */
import { ok, type Result } from '../../../base/result.ts';
import { unreachable } from '../../../base/unreachable.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { NonceWish } from '../request.ts';
import { giveSkip, giveStrict } from './give.ts';
import type { SignedNonce, SignedNonces } from './signed-nonces.ts';
import type { Stream } from './stream.ts';
import { takeNamed } from './take.ts';

/** What wants a nonce. */
export interface Applicant {
  readonly wish: NonceWish;
  readonly isCancel: boolean;
  /** Whether its signer can repeat itself. */
  readonly repeatable: boolean;
  /** Equal for transactions on one nonce that differ in nothing but when they expire. */
  readonly contentOn: (nonce: bigint, skip: boolean) => string;
}

export type Reserved =
  | {
      readonly kind: 'new';
      readonly nonce: bigint;
      readonly skip: boolean;
      readonly stream: Stream;
      /** Nonces that stay unused below this one, which the exchange does not pass over by itself. */
      readonly gap: bigint;
      /** What the record of a nonce that the caller named has to say; there is none for others. */
      readonly content?: string;
    }
  /** The same was signed before and lives on. */
  | { readonly kind: 'repeat'; readonly record: SignedNonce };

/** `records` are those of the named nonce's block; empty where none is named. */
export function reserve(
  { wish, contentOn, ...applicant }: Applicant,
  stream: Stream,
  records: SignedNonces,
  now: bigint,
): Result<Reserved, Reason> {
  switch (wish.mode) {
    case 'strict': {
      const given = giveStrict(stream, now);
      return given.ok ? ok({ kind: 'new', skip: false, gap: 0n, ...given.value }) : given;
    }
    case 'skip': {
      const given = giveSkip(stream, now);
      return given.ok ? ok({ kind: 'new', skip: true, gap: 0n, ...given.value }) : given;
    }
    case 'explicit': {
      const { nonce, skip } = wish;
      const content = contentOn(nonce, skip);
      const taken = takeNamed({ ...applicant, nonce, skip, content }, stream, records, now);
      if (!taken.ok) return taken;
      if (taken.value.kind === 'repeat') return ok(taken.value);
      const { stream: after, gap } = taken.value;
      return ok({ kind: 'new', nonce, skip, stream: after, gap, content });
    }
    default:
      return unreachable(wish);
  }
}

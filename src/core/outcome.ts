/** How far a job has come and how it can end: two closed sets, used in code, log, metrics, journal. */

export const STAGES = ['verify', 'claim', 'dispatch', 'decide', 'sign', 'deliver'] as const;
export type Stage = (typeof STAGES)[number];

/**
 * - `signed`    the answer was produced (and is delivered, or on its way)
 * - `declined`  refused on proof, by a forbid rule, or by an operator, and said so where the world can hear it
 * - `withheld`  nothing signed and nothing said; kept, alarmed, re-decidable
 * - `ignored`   authentic, but not ours to sign; recorded
 * - `malformed` authentic, but not a request we can read
 * - `failed`    decided and signed, but its delivery ended without success
 */
export const OUTCOMES = [
  'signed',
  'declined',
  'withheld',
  'ignored',
  'malformed',
  'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A permanent name for why, and a sentence for the reader. The sentence never quotes secrets. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** Thrown by who signs, where it may be told why nothing was signed. */
export class CannotSign extends Error {
  override readonly name = 'CannotSign';
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.message);
    this.reason = reason;
  }
}

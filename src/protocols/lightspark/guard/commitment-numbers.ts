/**
 * The numbers of the commitments that spend one funding output.
 *
 * A commitment carries its number obscured by a factor that only both sides' payment basepoints give
 * (BOLT 3, "Commitment Transaction"), and we have but one of them. The factor is learnt from proofs
 * and believed only as long as nothing contradicts it: an honest counterparty signs on from the
 * number before, or repeats it.
 */
import { obscureNumber } from '../../../../signers/lightning/commitment-number.ts';
import type { CommitmentNumbers, FundingRecord } from '../state.ts';

export type Side = 'counterparty' | 'holder' | 'unknown';

type Numbers = FundingRecord['numbers'];

/**
 * Unbroken steps from 0 after which a factor from the first commitment may withhold a signature. It
 * is wrong where the first commitment we saw was not the channel's first; then the row breaks at the
 * lowest set bit of the true number, and a channel that has hardly begun has only low bits.
 */
const STEPS_TO_TRUST = 8n;

/** Number of a commitment, if the factor is known. */
export function numberOf(numbers: Numbers, obscured: bigint): bigint | undefined {
  return isKnown(numbers) ? obscureNumber(obscured, numbers.factor) : undefined;
}

/** Highest number signed for the counterparty, as far as known. */
export function highestOf(numbers: Numbers): bigint | undefined {
  return isKnown(numbers) ? numbers.highest : undefined;
}

/** Whether the numbers may withhold a signature. */
export function isTrusted(numbers: Numbers): boolean {
  if (!isKnown(numbers)) return false;
  return numbers.proof === 'own_tweak' || (numbers.highest ?? 0n) >= STEPS_TO_TRUST;
}

/** What is known after a channel's first commitment was signed: its number is 0. */
export function fromFirstCommitment(obscured: bigint): CommitmentNumbers {
  return { factor: obscured, proof: 'first_commitment', highest: 0n };
}

/**
 * What is known of a new funding output of a channel with other ones: a splice keeps the basepoints
 * and hence the factor, and its first commitment repeats the number in force. An unrelated factor
 * would give that number with a chance of 2^-48.
 */
export function fromOtherOutput(
  others: readonly FundingRecord[],
  obscured: bigint,
): CommitmentNumbers | undefined {
  return others
    .flatMap(({ numbers }) => (isKnown(numbers) ? [numbers] : []))
    .find(({ factor, highest }) => obscureNumber(obscured, factor) === highest);
}

/** What is known after our own tweak proved the number of a commitment. */
export function withOwnTweak(numbers: Numbers, obscured: bigint, number: bigint): Numbers {
  const factor = obscureNumber(obscured, number);
  if (numbers === 'disagreed') return numbers;
  if (numbers === undefined) return { factor, proof: 'own_tweak' };
  return numbers.factor === factor ? { ...numbers, proof: 'own_tweak' } : 'disagreed';
}

/**
 * What is known after a commitment was signed. Only numbers of the counterparty, and an unbroken row
 * of numbers whose side is unknown, count: our own commitments run on a count of their own.
 */
export function withSigned(numbers: Numbers, side: Side, obscured: bigint): Numbers {
  if (!isKnown(numbers)) return numbers;
  const { highest } = numbers;
  const number = obscureNumber(obscured, numbers.factor);
  if (highest !== undefined && number === highest + 1n && side !== 'holder') {
    return { ...numbers, highest: number };
  }
  if (side !== 'counterparty' || number === highest) return numbers;
  if (highest === undefined) return { ...numbers, highest: number };
  if (!isTrusted(numbers)) return 'disagreed';
  return number > highest ? { ...numbers, highest: number } : numbers;
}

function isKnown(numbers: Numbers): numbers is CommitmentNumbers {
  return numbers !== undefined && numbers !== 'disagreed';
}

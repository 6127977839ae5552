/** What a transaction pays the miners, where the jobs of one request tell the value of every input. */
import { SIGHASH_ALL } from '../../../signers/lightning/sighash.ts';
import type { ClassifiedJob, ClassifiedTransaction, JobClass } from './classified.ts';

export interface Fee {
  readonly sat: bigint;
  /** Satoshi per 1000 weight units, rounded down, by an estimated weight. */
  readonly satPerKiloWeight: bigint;
}

/**
 * Weight of the witness that each class of signature ends up in (BOLT 3, "Appendix A: Expected
 * Weights", with signatures of 73 bytes).
 */
const WITNESS_WEIGHT: Readonly<Record<JobClass, number>> = {
  l1_spend: 109,
  wallet_spend: 109,
  commitment: 222,
  mutual_close: 222,
  splice: 222,
  anchor_spend: 116,
  channel_announcement: 0,
  justice: 157,
  to_remote_claim: 112,
  to_local_sweep: 157,
  htlc_transaction: 327,
  htlc_claim: 246,
  blind: 0,
};

/** `undefined` while any input is unaccounted for, or the signature leaves the outputs open. */
export function feeOf(job: ClassifiedJob, batch: readonly ClassifiedJob[]): Fee | undefined {
  const { transaction } = job;
  if (transaction?.sighashType !== SIGHASH_ALL) return undefined;
  const inputs = new Map<number, { readonly sat: bigint; readonly witnessWeight: number }>();
  for (const other of batch) {
    if (other.transaction?.txid !== transaction.txid) continue;
    const { inputIndex, inputSat } = other.transaction;
    inputs.set(inputIndex, { sat: inputSat, witnessWeight: WITNESS_WEIGHT[other.class] });
  }
  if (inputs.size !== transaction.inputs.length) return undefined;
  const spent = [...inputs.values()];
  const sat = sum(spent) - sum(transaction.outputs);
  const witnessWeight = spent.reduce((total, input) => total + input.witnessWeight, 0);
  const weight = BigInt(strippedWeight(transaction) + 2 + witnessWeight);
  return { sat, satPerKiloWeight: (sat * 1000n) / weight };
}

/** Four times the bytes without witness (BIP141). */
function strippedWeight({ inputs, outputs }: ClassifiedTransaction): number {
  const fixed = 8 + countBytes(inputs.length) + countBytes(outputs.length);
  const scripts = outputs.reduce((total, { script }) => {
    const length = script.length / 2;
    return total + 8 + countBytes(length) + length;
  }, 0);
  return 4 * (fixed + 41 * inputs.length + scripts);
}

function countBytes(count: number): number {
  if (count < 0xfd) return 1;
  return count <= 0xffff ? 3 : 5;
}

function sum(parts: readonly { readonly sat: bigint }[]): bigint {
  return parts.reduce((total, { sat }) => total + sat, 0n);
}

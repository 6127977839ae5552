/** The facts that a signing job's bytes prove, without any memory of what came before. */
import type { FactValue } from '../../policy/facts.ts';
import { SIGHASH_SINGLE_ANYONECANPAY } from '../../../signers/lightning/sighash.ts';
import type { ClassifiedJob, ClassifiedTransaction, JobClass } from './classified.ts';
import { type FactValues, joinFacts } from './fact-values.ts';
import { feeOf } from './fee.ts';

/** The action policy decides on: what was not proven to be anything is `blind`. */
export function actionOf(job: ClassifiedJob): JobClass {
  const isProven = job.transaction !== undefined || job.class === 'channel_announcement';
  return isProven ? job.class : 'blind';
}

/** Facts of one job; the batch it came in tells fees, if every input of its transaction is there. */
export function jobFacts(job: ClassifiedJob, batch: readonly ClassifiedJob[]): FactValues {
  const request = {
    batch_size: BigInt(batch.length),
    ...(job.channelPath !== undefined && { channel: job.channelPath }),
  };
  if (actionOf(job) === 'blind') return request;
  return joinFacts(
    request,
    job.transaction && transactionFacts(job.transaction),
    feeFacts(job, batch),
    detailFacts(job),
  );
}

function transactionFacts(transaction: ClassifiedTransaction): FactValues {
  const { inputs, outputs } = covered(transaction);
  const own = outputs.filter(({ ownPath }) => ownPath !== undefined);
  const foreign = outputs.filter(({ ownPath }) => ownPath === undefined);
  return {
    version: BigInt(transaction.version),
    locktime: BigInt(transaction.lockTime),
    sighash_type: BigInt(transaction.sighashType),
    input_index: BigInt(transaction.inputIndex),
    inputs_count: BigInt(inputs.length),
    input_sat: transaction.inputSat,
    outputs_count: BigInt(outputs.length),
    output_types: outputs.map(({ type }) => type),
    outputs: foreign.map(({ address, script }) => address ?? script),
    unknown_outputs: BigInt(foreign.length),
    amount_sat: sum(foreign),
    own_output_sat: sum(own),
  };
}

/** What the signature commits to: everything, or one input and the output at its index (BIP143). */
function covered({ sighashType, inputIndex, inputs, outputs }: ClassifiedTransaction) {
  if (sighashType !== SIGHASH_SINGLE_ANYONECANPAY) return { inputs, outputs };
  return {
    inputs: inputs.slice(inputIndex, inputIndex + 1),
    outputs: outputs.slice(inputIndex, inputIndex + 1),
  };
}

function feeFacts(job: ClassifiedJob, batch: readonly ClassifiedJob[]): FactValues {
  const fee = feeOf(job, batch);
  return fee === undefined ? {} : { fee_sat: fee.sat, feerate_sat_per_kw: fee.satPerKiloWeight };
}

/** Only the details of the job's own class are there. */
function detailFacts({ class: name, details, transaction }: ClassifiedJob): FactValues {
  const spendsFunding = details.fundingScript !== undefined;
  return present({
    capacity_sat: spendsFunding ? transaction?.inputSat : undefined,
    closing: spendsFunding ? name === 'mutual_close' : undefined,
    own_balance_sat: details.ownToRemoteSat,
    recreated_sat: details.recreatedFundingSat,
    short_channel_id: details.shortChannelId,
    revoked_output: details.revokedOutput,
    to_self_delay: integer(details.toSelfDelay),
    payment_hash160: details.paymentHash160,
    htlc_direction: details.htlcDirection,
    htlc_owner: details.htlcOwner,
    cltv_expiry: integer(details.cltvExpiry),
  });
}

function integer(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

/** Facts without those that are unknown. */
function present(facts: Readonly<Record<string, FactValue | undefined>>): FactValues {
  const known: Record<string, FactValue> = {};
  for (const [name, value] of Object.entries(facts)) if (value !== undefined) known[name] = value;
  return known;
}

function sum(outputs: readonly { readonly sat: bigint }[]): bigint {
  return outputs.reduce((total, { sat }) => total + sat, 0n);
}

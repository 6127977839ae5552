/** Containers of consensus-specs, `specs/electra/{beacon-chain,validator}.md`; names as there. */
import { bitlist, bitvector } from '../ssz/bits.ts';
import { container } from '../ssz/composite.ts';
import { uint64 } from '../ssz/numbers.ts';
import { AttestationData, MAX_VALIDATORS_PER_COMMITTEE } from './phase0.ts';
import { blsPubkey, blsSignature, bytes32, executionAddress } from './primitive.ts';

export const committeeBits = bitvector(({ MAX_COMMITTEES_PER_SLOT }) => MAX_COMMITTEES_PER_SLOT);

const Attestation = container({
  aggregation_bits: bitlist(
    ({ MAX_COMMITTEES_PER_SLOT }) => MAX_VALIDATORS_PER_COMMITTEE * MAX_COMMITTEES_PER_SLOT,
  ),
  data: AttestationData,
  signature: blsSignature,
  committee_bits: committeeBits,
});

export const AggregateAndProof = container({
  aggregator_index: uint64,
  aggregate: Attestation,
  selection_proof: blsSignature,
});

/** EIP-6110. */
export const DepositRequest = container({
  pubkey: blsPubkey,
  withdrawal_credentials: bytes32,
  amount: uint64,
  signature: blsSignature,
  index: uint64,
});

/** EIP-7002. */
export const WithdrawalRequest = container({
  source_address: executionAddress,
  validator_pubkey: blsPubkey,
  amount: uint64,
});

/** EIP-7251. */
export const ConsolidationRequest = container({
  source_address: executionAddress,
  source_pubkey: blsPubkey,
  target_pubkey: blsPubkey,
});

/** Containers of consensus-specs, `specs/gloas/{beacon-chain,builder,validator}.md`; names as there. */
import { byteList, byteVector, progressiveByteList } from '../ssz/bytes.ts';
import { progressiveBitlist } from '../ssz/bits.ts';
import { container, progressiveContainer, progressiveList } from '../ssz/composite.ts';
import { boolean, uint256, uint64 } from '../ssz/numbers.ts';
import {
  committeeBits,
  ConsolidationRequest,
  DepositRequest,
  WithdrawalRequest,
} from './electra.ts';
import { AttestationData } from './phase0.ts';
import { blsPubkey, blsSignature, bytes32, executionAddress } from './primitive.ts';

const BYTES_PER_LOGS_BLOOM = 256;
const MAX_EXTRA_DATA_BYTES = 32;

const Attestation = progressiveContainer({
  aggregation_bits: progressiveBitlist,
  data: AttestationData,
  signature: blsSignature,
  committee_bits: committeeBits,
});

export const AggregateAndProof = container({
  aggregator_index: uint64,
  aggregate: Attestation,
  selection_proof: blsSignature,
});

export const PayloadAttestationData = container({
  beacon_block_root: bytes32,
  slot: uint64,
  payload_present: boolean,
  blob_data_available: boolean,
});

export const ProposerPreferences = container({
  dependent_root: bytes32,
  proposal_slot: uint64,
  validator_index: uint64,
  fee_recipient: executionAddress,
  target_gas_limit: uint64,
});

export const ExecutionPayloadBid = progressiveContainer({
  parent_block_hash: bytes32,
  parent_block_root: bytes32,
  block_hash: bytes32,
  prev_randao: bytes32,
  fee_recipient: executionAddress,
  gas_limit: uint64,
  builder_index: uint64,
  slot: uint64,
  value: uint64,
  execution_payment: uint64,
  blob_kzg_commitments: progressiveList(byteVector(48)),
  execution_requests_root: bytes32,
});

const Withdrawal = container({
  index: uint64,
  validator_index: uint64,
  address: executionAddress,
  amount: uint64,
});

const ExecutionPayload = progressiveContainer({
  parent_hash: bytes32,
  fee_recipient: executionAddress,
  state_root: bytes32,
  receipts_root: bytes32,
  logs_bloom: byteVector(BYTES_PER_LOGS_BLOOM),
  prev_randao: bytes32,
  block_number: uint64,
  gas_limit: uint64,
  gas_used: uint64,
  timestamp: uint64,
  extra_data: byteList(MAX_EXTRA_DATA_BYTES),
  base_fee_per_gas: uint256,
  block_hash: bytes32,
  transactions: progressiveList(progressiveByteList),
  withdrawals: progressiveList(Withdrawal),
  blob_gas_used: uint64,
  excess_blob_gas: uint64,
  block_access_list: progressiveByteList,
  slot_number: uint64,
});

/** EIP-8282. */
const BuilderDepositRequest = container({
  pubkey: blsPubkey,
  withdrawal_credentials: bytes32,
  amount: uint64,
  signature: blsSignature,
});

/** EIP-8282. */
const BuilderExitRequest = container({ source_address: executionAddress, pubkey: blsPubkey });

const ExecutionRequests = progressiveContainer({
  deposits: progressiveList(DepositRequest),
  withdrawals: progressiveList(WithdrawalRequest),
  consolidations: progressiveList(ConsolidationRequest),
  builder_deposits: progressiveList(BuilderDepositRequest),
  builder_exits: progressiveList(BuilderExitRequest),
});

export const ExecutionPayloadEnvelope = progressiveContainer({
  payload: ExecutionPayload,
  execution_requests: ExecutionRequests,
  builder_index: uint64,
  beacon_block_root: bytes32,
  parent_beacon_block_root: bytes32,
});

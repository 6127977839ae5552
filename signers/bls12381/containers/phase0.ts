/** Containers of consensus-specs, `specs/phase0/{beacon-chain,validator}.md`; names as there. */
import { bitlist } from '../ssz/bits.ts';
import { container, list, vector } from '../ssz/composite.ts';
import { uint64, uint64List } from '../ssz/numbers.ts';
import { blsPubkey, blsSignature, bytes32 } from './primitive.ts';

export const MAX_VALIDATORS_PER_COMMITTEE = 2048;
const DEPOSIT_CONTRACT_TREE_DEPTH = 32;
const MAX_PROPOSER_SLASHINGS = 16;
const MAX_ATTESTER_SLASHINGS = 2;
const MAX_ATTESTATIONS = 128;
const MAX_DEPOSITS = 16;
const MAX_VOLUNTARY_EXITS = 16;

const Checkpoint = container({ epoch: uint64, root: bytes32 });

export const AttestationData = container({
  slot: uint64,
  index: uint64,
  beacon_block_root: bytes32,
  source: Checkpoint,
  target: Checkpoint,
});

const Attestation = container({
  aggregation_bits: bitlist(() => MAX_VALIDATORS_PER_COMMITTEE),
  data: AttestationData,
  signature: blsSignature,
});

export const AggregateAndProof = container({
  aggregator_index: uint64,
  aggregate: Attestation,
  selection_proof: blsSignature,
});

/** What the domain of an aggregator's selection proof is mixed into: the slot itself. */
export const SelectionSlot = container({ slot: uint64 });
/** What the domain of a randao reveal is mixed into: the epoch itself. */
export const RandaoEpoch = container({ epoch: uint64 });

export const VoluntaryExit = container({ epoch: uint64, validator_index: uint64 });

export const DepositMessage = container({
  pubkey: blsPubkey,
  withdrawal_credentials: bytes32,
  amount: uint64,
});

export const BeaconBlockHeader = container({
  slot: uint64,
  proposer_index: uint64,
  parent_root: bytes32,
  state_root: bytes32,
  body_root: bytes32,
});

const Eth1Data = container({ deposit_root: bytes32, deposit_count: uint64, block_hash: bytes32 });

const SignedBeaconBlockHeader = container({ message: BeaconBlockHeader, signature: blsSignature });
const ProposerSlashing = container({
  signed_header_1: SignedBeaconBlockHeader,
  signed_header_2: SignedBeaconBlockHeader,
});

const IndexedAttestation = container({
  attesting_indices: uint64List(MAX_VALIDATORS_PER_COMMITTEE),
  data: AttestationData,
  signature: blsSignature,
});
const AttesterSlashing = container({
  attestation_1: IndexedAttestation,
  attestation_2: IndexedAttestation,
});

const DepositData = container({
  pubkey: blsPubkey,
  withdrawal_credentials: bytes32,
  amount: uint64,
  signature: blsSignature,
});
const Deposit = container({
  proof: vector(bytes32, DEPOSIT_CONTRACT_TREE_DEPTH + 1),
  data: DepositData,
});

const SignedVoluntaryExit = container({ message: VoluntaryExit, signature: blsSignature });

/** Fields of a block body, which altair adds to. */
export const BODY_FIELDS = {
  randao_reveal: blsSignature,
  eth1_data: Eth1Data,
  graffiti: bytes32,
  proposer_slashings: list(ProposerSlashing, MAX_PROPOSER_SLASHINGS),
  attester_slashings: list(AttesterSlashing, MAX_ATTESTER_SLASHINGS),
  attestations: list(Attestation, MAX_ATTESTATIONS),
  deposits: list(Deposit, MAX_DEPOSITS),
  voluntary_exits: list(SignedVoluntaryExit, MAX_VOLUNTARY_EXITS),
} as const;

export const BeaconBlock = container({
  slot: uint64,
  proposer_index: uint64,
  parent_root: bytes32,
  state_root: bytes32,
  body: container(BODY_FIELDS),
});

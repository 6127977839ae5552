/** Containers of consensus-specs, `specs/altair/{beacon-chain,validator}.md`; names as there. */
import { bitvector } from '../ssz/bits.ts';
import { container, withUnhashed } from '../ssz/composite.ts';
import { uint64 } from '../ssz/numbers.ts';
import { BODY_FIELDS } from './phase0.ts';
import { blsSignature, bytes32 } from './primitive.ts';

const SYNC_COMMITTEE_SUBNET_COUNT = 4;

/** The block root alone is signed; the slot says which fork. */
export const SyncCommitteeMessage = withUnhashed(container({ beacon_block_root: bytes32 }), {
  slot: uint64,
});

export const SyncAggregatorSelectionData = container({ slot: uint64, subcommittee_index: uint64 });

const SyncCommitteeContribution = container({
  slot: uint64,
  beacon_block_root: bytes32,
  subcommittee_index: uint64,
  aggregation_bits: bitvector(
    ({ SYNC_COMMITTEE_SIZE }) => SYNC_COMMITTEE_SIZE / SYNC_COMMITTEE_SUBNET_COUNT,
  ),
  signature: blsSignature,
});

export const ContributionAndProof = container({
  aggregator_index: uint64,
  contribution: SyncCommitteeContribution,
  selection_proof: blsSignature,
});

const SyncAggregate = container({
  sync_committee_bits: bitvector(({ SYNC_COMMITTEE_SIZE }) => SYNC_COMMITTEE_SIZE),
  sync_committee_signature: blsSignature,
});

export const BeaconBlock = container({
  slot: uint64,
  proposer_index: uint64,
  parent_root: bytes32,
  state_root: bytes32,
  body: container({ ...BODY_FIELDS, sync_aggregate: SyncAggregate }),
});

/**
 * Every type of request of the Remote Signing API (ethereum/remote-signing-api v1.4.0): what is
 * signed, under which domain, and from where the fork version is taken. All else follows from here.
 */
import * as altair from './containers/altair.ts';
import * as builder from './containers/builder.ts';
import * as electra from './containers/electra.ts';
import * as gloas from './containers/gloas.ts';
import * as phase0 from './containers/phase0.ts';
import { version } from './containers/primitive.ts';
import { dutyForm, type MessageOf, optionalBytes, plain, versioned } from './duty-form.ts';
import { withUnhashed } from './ssz/composite.ts';

export const DUTIES = {
  /** Deprecated in the standard; phase0 alone. */
  BLOCK: dutyForm({
    member: 'block',
    shape: plain(phase0.BeaconBlock),
    domain: 'BEACON_PROPOSER',
    slot: ({ slot }) => slot,
    slashable: ({ slot }) => ({ kind: 'block', slot }),
  }),
  BLOCK_V2: dutyForm({
    member: 'beacon_block',
    shape: versioned(
      { since: 'PHASE0', member: 'block', type: phase0.BeaconBlock },
      { since: 'ALTAIR', member: 'block', type: altair.BeaconBlock },
      { since: 'BELLATRIX', member: 'block_header', type: phase0.BeaconBlockHeader },
    ),
    domain: 'BEACON_PROPOSER',
    slot: ({ slot }) => slot,
    slashable: ({ slot }) => ({ kind: 'block', slot }),
  }),
  ATTESTATION: dutyForm({
    member: 'attestation',
    shape: plain(phase0.AttestationData),
    domain: 'BEACON_ATTESTER',
    slot: ({ slot }) => slot,
    epoch: ({ target }) => target.epoch,
    slashable: ({ source, target }) => ({
      kind: 'attestation',
      source: source.epoch,
      target: target.epoch,
    }),
  }),
  /** Deprecated in the standard; up to deneb. */
  AGGREGATE_AND_PROOF: dutyForm({
    member: 'aggregate_and_proof',
    shape: plain(phase0.AggregateAndProof),
    domain: 'AGGREGATE_AND_PROOF',
    slot: ({ aggregate }) => aggregate.data.slot,
  }),
  AGGREGATE_AND_PROOF_V2: dutyForm({
    member: 'aggregate_and_proof',
    shape: versioned(
      { since: 'PHASE0', member: 'data', type: phase0.AggregateAndProof },
      { since: 'ELECTRA', member: 'data', type: electra.AggregateAndProof },
      { since: 'GLOAS', member: 'data', type: gloas.AggregateAndProof },
    ),
    domain: 'AGGREGATE_AND_PROOF',
    slot: ({ aggregate }) => aggregate.data.slot,
  }),
  AGGREGATION_SLOT: dutyForm({
    member: 'aggregation_slot',
    shape: plain(phase0.SelectionSlot),
    domain: 'SELECTION_PROOF',
    slot: ({ slot }) => slot,
  }),
  RANDAO_REVEAL: dutyForm({
    member: 'randao_reveal',
    shape: plain(phase0.RandaoEpoch),
    domain: 'RANDAO',
    epoch: ({ epoch }) => epoch,
  }),
  VOLUNTARY_EXIT: dutyForm({
    member: 'voluntary_exit',
    shape: plain(phase0.VoluntaryExit),
    domain: 'VOLUNTARY_EXIT',
    rule: 'exit',
    epoch: ({ epoch }) => epoch,
  }),
  DEPOSIT: dutyForm({
    member: 'deposit',
    shape: plain(withUnhashed(phase0.DepositMessage, { genesis_fork_version: version })),
    domain: 'DEPOSIT',
    rule: 'genesis',
    genesisVersion: ({ genesis_fork_version }) => genesis_fork_version,
  }),
  SYNC_COMMITTEE_MESSAGE: dutyForm({
    member: 'sync_committee_message',
    shape: plain(altair.SyncCommitteeMessage),
    domain: 'SYNC_COMMITTEE',
    slot: ({ slot }) => slot,
  }),
  SYNC_COMMITTEE_SELECTION_PROOF: dutyForm({
    member: 'sync_aggregator_selection_data',
    shape: plain(altair.SyncAggregatorSelectionData),
    domain: 'SYNC_COMMITTEE_SELECTION_PROOF',
    slot: ({ slot }) => slot,
  }),
  SYNC_COMMITTEE_CONTRIBUTION_AND_PROOF: dutyForm({
    member: 'contribution_and_proof',
    shape: plain(altair.ContributionAndProof),
    domain: 'CONTRIBUTION_AND_PROOF',
    slot: ({ contribution }) => contribution.slot,
  }),
  VALIDATOR_REGISTRATION: dutyForm({
    member: 'validator_registration',
    shape: plain(builder.ValidatorRegistration),
    domain: 'APPLICATION_BUILDER',
    rule: 'genesis',
    // Proposed for the standard: ethereum/remote-signing-api, pull request 24.
    genesisVersion: (_registration, body) => optionalBytes(body, 'genesis_fork_version', 4),
  }),
  PAYLOAD_ATTESTATION_MESSAGE: dutyForm({
    member: 'payload_attestation_message',
    shape: versioned({ since: 'GLOAS', member: 'data', type: gloas.PayloadAttestationData }),
    domain: 'PTC_ATTESTER',
    slot: ({ slot }) => slot,
  }),
  PROPOSER_PREFERENCES: dutyForm({
    member: 'proposer_preferences',
    shape: versioned({ since: 'GLOAS', member: 'data', type: gloas.ProposerPreferences }),
    domain: 'PROPOSER_PREFERENCES',
    slot: ({ proposal_slot }) => proposal_slot,
  }),
  EXECUTION_PAYLOAD_BID: dutyForm({
    member: 'execution_payload_bid',
    shape: versioned({ since: 'GLOAS', member: 'data', type: gloas.ExecutionPayloadBid }),
    domain: 'BEACON_BUILDER',
    slot: ({ slot }) => slot,
  }),
  EXECUTION_PAYLOAD_ENVELOPE: dutyForm({
    member: 'execution_payload_envelope',
    shape: versioned({ since: 'GLOAS', member: 'data', type: gloas.ExecutionPayloadEnvelope }),
    domain: 'BEACON_BUILDER',
    slot: ({ payload }) => payload.slot_number,
  }),
  BUILDER_REQUEST_AUTH: dutyForm({
    member: 'builder_request_auth',
    shape: versioned({ since: 'GLOAS', member: 'data', type: builder.BuilderRequestAuth }),
    domain: 'BUILDER_REQUEST_AUTH',
    rule: 'genesis',
    slot: ({ slot }) => slot,
  }),
} as const;

export type DutyType = keyof typeof DUTIES;

export function isDutyType(name: string): name is DutyType {
  return Object.hasOwn(DUTIES, name);
}

/** All types that are signed, by their names in the standard. */
export const DUTY_TYPES: readonly DutyType[] = Object.keys(DUTIES).filter(isDutyType);

/** What the message of a type holds, by the names of consensus-specs; hex is without `0x`. */
export type DutyMessage<Type extends DutyType> = MessageOf<(typeof DUTIES)[Type]>;

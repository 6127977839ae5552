/**
 * Signing roots by Lodestar's types and ChainSafe's SSZ, and bodies of every type made from those
 * types. Lodestar fixes its preset when it is loaded: set the active one before importing this.
 */
import { ContainerType } from '@chainsafe/ssz';
import * as params from '@lodestar/params';
import { ssz } from '@lodestar/types';
import fc from 'fast-check';

import type { DutyType } from '../../signers/bls12381/index.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { objectIn } from './bls-vectors.ts';
import { type AnyType, jsonOf, uint64, widen, withPrefix } from './bls-json.ts';

export interface OracleCase {
  readonly type: DutyType;
  readonly name: string;
  readonly body: fc.Arbitrary<JsonObject>;
  /** The root of such a body, on a network of that genesis fork version. */
  readonly root: (body: JsonObject, genesisForkVersion: string) => string;
}

interface OracleEntry {
  readonly type: DutyType;
  readonly member: string;
  readonly fork?: string;
  /** Under which the message stands, beside its version. */
  readonly inner?: string;
  readonly shape: AnyType;
  readonly domain: Uint8Array;
  /** Members that lead to the slot, or to the epoch. */
  readonly slot?: readonly string[];
  readonly epoch?: readonly string[];
  /** What is signed of the message, if not the whole. */
  readonly signed?: (message: JsonObject) => Uint8Array;
  readonly genesis?: true;
}

const { phase0, altair, bellatrix, electra, gloas } = ssz;
const numberOf = (name: string) => (message: JsonObject) =>
  uint64.hashTreeRoot(uint64.fromJson(message[name]));

const bitsOf = new ContainerType({ slot: uint64, beaconBlockRoot: ssz.Root }, { jsonCase: 'eth2' });
const slotAlone = new ContainerType({ slot: uint64 }, { jsonCase: 'eth2' });
const epochAlone = new ContainerType({ epoch: uint64 }, { jsonCase: 'eth2' });
const deposit = new ContainerType(
  { ...phase0.DepositMessage.fields, genesisForkVersion: ssz.Bytes4 },
  { jsonCase: 'eth2' },
);

const block = { domain: params.DOMAIN_BEACON_PROPOSER, slot: ['slot'] };
const aggregate = {
  member: 'aggregate_and_proof',
  domain: params.DOMAIN_AGGREGATE_AND_PROOF,
  slot: ['aggregate', 'data', 'slot'],
};
const forGloas = { fork: 'GLOAS', inner: 'data' };

const ENTRIES: readonly OracleEntry[] = [
  { ...block, type: 'BLOCK', member: 'block', shape: phase0.BeaconBlock },
  ...['PHASE0', 'ALTAIR'].map((fork): OracleEntry => ({
    ...block,
    type: 'BLOCK_V2',
    member: 'beacon_block',
    fork,
    inner: 'block',
    shape: fork === 'PHASE0' ? phase0.BeaconBlock : altair.BeaconBlock,
  })),
  ...['BELLATRIX', 'CAPELLA', 'DENEB', 'ELECTRA', 'FULU', 'GLOAS'].map((fork): OracleEntry => ({
    ...block,
    type: 'BLOCK_V2',
    member: 'beacon_block',
    fork,
    inner: 'block_header',
    shape: phase0.BeaconBlockHeader,
  })),
  {
    type: 'ATTESTATION',
    member: 'attestation',
    shape: phase0.AttestationData,
    domain: params.DOMAIN_BEACON_ATTESTER,
    epoch: ['target', 'epoch'],
  },
  { ...aggregate, type: 'AGGREGATE_AND_PROOF', shape: phase0.AggregateAndProof },
  ...['PHASE0', 'ALTAIR', 'BELLATRIX', 'CAPELLA', 'DENEB', 'ELECTRA', 'FULU', 'GLOAS'].map(
    (fork): OracleEntry => ({
      ...aggregate,
      type: 'AGGREGATE_AND_PROOF_V2',
      fork,
      inner: 'data',
      shape:
        fork === 'GLOAS'
          ? gloas.AggregateAndProof
          : ['ELECTRA', 'FULU'].includes(fork)
            ? electra.AggregateAndProof
            : phase0.AggregateAndProof,
    }),
  ),
  {
    type: 'AGGREGATION_SLOT',
    member: 'aggregation_slot',
    shape: slotAlone,
    signed: numberOf('slot'),
    domain: params.DOMAIN_SELECTION_PROOF,
    slot: ['slot'],
  },
  {
    type: 'RANDAO_REVEAL',
    member: 'randao_reveal',
    shape: epochAlone,
    signed: numberOf('epoch'),
    domain: params.DOMAIN_RANDAO,
    epoch: ['epoch'],
  },
  {
    type: 'VOLUNTARY_EXIT',
    member: 'voluntary_exit',
    shape: phase0.VoluntaryExit,
    domain: params.DOMAIN_VOLUNTARY_EXIT,
    epoch: ['epoch'],
  },
  {
    type: 'DEPOSIT',
    member: 'deposit',
    shape: deposit,
    signed: rootBy(phase0.DepositMessage),
    domain: params.DOMAIN_DEPOSIT,
    genesis: true,
  },
  {
    type: 'SYNC_COMMITTEE_MESSAGE',
    member: 'sync_committee_message',
    shape: bitsOf,
    signed: (message) => ssz.Root.fromJson(message['beacon_block_root']),
    domain: params.DOMAIN_SYNC_COMMITTEE,
    slot: ['slot'],
  },
  {
    type: 'SYNC_COMMITTEE_SELECTION_PROOF',
    member: 'sync_aggregator_selection_data',
    shape: altair.SyncAggregatorSelectionData,
    domain: params.DOMAIN_SYNC_COMMITTEE_SELECTION_PROOF,
    slot: ['slot'],
  },
  {
    type: 'SYNC_COMMITTEE_CONTRIBUTION_AND_PROOF',
    member: 'contribution_and_proof',
    shape: altair.ContributionAndProof,
    domain: params.DOMAIN_CONTRIBUTION_AND_PROOF,
    slot: ['contribution', 'slot'],
  },
  {
    type: 'VALIDATOR_REGISTRATION',
    member: 'validator_registration',
    shape: bellatrix.ValidatorRegistrationV1,
    domain: params.DOMAIN_APPLICATION_BUILDER,
    genesis: true,
  },
  {
    ...forGloas,
    type: 'PAYLOAD_ATTESTATION_MESSAGE',
    member: 'payload_attestation_message',
    shape: gloas.PayloadAttestationData,
    domain: params.DOMAIN_PTC_ATTESTER,
    slot: ['slot'],
  },
  {
    ...forGloas,
    type: 'PROPOSER_PREFERENCES',
    member: 'proposer_preferences',
    shape: gloas.ProposerPreferences,
    domain: params.DOMAIN_PROPOSER_PREFERENCES,
    slot: ['proposal_slot'],
  },
  {
    ...forGloas,
    type: 'EXECUTION_PAYLOAD_BID',
    member: 'execution_payload_bid',
    shape: gloas.ExecutionPayloadBid,
    domain: params.DOMAIN_BEACON_BUILDER,
    slot: ['slot'],
  },
  {
    ...forGloas,
    type: 'EXECUTION_PAYLOAD_ENVELOPE',
    member: 'execution_payload_envelope',
    shape: gloas.ExecutionPayloadEnvelope,
    domain: params.DOMAIN_BEACON_BUILDER,
    slot: ['payload', 'slot_number'],
  },
  {
    ...forGloas,
    type: 'BUILDER_REQUEST_AUTH',
    member: 'builder_request_auth',
    shape: gloas.BuilderRequestAuth,
    domain: params.DOMAIN_BUILDER_REQUEST_AUTH,
    genesis: true,
  },
];

const forkInfo = new ContainerType(
  {
    fork: new ContainerType(
      { previousVersion: ssz.Bytes4, currentVersion: ssz.Bytes4, epoch: uint64 },
      { jsonCase: 'eth2' },
    ),
    genesisValidatorsRoot: ssz.Root,
  },
  { jsonCase: 'eth2' },
);

/** Every type, and every fork for which the standard has a shape of its own. */
export const oracleCases: readonly OracleCase[] = ENTRIES.map((entry) => {
  const { type, fork, member, inner } = entry;
  const shape = widen(entry.shape);
  const signed = entry.signed ?? rootBy(shape);
  const body = fc.record({
    message: jsonOf(shape),
    fork_info: jsonOf(forkInfo),
  });
  return {
    type,
    name: fork === undefined ? type : `${type} ${fork}`,
    body: body.map(({ message, fork_info }) => ({
      type,
      ...(entry.genesis ? {} : { fork_info }),
      [member]: inner === undefined ? message : { version: fork ?? null, [inner]: message },
    })),
    root(request, genesisForkVersion) {
      const held = objectIn(request, member);
      const message = inner === undefined ? held : objectIn(held, inner);
      const domain = domainOf(entry, message, request, genesisForkVersion);
      const objectRoot = signed(message);
      return withPrefix(phase0.SigningData.hashTreeRoot({ objectRoot, domain }));
    },
  };
});

function rootBy(type: AnyType): (message: JsonObject) => Uint8Array {
  const wide = widen(type);
  return (message) => wide.hashTreeRoot(wide.fromJson(message));
}

function domainOf(
  entry: OracleEntry,
  message: JsonObject,
  request: JsonObject,
  genesisForkVersion: string,
): Uint8Array {
  if (entry.genesis) {
    const version = message['genesis_fork_version'] ?? genesisForkVersion;
    return computeDomain(entry.domain, ssz.Bytes4.fromJson(version), new Uint8Array(32));
  }
  const { fork, genesisValidatorsRoot } = forkInfo.fromJson(request['fork_info']);
  const epoch =
    entry.epoch === undefined
      ? numberAt(message, entry.slot ?? []) / BigInt(params.SLOTS_PER_EPOCH)
      : numberAt(message, entry.epoch);
  const version = epoch < fork.epoch ? fork.previousVersion : fork.currentVersion;
  return computeDomain(entry.domain, version, genesisValidatorsRoot);
}

function numberAt(message: JsonObject, path: readonly string[]): bigint {
  const holder = path.slice(0, -1).reduce(objectIn, message);
  return uint64.fromJson(holder[path.at(-1) ?? '']);
}

function computeDomain(
  type: Uint8Array,
  currentVersion: Uint8Array,
  genesisValidatorsRoot: Uint8Array,
): Uint8Array {
  const forkData = phase0.ForkData.hashTreeRoot({ currentVersion, genesisValidatorsRoot });
  const domain = new Uint8Array(32);
  domain.set(type);
  domain.set(forkData.subarray(0, 28), 4);
  return domain;
}
